import type { Clock } from '@kubeloop/ratelimiter';

/** Thrown inside the reflector to leave whatever it is doing because it was told to stop. Never shown to anybody. */
export const stopRequested: Error = new Error('Stop requested');

/**
 * Refuses what is no signal, before anything is started.
 *
 * @param action - what cannot be done without it, such as `Cannot run reflector "pods"`
 * @throws TypeError
 */
export function checkSignal(action: string, signal: unknown): asserts signal is AbortSignal {
  const fits =
    typeof signal === 'object' &&
    signal !== null &&
    'addEventListener' in signal &&
    typeof signal.addEventListener === 'function';
  if (!fits)
    throw new TypeError(
      `${action}: there must be a signal, such as new AbortController().signal, and it is of type ${typeof signal}`,
    );
}

/** Waits `delayMs`, or less when `signal` aborts; then rejects with {@link stopRequested}. Leaves no timer behind. */
export async function sleep(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) throw stopRequested;
  await new Promise<void>((resolve, reject) => {
    const timer = clock.setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, delayMs);
    const stop = (): void => {
      timer.cancel();
      reject(stopRequested);
    };
    signal.addEventListener('abort', stop, { once: true });
  });
}

/** How long after an abort the aborted thing may take to end before it is left alone. */
export const graceMs = 1000;

/** Waits until `work` has settled, however it does, but not longer than {@link graceMs}. Tells whether it did. */
export async function settlesInTime(work: Promise<unknown>, clock: Clock): Promise<boolean> {
  return new Promise<boolean>((resolve) => {
    const timer = clock.setTimeout(() => resolve(false), graceMs);
    const settled = (): void => {
      timer.cancel();
      resolve(true);
    };
    work.then(settled, settled);
  });
}

/**
 * The result of `work`, unless `signal` aborts first: then waits for `work` to end too, at most {@link graceMs},
 * and rejects with {@link stopRequested}. `onAbandoned` is told when `work` did not end in that time.
 */
export async function untilAborted<R>(
  work: Promise<R>,
  signal: AbortSignal,
  { clock, onAbandoned }: { readonly clock: Clock; readonly onAbandoned: () => void },
): Promise<R> {
  let stop = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(stopRequested);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } catch (error) {
    if (!signal.aborted) throw error;
    if (!(await settlesInTime(work, clock))) onAbandoned();
    throw stopRequested;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
