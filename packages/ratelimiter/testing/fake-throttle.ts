import type { Throttle, WaitOptions } from '../src/throttle.ts';

/** A {@link Throttle} that lets everything through at once. */
export class AlwaysThrottle implements Throttle {
  /** Always `true`. */
  allow(): boolean {
    return true;
  }

  /** Resolves at once; rejects with the signal's reason when it has aborted already. */
  async wait(options: WaitOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
  }
}

/** A {@link Throttle} that lets nothing through until it is stopped. */
export class NeverThrottle implements Throttle {
  readonly #stop = new AbortController();

  /** Always `false`. */
  allow(): boolean {
    return false;
  }

  /** Resolves when {@link NeverThrottle.stop | stop} is called; rejects with the signal's reason when that aborts first. */
  async wait(options: WaitOptions = {}): Promise<void> {
    const { signal } = options;
    signal?.throwIfAborted();
    if (this.#stop.signal.aborted) return;
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => {
        this.#stop.signal.removeEventListener('abort', onStop);
        // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- a signal's reason is passed on as it is
        reject(signal?.reason);
      };
      const onStop = (): void => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      this.#stop.signal.addEventListener('abort', onStop, { once: true });
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Lets every waiting and later `wait` resolve. `allow` goes on to refuse. */
  stop(): void {
    this.#stop.abort();
  }
}
