import type { Clock } from '@kubeloop/ratelimiter';
import { sleep, stopRequested } from './abort.ts';

/**
 * Calls `resync` each time `periodMs` has passed since the last call ended, until `signal` aborts.
 *
 * @returns what `resync` threw, which ends the calls, or `undefined` after an abort
 */
export async function resyncEvery(
  periodMs: number,
  resync: () => Promise<void>,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<{ readonly error: unknown } | undefined> {
  try {
    for (;;) {
      await sleep(clock, periodMs, signal);
      await resync();
    }
  } catch (error) {
    return error === stopRequested ? undefined : { error };
  }
}
