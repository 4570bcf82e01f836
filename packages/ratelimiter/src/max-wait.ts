import { checkDelay, checkDuration } from './check.ts';
import type { RateLimiter } from './limiter.ts';

/** Options of {@link WithMaxWaitRateLimiter}. */
export interface WithMaxWaitRateLimiterOptions {
  /** The longest delay that gets through, in milliseconds. Zero means that nothing ever waits. */
  readonly maxDelayMs: number;
}

/** Clamps the delays of another limiter, so that no item waits longer than `maxDelayMs`. All else is that limiter's. */
export class WithMaxWaitRateLimiter<T> implements RateLimiter<T> {
  readonly #limiter: RateLimiter<T>;
  readonly #maxDelayMs: number;

  /** @throws RangeError for a `maxDelayMs` that is negative or not finite */
  constructor(limiter: RateLimiter<T>, options: WithMaxWaitRateLimiterOptions) {
    this.#limiter = limiter;
    this.#maxDelayMs = checkDuration('maxDelayMs', options.maxDelayMs);
  }

  /**
   * Counts one more failure of `item` and returns its delay in milliseconds, at most `maxDelayMs`.
   *
   * @throws RangeError when the limiter returns `NaN`
   */
  when(item: T): number {
    return Math.min(checkDelay(this.#limiter.when(item)), this.#maxDelayMs);
  }

  /** Forgets `item` in the limiter. */
  forget(item: T): void {
    this.#limiter.forget(item);
  }

  /** The failure count of `item` in the limiter. */
  numRequeues(item: T): number {
    return this.#limiter.numRequeues(item);
  }
}
