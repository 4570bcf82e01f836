import {
  BucketRateLimiter,
  type Clock,
  ItemExponentialFailureRateLimiter,
  MaxOfRateLimiter,
  type RateLimiter,
} from '@kubeloop/ratelimiter';
import { checkRateLimiter } from '../check.ts';

/** The failures of keys as one process counts them, where others count too. */
export class FailureCounts {
  readonly #limiter: RateLimiter<string>;
  /** Counts failures; of the default limiter only the part that does, so that counting costs no turn of the bucket. */
  readonly #counter: RateLimiter<string>;

  /**
   * @param given - default: as `defaultControllerRateLimiter`, whose parts are needed here
   * @throws TypeError for a rate limiter that lacks a method
   */
  constructor(given: RateLimiter<string> | undefined, clock: Clock) {
    if (given) {
      this.#counter = checkRateLimiter(given);
      this.#limiter = given;
    } else {
      this.#counter = new ItemExponentialFailureRateLimiter({
        baseDelayMs: 5,
        maxDelayMs: 1_000_000,
      });
      const bucket = new BucketRateLimiter<string>({ qps: 10, burst: 100, clock });
      this.#limiter = new MaxOfRateLimiter(this.#counter, bucket);
    }
  }

  /** How many failures of a key are counted. */
  count(key: string): number {
    return this.#limiter.numRequeues(key);
  }

  /**
   * Counts one failure, and tells how long the key waits, in milliseconds.
   *
   * @throws RangeError when the rate limiter answers no finite number
   */
  next(key: string): number {
    const delayMs = this.#limiter.when(key);
    if (!Number.isFinite(delayMs))
      throw new RangeError(
        `Cannot retry "${key}": the rate limiter returned ${delayMs}, it must be a finite number of milliseconds`,
      );
    return delayMs;
  }

  /**
   * Counts on to what others have counted, if that is more, by asking a limiter that was given for as many delays: one that hands out turns
   * gives so many away.
   */
  raise(key: string, failures: number): void {
    let known = this.#counter.numRequeues(key);
    while (known < failures) {
      this.#counter.when(key);
      const counted = this.#counter.numRequeues(key);
      // A limiter that counts nothing.
      if (counted <= known) return;
      known = counted;
    }
  }

  /** Forgets the failures of a key. */
  forget(key: string): void {
    this.#limiter.forget(key);
  }
}
