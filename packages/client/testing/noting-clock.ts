import { FakeClock } from '@kubeloop/ratelimiter/testing';
import type { Timer } from '@kubeloop/ratelimiter';

/** A {@link FakeClock} that tells its timers apart by their delays, since a client sets several at a time. */
export class NotingClock extends FakeClock {
  readonly #set: Set<{ readonly delayMs: number }> = new Set();

  /** The delays of the timers that are set, in the order in which they were set. */
  get delays(): number[] {
    return [...this.#set].map(({ delayMs }) => delayMs);
  }

  /** Resolves when a timer of this delay is set; waits for what the client has to do until then. */
  async whenSet(delayMs: number): Promise<void> {
    while (!this.delays.includes(delayMs)) await new Promise((resolve) => setImmediate(resolve));
  }

  override setTimeout(callback: () => void, delayMs: number): Timer {
    const noted = { delayMs };
    this.#set.add(noted);
    const timer = super.setTimeout(() => {
      this.#set.delete(noted);
      callback();
    }, delayMs);
    return {
      cancel: () => {
        this.#set.delete(noted);
        timer.cancel();
      },
      unref: () => timer.unref(),
    };
  }
}
