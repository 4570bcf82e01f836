import type { Clock, Timer } from '@kubeloop/ratelimiter';

/**
 * Resolves after `delayMs`. Leaves neither timer nor listener behind.
 *
 * @throws the signal's reason when it aborts first
 */
export async function sleep(delayMs: number, clock: Clock, signal?: AbortSignal): Promise<void> {
  await wait((onTime) => clock.setTimeout(onTime, delayMs), signal);
}

/** As {@link sleep}, and the process may end meanwhile. */
export async function nap(delayMs: number, clock: Clock, signal?: AbortSignal): Promise<void> {
  const setTimer = (onTime: () => void): Timer => {
    const timer = clock.setTimeout(onTime, delayMs);
    timer.unref();
    return timer;
  };
  await wait(setTimer, signal);
}

async function wait(
  setTimer: (onTime: () => void) => Timer,
  signal: AbortSignal | undefined,
): Promise<void> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimer(resolve);
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
