import type { Clock } from '@kubeloop/ratelimiter';

/** Resolves after `delayMs`; rejects with the signal's reason as soon as that aborts, leaving no timer. */
export function waitFor(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      timer.cancel();
      reject(asError(signal.reason));
    };
    const timer = clock.setTimeout(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    }, delayMs);
    signal.addEventListener('abort', abort, { once: true });
  });
}

/** Settles as `promise` does, but rejects with the signal's reason as soon as that aborts; the promise goes on by itself. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) promise.catch(() => {});
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(asError(signal.reason));
    signal.addEventListener('abort', abort, { once: true });
    const settled = (): void => signal.removeEventListener('abort', abort);
    promise.then(resolve, reject).finally(settled);
  });
}

/** A signal may be aborted with any value; callers get exactly that value. */
function asError(reason: unknown): Error {
  // The cast only satisfies the signature of `reject`: the value is passed on unchanged.
  return reason as Error;
}
