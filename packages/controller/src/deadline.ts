import type { Clock } from '@kubeloop/ratelimiter';

/**
 * Whether a promise settles within a time, and before the signal aborts. Leaves neither timer nor listener behind. Rejects
 * when the promise does within that time.
 */
export async function endsWithin(
  promise: Promise<unknown>,
  timeMs: number,
  clock: Clock,
  signal?: AbortSignal,
): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = clock.setTimeout(() => resolve(false), timeMs);
  const onAbort = (): void => resolve(false);
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted) onAbort();
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    timer.cancel();
    signal?.removeEventListener('abort', onAbort);
  }
}

/** Resolves when the signal aborts or the promise settles. Leaves no listener behind. Rejects when the promise does. */
export async function untilAborted(signal: AbortSignal, promise: Promise<unknown>): Promise<void> {
  const { promise: aborted, resolve } = Promise.withResolvers<void>();
  const onAbort = (): void => resolve();
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) resolve();
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
