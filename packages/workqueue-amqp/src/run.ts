import { StaleRunError } from '@kubeloop/workqueue/engine';
import type { Again, Token, TokenTable } from './tokens.ts';

/** One piece of work under way in this process. */
export class Run {
  readonly token: Token;
  /** The table of the subscription that the key came by. */
  readonly table: TokenTable;
  readonly #controller = new AbortController();
  #isStale = false;
  /** Publishes that the acknowledgement waits for. */
  #publishes: Promise<void>[] | undefined;
  #again: Again | undefined;

  constructor(token: Token, table: TokenTable) {
    this.token = token;
    this.table = table;
  }

  /** Aborts when the key may be worked on elsewhere. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether the message of the run was given to another process, or back to the broker. */
  get isStale(): boolean {
    return this.#isStale;
  }

  /** Whether a short delay can be kept by the message of the run, with no word to the broker. */
  get canKeep(): boolean {
    return !this.#isStale && this.token.heldTag !== 0;
  }

  /** Lets the acknowledgement wait for a publish. */
  waitFor(publish: Promise<void>): void {
    this.#publishes ??= [];
    this.#publishes.push(publish);
  }

  /** When the key is to be worked on again, kept by its message. */
  get again(): Again | undefined {
    return this.#again;
  }

  /** Keeps the key for later, in place of a publish. Of two times the earlier counts, and the higher priority. */
  keepUntil(atMs: number, priority: number): void {
    const before = this.#again;
    this.#again = {
      atMs: Math.min(before?.atMs ?? Infinity, atMs),
      priority: Math.max(before?.priority ?? -Infinity, priority),
    };
  }

  /** What must be confirmed before the message may be acknowledged; `undefined`: nothing. */
  published(): Promise<unknown> | undefined {
    return this.#publishes && Promise.all(this.#publishes);
  }

  /** Asks the work to end. */
  abort(why: string): void {
    if (!this.signal.aborted) this.#controller.abort(new StaleRunError(why));
  }

  /** The message is not ours any more. */
  becomeStale(why: string): void {
    this.#isStale = true;
    this.abort(why);
  }
}
