import {
  BucketRateLimiter,
  type Clock,
  defaultControllerRateLimiter,
  ItemExponentialFailureRateLimiter,
  ItemFastSlowRateLimiter,
  MaxOfRateLimiter,
  type RateLimiter,
  WithMaxWaitRateLimiter,
} from '@kubeloop/ratelimiter';

const inMs = (ns: unknown): number => Number(ns) / 1e6;

/** Our limiter for the words of a recording, such as `["exponential",5000000,1000000000000]`; durations are nanoseconds. */
export function limiterOf(spec: unknown, clock: Clock): RateLimiter<string> {
  if (!Array.isArray(spec)) throw new TypeError(`Cannot make a limiter of ${JSON.stringify(spec)}`);
  const [kind, a, b, c]: readonly unknown[] = spec;
  switch (kind) {
    case 'default':
      return defaultControllerRateLimiter<string>({ clock });
    case 'exponential':
      return new ItemExponentialFailureRateLimiter({ baseDelayMs: inMs(a), maxDelayMs: inMs(b) });
    case 'fast-slow':
      return new ItemFastSlowRateLimiter({
        fastDelayMs: inMs(a),
        slowDelayMs: inMs(b),
        maxFastAttempts: Number(c),
      });
    case 'bucket':
      return new BucketRateLimiter({ qps: Number(a), burst: Number(b), clock });
    case 'max-of':
      // The recorder writes an array there.
      return new MaxOfRateLimiter(...(a as unknown[]).map((part) => limiterOf(part, clock)));
    case 'max-wait':
      return new WithMaxWaitRateLimiter(limiterOf(a, clock), { maxDelayMs: inMs(b) });
    default:
      throw new TypeError(`Cannot make a limiter of kind ${String(kind)}`);
  }
}
