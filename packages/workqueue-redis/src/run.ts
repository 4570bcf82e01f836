import { StaleRunError } from '@kubeloop/workqueue/engine';

/** What the server gave this process to work on. */
export interface Taken {
  readonly key: string;
  /** The number of this piece of work, which no other has. */
  readonly fence: string;
  readonly priority: number;
  /** How often the key has failed. */
  readonly failures: number;
}

/** One piece of work under way in this process. */
export class Run {
  readonly taken: Taken;
  /** When it began, by the clock. */
  readonly startedAtMs: number;
  readonly #controller = new AbortController();
  /** Additions that its end waits for. */
  #additions: Promise<unknown>[] | undefined;

  constructor(taken: Taken, startedAtMs: number) {
    this.taken = taken;
    this.startedAtMs = startedAtMs;
  }

  /** Aborts when the key may be worked on elsewhere. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether the key is not ours any more, or may not be. */
  get isStale(): boolean {
    return this.signal.aborted;
  }

  /** Lets its end wait for an addition: in the other order, a crash between both would lose it. */
  waitFor(addition: Promise<unknown>): void {
    this.#additions ??= [];
    this.#additions.push(addition);
  }

  /** What the server must have before the end; `undefined`: nothing. Never rejects. */
  added(): Promise<unknown> | undefined {
    return this.#additions && Promise.allSettled(this.#additions);
  }

  /** The key is not ours any more. */
  becomeStale(why: string): void {
    if (!this.isStale) this.#controller.abort(new StaleRunError(why));
  }
}
