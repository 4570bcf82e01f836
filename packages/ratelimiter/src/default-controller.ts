import { BucketRateLimiter } from './bucket.ts';
import type { Clock } from './clock.ts';
import { ItemExponentialFailureRateLimiter } from './exponential.ts';
import type { KeyOf } from './identity.ts';
import type { RateLimiter } from './limiter.ts';
import { MaxOfRateLimiter } from './max-of.ts';

/** Options of {@link defaultControllerRateLimiter} and {@link defaultItemBasedRateLimiter}. */
export interface DefaultRateLimiterOptions<T> {
  /** Names the key of an item; needed for items that are objects. Default: primitives stand for themselves. */
  readonly keyOf?: KeyOf<T> | undefined;
  /** Where time comes from; default: the process's clock. */
  readonly clock?: Clock | undefined;
}

/**
 * The limiter that controllers usually have: an item waits 5 ms, 10 ms, 20 ms … up to 1000 s, and all
 * items together are retried at most 10 times a second after a first hundred.
 *
 * The figures are those of `DefaultTypedControllerRateLimiter` in client-go.
 */
export function defaultControllerRateLimiter<T>(
  options: DefaultRateLimiterOptions<T> = {},
): RateLimiter<T> {
  return new MaxOfRateLimiter<T>(
    new ItemExponentialFailureRateLimiter<T>({
      baseDelayMs: 5,
      maxDelayMs: 1_000_000,
      keyOf: options.keyOf,
    }),
    new BucketRateLimiter<T>({ qps: 10, burst: 100, clock: options.clock }),
  );
}

/**
 * A limiter that looks at each item alone: 1 ms, 2 ms, 4 ms … up to 1000 s.
 *
 * The figures are those of `DefaultTypedItemBasedRateLimiter` in client-go.
 */
export function defaultItemBasedRateLimiter<T>(
  options: Pick<DefaultRateLimiterOptions<T>, 'keyOf'> = {},
): RateLimiter<T> {
  return new ItemExponentialFailureRateLimiter<T>({
    baseDelayMs: 1,
    maxDelayMs: 1_000_000,
    keyOf: options.keyOf,
  });
}
