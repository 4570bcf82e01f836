import { checkCount, checkDuration } from './check.ts';
import { identityOf, type Identity, type KeyOf } from './identity.ts';
import type { RateLimiter } from './limiter.ts';

/** Options of {@link ItemFastSlowRateLimiter}. */
export interface ItemFastSlowRateLimiterOptions<T> {
  /** The delay after each of the first `maxFastAttempts` failures, in milliseconds. */
  readonly fastDelayMs: number;
  /** The delay after each further failure, in milliseconds. */
  readonly slowDelayMs: number;
  /** How many failures get the fast delay. Zero means that every delay is the slow one. */
  readonly maxFastAttempts: number;
  /** Names the key of an item; needed for items that are objects. Default: primitives stand for themselves. */
  readonly keyOf?: KeyOf<T> | undefined;
}

/** Retries an item quickly a few times, then slowly until it is forgotten. Items do not influence each other. */
export class ItemFastSlowRateLimiter<T> implements RateLimiter<T> {
  readonly #fastDelayMs: number;
  readonly #slowDelayMs: number;
  readonly #maxFastAttempts: number;
  readonly #identify: (item: T) => Identity;
  readonly #failures = new Map<Identity, number>();

  /** @throws RangeError for a delay that is negative or not finite, and for a count that is not a whole number */
  constructor(options: ItemFastSlowRateLimiterOptions<T>) {
    this.#fastDelayMs = checkDuration('fastDelayMs', options.fastDelayMs);
    this.#slowDelayMs = checkDuration('slowDelayMs', options.slowDelayMs);
    this.#maxFastAttempts = checkCount('maxFastAttempts', options.maxFastAttempts);
    this.#identify = identityOf(options.keyOf);
  }

  /** Counts one more failure of `item` and returns its delay in milliseconds. */
  when(item: T): number {
    const identity = this.#identify(item);
    const failures = (this.#failures.get(identity) ?? 0) + 1;
    this.#failures.set(identity, failures);
    return failures <= this.#maxFastAttempts ? this.#fastDelayMs : this.#slowDelayMs;
  }

  /** Lets `item` start again with fast attempts. */
  forget(item: T): void {
    this.#failures.delete(this.#identify(item));
  }

  /** How many times `item` has failed since it was last forgotten. */
  numRequeues(item: T): number {
    return this.#failures.get(this.#identify(item)) ?? 0;
  }
}
