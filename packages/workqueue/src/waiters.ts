import { LinkedList, type Link } from './linked-list.ts';

/** A `get` that waits for something to hand out. */
interface Waiter<R> extends Link<Waiter<R>> {
  readonly resolve: (result: R) => void;
  /** Takes the abort listener off. */
  readonly release: () => void;
}

/** The gets that wait for an item, served in the order in which they came. */
export class Waiters<R> {
  readonly #waiting = new LinkedList<Waiter<R>>();

  /** How many wait. */
  get length(): number {
    return this.#waiting.length;
  }

  /** Waits for a result. When `signal` aborts first, rejects with its reason and waits no longer. */
  park(signal: AbortSignal | undefined): Promise<R> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting.remove(waiter);
        // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- a signal's reason is passed on as it is
        reject(signal?.reason);
      };
      const release = (): void => signal?.removeEventListener('abort', onAbort);
      const waiter: Waiter<R> = { resolve, release, previous: undefined, next: undefined };
      this.#waiting.append(waiter);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Gives `result` to the one that has waited the longest. Must not be called when nobody waits. */
  wake(result: R): void {
    const waiter = this.#waiting.first;
    if (waiter === undefined) return;
    this.#waiting.remove(waiter);
    waiter.release();
    waiter.resolve(result);
  }

  /** Gives `result` to all that wait. */
  wakeAll(result: R): void {
    while (this.#waiting.length > 0) this.wake(result);
  }
}
