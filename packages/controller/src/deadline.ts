import type { Clock } from '@kubeloop/ratelimiter';

/** Whether a promise settles within a time. Leaves no timer behind. Rejects when the promise does within that time. */
export async function endsWithin(
  promise: Promise<unknown>,
  timeMs: number,
  clock: Clock,
): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = clock.setTimeout(() => resolve(false), timeMs);
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    timer.cancel();
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
