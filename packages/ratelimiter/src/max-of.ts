import { checkDelay } from './check.ts';
import type { RateLimiter } from './limiter.ts';

/**
 * Asks several limiters and returns the longest delay and the largest failure count among them.
 *
 * Every limiter is asked every time, so each of them counts every failure, and `forget` reaches all of them.
 * Without any limiter nothing ever waits.
 */
export class MaxOfRateLimiter<T> implements RateLimiter<T> {
  readonly #limiters: readonly RateLimiter<T>[];

  /** @param limiters - the limiters to ask, in this order */
  constructor(...limiters: readonly RateLimiter<T>[]) {
    this.#limiters = [...limiters];
  }

  /**
   * Counts one more failure of `item` in every limiter and returns the longest of their delays in milliseconds.
   *
   * @throws RangeError when a limiter returns `NaN`
   */
  when(item: T): number {
    let delayMs = 0;
    for (const limiter of this.#limiters)
      delayMs = Math.max(delayMs, checkDelay(limiter.when(item)));
    return delayMs;
  }

  /** Forgets `item` in every limiter. */
  forget(item: T): void {
    for (const limiter of this.#limiters) limiter.forget(item);
  }

  /** The largest failure count of `item` in any limiter. */
  numRequeues(item: T): number {
    let count = 0;
    for (const limiter of this.#limiters) count = Math.max(count, limiter.numRequeues(item));
    return count;
  }
}
