// For everyone.
export { defaultControllerRateLimiter, defaultItemBasedRateLimiter } from './default-controller.ts';
export type { DefaultRateLimiterOptions } from './default-controller.ts';
export { ItemExponentialFailureRateLimiter } from './exponential.ts';
export type { ItemExponentialFailureRateLimiterOptions } from './exponential.ts';
export { ItemFastSlowRateLimiter } from './fast-slow.ts';
export type { ItemFastSlowRateLimiterOptions } from './fast-slow.ts';
export { BucketRateLimiter } from './bucket.ts';
export type { BucketRateLimiterOptions } from './bucket.ts';
export { MaxOfRateLimiter } from './max-of.ts';
export { WithMaxWaitRateLimiter } from './max-wait.ts';
export type { WithMaxWaitRateLimiterOptions } from './max-wait.ts';
export { TokenBucket } from './token-bucket.ts';
export type { Reservation, TokenBucketOptions } from './token-bucket.ts';
export { MaxWaitExceededError } from './max-wait-error.ts';
export { Backoff } from './backoff.ts';
export type { BackoffOptions } from './backoff.ts';
export { ItemBackoff } from './item-backoff.ts';
export type { HasExpired, ItemBackoffOptions } from './item-backoff.ts';

// For those who build on top.
export { systemClock } from './clock.ts';
export type { Clock, Timer } from './clock.ts';
export type { RateLimiter } from './limiter.ts';
export type { Throttle, WaitOptions } from './throttle.ts';
export { identityOf } from './identity.ts';
export type { Identity, KeyOf } from './identity.ts';
