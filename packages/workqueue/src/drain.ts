import { Waiters } from './waiters.ts';

/**
 * How many microtasks a worker has between its last `done` and its next `get` before a drain takes it that
 * nobody is going to fetch what is queued. A worker that awaits the results of a few calls needs about five.
 */
const microtasksToFetch = 20;

/** What a drain looks at. */
export interface Drainable {
  /** How many items can be handed out. */
  readonly length: number;
  /** How many items were handed out and are not done. */
  readonly processingCount: number;
}

/** The drains of a queue that wait until nothing is being processed. */
export class Drain {
  readonly #waiters = new Waiters<void>();
  readonly #queue: Drainable;
  #isChecking = false;

  constructor(queue: Drainable) {
    this.#queue = queue;
  }

  /** Resolves when nothing is being processed, or at {@link Drain.release}. */
  wait(signal: AbortSignal | undefined): Promise<void> {
    const waiting = this.#waiters.park(signal);
    this.check();
    return waiting;
  }

  /** Looks whether the drains can end. To be called whenever something is done. */
  check(): void {
    if (this.#waiters.length === 0 || this.#queue.processingCount > 0 || this.#isChecking) return;
    if (this.#queue.length === 0) this.#waiters.wakeAll();
    else void this.#endUnlessFetched();
  }

  /** Ends all drains whatever is being processed. */
  release(): void {
    this.#waiters.wakeAll();
  }

  /** Items are queued: they are not waited for, unless a worker that was just done fetches them at once. */
  async #endUnlessFetched(): Promise<void> {
    this.#isChecking = true;
    for (let turn = 0; turn < microtasksToFetch; turn += 1) {
      await Promise.resolve();
      if (this.#queue.processingCount > 0) break;
    }
    this.#isChecking = false;
    if (this.#queue.processingCount === 0) this.#waiters.wakeAll();
  }
}
