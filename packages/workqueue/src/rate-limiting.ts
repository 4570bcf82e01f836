import { defaultControllerRateLimiter, type RateLimiter } from '@kubeloop/ratelimiter';
import { checkRateLimiter } from './check.ts';
import type { AddOptions, Queue } from './contract.ts';
import { delayOf } from './delay-of.ts';
import { DelayingQueue, type DelayingQueueOptions } from './delaying.ts';

/** Options of {@link RateLimitingQueue}. */
export interface RateLimitingQueueOptions<T> extends DelayingQueueOptions<T> {
  /** Says how long a failed item waits; default: `defaultControllerRateLimiter`, 5 ms doubling up to 1000 s, and 10 a second for all. One of yours needs the same `keyOf` as the queue. */
  readonly rateLimiter?: RateLimiter<T> | undefined;
}

/**
 * A {@link DelayingQueue} that lets failed items wait, longer with each failure.
 *
 * After work that failed call {@link RateLimitingQueue.addRateLimited | addRateLimited}, after work that
 * succeeded {@link RateLimitingQueue.forget | forget}, and after both `done`; {@link runWorkers} does so.
 *
 * It behaves as `TypedRateLimitingInterface` in client-go's `util/workqueue/rate_limiting_queue.go`.
 */
export class RateLimitingQueue<T> extends DelayingQueue<T> implements Queue<T> {
  readonly #rateLimiter: RateLimiter<T>;

  /** @throws RangeError when `metricsPeriodMs` is not a number of milliseconds, 1 or more; TypeError for an option of the wrong kind */
  constructor(options: RateLimitingQueueOptions<T> = {}) {
    super(options);
    const { keyOf, clock } = options;
    this.#rateLimiter = options.rateLimiter
      ? checkRateLimiter(options.rateLimiter)
      : defaultControllerRateLimiter<T>({ keyOf, clock });
  }

  /**
   * Says that `item` needs work: at once, after `afterMs`, or after the delay of the rate limiter.
   *
   * @throws TypeError for an object when there is no `keyOf`
   * @throws RangeError when `afterMs` is not a finite number, or the rate limiter returns none
   */
  override add(item: T, options?: AddOptions): void {
    if (!options?.rateLimited) super.add(item, options);
    else if (!this.shuttingDown) this.addAfter(item, delayOf(item, options, this.#rateLimiter));
  }

  /**
   * Adds `item` after the delay that the rate limiter gives it, which counts as one more failure.
   * Ignored after shutdown.
   *
   * @throws RangeError when the rate limiter returns something else than a finite number
   */
  addRateLimited(item: T, options?: AddOptions): void {
    this.add(item, { ...options, rateLimited: true });
  }

  /** Lets the rate limiter forget the failures of `item`. What is queued or waits for its time stays. */
  forget(item: T): void {
    this.#rateLimiter.forget(item);
  }

  /** How many failures of `item` the rate limiter has counted since it was last forgotten. */
  numRequeues(item: T): number {
    return this.#rateLimiter.numRequeues(item);
  }
}
