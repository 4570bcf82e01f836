import { checkCount } from './check.ts';
import type { Clock } from './clock.ts';
import type { RateLimiter } from './limiter.ts';
import { TokenBucket } from './token-bucket.ts';

/** Options of {@link BucketRateLimiter}. */
export interface BucketRateLimiterOptions {
  /** How many retries a second all items may have together; more than zero. `Infinity` means no limit. */
  readonly qps: number;
  /** How many retries may go at once after a quiet time; at least 1. */
  readonly burst: number;
  /** Where time comes from; default: the process's clock. */
  readonly clock?: Clock | undefined;
}

/**
 * Spaces out the retries of all items together by one token bucket, whichever item they are of.
 *
 * It keeps no count per item: `forget` does nothing and `numRequeues` is always zero. Combine it with a
 * limiter per item by {@link MaxOfRateLimiter}.
 */
export class BucketRateLimiter<T> implements RateLimiter<T> {
  readonly #bucket: TokenBucket;

  /** @throws RangeError for a rate that is not more than zero and for a burst below 1 */
  constructor(options: BucketRateLimiterOptions) {
    checkCount('burst', options.burst, 1);
    this.#bucket = new TokenBucket(options);
  }

  /** Takes the next free place and returns how many milliseconds it is away. */
  when(_item: T): number {
    return this.#bucket.reserve().delayMs;
  }

  /** Does nothing: the bucket does not tell items apart. */
  forget(_item: T): void {}

  /** Always zero: the bucket does not tell items apart. */
  numRequeues(_item: T): number {
    return 0;
  }
}
