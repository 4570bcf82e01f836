import type { Clock } from '@kubeloop/ratelimiter';

/** Settles as `promise` does, or rejects with an error of this message when that takes longer. */
export async function withinTime<R>(
  clock: Clock,
  limitMs: number,
  { promise, message }: { readonly promise: Promise<R>; readonly message: string },
): Promise<R> {
  const limit = Promise.withResolvers<never>();
  const timer = clock.setTimeout(() => limit.reject(new Error(message)), limitMs);
  try {
    return await Promise.race([promise, limit.promise]);
  } finally {
    timer.cancel();
  }
}
