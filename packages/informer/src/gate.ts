/** Options of everything that waits. */
export interface WaitOptions {
  /** Gives up waiting: the promise rejects with the signal's reason. Default: wait for as long as it takes. */
  readonly signal?: AbortSignal | undefined;
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** Something to wait for: closed at first, open once it has happened. */
export class Gate {
  #isOpen = false;
  readonly #waiters = new Set<Waiter>();

  /** Whether it has happened. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Lets everybody pass who waits now or asks later. */
  open(): void {
    this.#isOpen = true;
    this.release();
  }

  /** Makes those who ask from now on wait. */
  close(): void {
    this.#isOpen = false;
  }

  /** Lets those pass who wait now, and nobody else. */
  release(): void {
    for (const waiter of this.#take()) waiter.resolve();
  }

  /** Turns away everybody who waits now. */
  fail(reason: Error): void {
    for (const waiter of this.#take()) waiter.reject(reason);
  }

  /** Resolves when the gate is open; at once when it is open already. Leaves no listener on the signal. */
  async wait({ signal }: WaitOptions = {}): Promise<void> {
    if (this.#isOpen) return;
    signal?.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const settle = (): void => signal?.removeEventListener('abort', onAbort);
      const waiter: Waiter = {
        resolve: () => (settle(), resolve()),
        // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- a signal's reason can be anything
        reject: (reason) => (settle(), reject(reason)),
      };
      const onAbort = (): void => {
        this.#waiters.delete(waiter);
        waiter.reject(signal?.reason);
      };
      signal?.addEventListener('abort', onAbort);
      this.#waiters.add(waiter);
    });
  }

  #take(): Waiter[] {
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    return waiters;
  }
}
