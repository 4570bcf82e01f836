import { randomUUID } from 'node:crypto';
import {
  BucketRateLimiter,
  type Clock,
  ItemExponentialFailureRateLimiter,
  MaxOfRateLimiter,
  type RateLimiter,
} from '@kubeloop/ratelimiter';

/** The failures that this process has counted, and those that a message told of. */
export class Retries {
  readonly #limiter: RateLimiter<string>;
  /** Counts failures, and nothing else: what is counted twice costs no turn of a shared bucket. */
  readonly #counter: RateLimiter<string>;
  readonly #name = randomUUID().slice(0, 8);
  #era = 0;
  /** Keys with failures. */
  readonly #failed = new Set<string>();

  /** @param given - default: as `defaultControllerRateLimiter`, whose parts are needed here */
  constructor(given: RateLimiter<string> | undefined, clock: Clock) {
    if (given) {
      for (const name of ['when', 'forget', 'numRequeues'] as const)
        if (typeof given[name] !== 'function')
          throw new TypeError(`Cannot use this rateLimiter: it has no method ${name}`);
      this.#counter = given;
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

  /** Names what is counted here, until some of it is forgotten because others count on. */
  get counter(): string {
    return `${this.#name}-${this.#era}`;
  }

  /** Counts on from what a message tells, if it was counted elsewhere. */
  catchUp(key: string, attempts: number, counter: string | undefined): void {
    if (attempts === 0 || counter === this.counter) return;
    this.#failed.add(key);
    let known = this.#counter.numRequeues(key);
    while (known < attempts) {
      this.#counter.when(key);
      const counted = this.#counter.numRequeues(key);
      // A limiter that counts nothing.
      if (counted <= known) return;
      known = counted;
    }
  }

  /** Counts one failure, and tells how long the key waits. */
  next(key: string): number {
    this.#failed.add(key);
    const delayMs = this.#limiter.when(key);
    if (!Number.isFinite(delayMs))
      throw new RangeError(
        `Cannot retry "${key}": the rate limiter returned ${delayMs}, it must be a finite number of milliseconds`,
      );
    return delayMs;
  }

  /** How many failures are counted. */
  count(key: string): number {
    return this.#limiter.numRequeues(key);
  }

  /** Forgets the failures of a key. */
  forget(key: string): void {
    this.#failed.delete(key);
    this.#limiter.forget(key);
  }

  /** Forgets those of all keys that fit: another process counts on. */
  forgetAll(fits: (key: string) => boolean): void {
    this.#era += 1;
    for (const key of this.#failed) if (fits(key)) this.forget(key);
  }
}
