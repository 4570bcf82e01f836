import type { Clock } from '@kubeloop/ratelimiter';

/** Resolves after `delayMs`, or as soon as the signal aborts; never rejects and leaves no timer. */
export function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      timer.cancel();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = clock.setTimeout(end, delayMs);
    signal.addEventListener('abort', end, { once: true });
  });
}

/** Resolves when the signal aborts, after `onAbort` was called in the abort itself. `forget` takes the listener away when nobody waits any more. */
export function aborted(
  signal: AbortSignal,
  onAbort: () => void = () => {},
): { readonly promise: Promise<void>; forget(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const listener = (): void => {
    onAbort();
    resolve();
  };
  if (signal.aborted) listener();
  else signal.addEventListener('abort', listener, { once: true });
  return { promise, forget: () => signal.removeEventListener('abort', listener) };
}

/** How long something may take, and who may call it off. */
export interface Limits {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Makes a call with a signal of its own, which aborts after the timeout and with the given signal. Rejects then at once, whether
 * or not the call heeds its signal.
 */
export async function withTimeout<T>(
  what: string,
  { clock, timeoutMs, signal }: Limits,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const controller = new AbortController();
  const stop = (): void => controller.abort(signal.reason);
  const timer = clock.setTimeout(() => {
    controller.abort(new Error(`Cannot ${what}: there was no answer within ${timeoutMs} ms`));
  }, timeoutMs);
  signal.addEventListener('abort', stop, { once: true });
  const end = aborted(controller.signal);
  try {
    const given = end.promise.then(() => {
      throw controller.signal.reason;
    });
    return await Promise.race([call(controller.signal), given]);
  } finally {
    timer.cancel();
    signal.removeEventListener('abort', stop);
    end.forget();
  }
}
