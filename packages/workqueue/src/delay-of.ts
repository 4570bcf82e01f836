import type { RateLimiter } from '@kubeloop/ratelimiter';
import { checkDelay } from './check.ts';
import type { AddOptions } from './contract.ts';

/** How long an addition with these options is put off: the shorter of `afterMs` and the rate limiter's delay, of those that are given. */
export function delayOf<T>(item: T, options: AddOptions, rateLimiter: RateLimiter<T>): number {
  const afterMs = checkDelay('afterMs', options.afterMs ?? 0);
  if (!options.rateLimited) return afterMs;
  const limitedMs = checkDelay('the delay of the rate limiter', rateLimiter.when(item));
  return afterMs === 0 ? limitedMs : Math.min(afterMs, limitedMs);
}
