import type { ReflectorLike } from './informer-options.ts';
import type { ListLimit } from './list-limit.ts';

/** A reflector that begins each run when it is its turn to list. */
export class LimitedReflector implements ReflectorLike {
  readonly #reflector: ReflectorLike;
  readonly #limit: ListLimit;
  #endTurn: (() => void) | undefined;

  constructor(reflector: ReflectorLike, limit: ListLimit) {
    this.#reflector = reflector;
    this.#limit = limit;
  }

  get lastSyncResourceVersion(): string {
    return this.#reflector.lastSyncResourceVersion;
  }

  /** The list is there, or will not come soon. Can be called at any time. */
  endTurn(): void {
    this.#endTurn?.();
    this.#endTurn = undefined;
  }

  /** Waits for its turn, then reads until the signal aborts. */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    this.#endTurn = await this.#limit.take(signal);
    if (!this.#endTurn) return;
    try {
      await this.#reflector.run({ signal });
    } finally {
      this.endTurn();
    }
  }
}
