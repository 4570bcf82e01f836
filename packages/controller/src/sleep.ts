import type { Clock } from '@kubeloop/ratelimiter';

/**
 * Resolves after `delayMs`. Leaves neither timer nor listener behind.
 *
 * @throws the signal's reason when it aborts first
 */
export async function sleep(delayMs: number, clock: Clock, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = clock.setTimeout(resolve, delayMs);
  // The reason of an abort is passed on as it is, whatever it is.
  const onAbort = (): void => reject(signal?.reason as Error);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    await promise;
  } finally {
    timer.cancel();
    signal?.removeEventListener('abort', onAbort);
  }
}
