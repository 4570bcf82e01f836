import {
  BucketRateLimiter,
  type Clock,
  ItemExponentialFailureRateLimiter,
  MaxOfRateLimiter,
  type RateLimiter,
} from '@kubeloop/ratelimiter';

/** How many keys with failures are known here at most; the server knows all. */
const mostKnown = 10_000;

/** The failures as this process knows them: what it counted, corrected by the server whenever it gives a key. */
export class Retries {
  readonly #limiter: RateLimiter<string>;
  /** Counts failures, and nothing else: what is counted twice costs no turn of a shared bucket. */
  readonly #counter: RateLimiter<string>;
  /** Keys with failures, the one that was touched last at the end. */
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

  /** The server says how often a key has failed. */
  correct(key: string, failures: number): void {
    let known = this.#counter.numRequeues(key);
    if (known === failures) return;
    if (known > failures) {
      this.forget(key);
      known = 0;
    }
    if (failures > 0) this.#touch(key);
    while (known < failures) {
      this.#counter.when(key);
      const counted = this.#counter.numRequeues(key);
      // A limiter that counts nothing.
      if (counted <= known) return;
      known = counted;
    }
  }

  /** Counts one failure, and tells how long the key waits. */
  next(key: string): number {
    this.#touch(key);
    const delayMs = this.#limiter.when(key);
    if (!Number.isFinite(delayMs))
      throw new RangeError(
        `Cannot retry "${key}": the rate limiter returned ${delayMs}, it must be a finite number of milliseconds`,
      );
    return delayMs;
  }

  /** How many failures are known here. */
  count(key: string): number {
    return this.#limiter.numRequeues(key);
  }

  /** Forgets the failures of a key. */
  forget(key: string): void {
    this.#failed.delete(key);
    this.#limiter.forget(key);
  }

  #touch(key: string): void {
    this.#failed.delete(key);
    this.#failed.add(key);
    if (this.#failed.size <= mostKnown) return;
    const [oldest] = this.#failed;
    if (oldest !== undefined) this.forget(oldest);
  }
}
