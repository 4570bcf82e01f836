import { checkDuration } from './check.ts';
import { identityOf, type Identity, type KeyOf } from './identity.ts';
import type { RateLimiter } from './limiter.ts';

/** Options of {@link ItemExponentialFailureRateLimiter}. */
export interface ItemExponentialFailureRateLimiterOptions<T> {
  /** The delay after the first failure, in milliseconds. Zero means that no item ever waits. Usual: 5. */
  readonly baseDelayMs: number;
  /** The longest delay, in milliseconds. Usual: 1,000,000 (a good quarter of an hour). */
  readonly maxDelayMs: number;
  /** Names the key of an item; needed for items that are objects. Default: primitives stand for themselves. */
  readonly keyOf?: KeyOf<T> | undefined;
}

/**
 * Doubles the delay of an item with each of its failures: `baseDelayMs · 2^failures`, at most `maxDelayMs`.
 *
 * Items do not influence each other. After any number of failures the delay is exactly the cap.
 * An item is remembered until it is forgotten, so call `forget` for every item that is finished with.
 *
 * @example
 * ```ts
 * import { ItemExponentialFailureRateLimiter } from '@kubeloop/ratelimiter';
 *
 * const limiter = new ItemExponentialFailureRateLimiter<string>({ baseDelayMs: 5, maxDelayMs: 1_000_000 });
 * limiter.when('a'); // => 5
 * limiter.when('a'); // => 10
 * ```
 */
export class ItemExponentialFailureRateLimiter<T> implements RateLimiter<T> {
  readonly #baseDelayMs: number;
  readonly #maxDelayMs: number;
  readonly #identify: (item: T) => Identity;
  readonly #failures = new Map<Identity, number>();

  /** @throws RangeError for a delay that is negative or not finite */
  constructor(options: ItemExponentialFailureRateLimiterOptions<T>) {
    this.#baseDelayMs = checkDuration('baseDelayMs', options.baseDelayMs);
    this.#maxDelayMs = checkDuration('maxDelayMs', options.maxDelayMs);
    this.#identify = identityOf(options.keyOf);
  }

  /** Counts one more failure of `item` and returns its delay in milliseconds. */
  when(item: T): number {
    const identity = this.#identify(item);
    const failures = this.#failures.get(identity) ?? 0;
    this.#failures.set(identity, failures + 1);
    // Zero times the Infinity of a large power would be NaN.
    if (this.#baseDelayMs === 0) return 0;
    return Math.min(this.#baseDelayMs * 2 ** failures, this.#maxDelayMs);
  }

  /** Lets `item` start again at the base delay. */
  forget(item: T): void {
    this.#failures.delete(this.#identify(item));
  }

  /** How many times `item` has failed since it was last forgotten. */
  numRequeues(item: T): number {
    return this.#failures.get(this.#identify(item)) ?? 0;
  }
}
