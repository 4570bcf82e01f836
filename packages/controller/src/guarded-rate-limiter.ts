import type { RateLimiter } from '@kubeloop/ratelimiter';

/**
 * A view of a rate limiter that never throws and always gives a delay, so that no key is lost to a broken one.
 *
 * @param limiter - the one of the user
 * @param fallback - gives the delays while `limiter` fails
 * @param onError - hears of each failure
 */
export function guardRateLimiter(
  limiter: RateLimiter<string>,
  fallback: RateLimiter<string>,
  onError: (error: unknown) => void,
): RateLimiter<string> {
  const guarded = <R>(call: () => R, otherwise: () => R): R => {
    try {
      return call();
    } catch (error) {
      onError(error);
      return otherwise();
    }
  };
  return {
    when: (key) =>
      guarded(
        () => delayFrom(limiter.when(key)),
        () => fallback.when(key),
      ),
    forget(key) {
      fallback.forget(key);
      guarded(
        () => limiter.forget(key),
        () => undefined,
      );
    },
    numRequeues: (key) =>
      guarded(
        () => limiter.numRequeues(key),
        () => fallback.numRequeues(key),
      ),
  };
}

function delayFrom(delayMs: number): number {
  if (typeof delayMs === 'number' && Number.isFinite(delayMs)) return delayMs;
  throw new RangeError(
    `Cannot use ${String(delayMs)} as the delay of the rate limiter: it must be a finite number of milliseconds`,
  );
}
