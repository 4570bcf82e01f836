import { handleRejection } from './answers.ts';
import { CacheSyncError, explain, type UnsyncedInformer } from './cache-sync-error.ts';
import { type Clock, longestTimeoutMs } from './clock.ts';
import type { WaitOptions } from './gate.ts';
import { checkFunctions, checkMilliseconds, checkWait } from './checks.ts';
import { warn } from './reporter.ts';
import type { SourceFailure } from './informer-state.ts';

/** What can be waited for: any informer. */
export interface Syncing {
  readonly name: string;
  readonly hasSynced: boolean;
  readonly isStopped: boolean;
  readonly lastFailure: SourceFailure | undefined;
  waitForSync(options: WaitOptions): Promise<void>;
}

/** How long to wait. */
export interface WaitForAllOptions extends WaitOptions {
  readonly timeoutMs?: number | undefined;
  readonly onSynced?: ((informer: string) => void) | undefined;
  readonly clock: Clock;
}

/** @throws TypeError or RangeError when an option of a wait cannot be used */
export function checkWaitForAll(options: Omit<WaitForAllOptions, 'clock'>): void {
  checkWait('Cannot wait for caches to sync', options);
  checkFunctions(options, ['onSynced']);
  if (options.timeoutMs !== undefined) checkMilliseconds('timeoutMs', options.timeoutMs);
}

/**
 * Resolves when all have synced.
 *
 * @throws {@link CacheSyncError} when the time is up, the signal aborts or one of them is stopped
 */
export async function waitForAll(
  informers: readonly Syncing[],
  options: WaitForAllOptions,
): Promise<void> {
  const { signal, timeoutMs, onSynced, clock } = options;
  const over = new AbortController();
  let ended = 'one was stopped';
  const give = (why: string, reason: unknown): void => {
    ended = why;
    over.abort(reason);
  };
  const onAbort = (): void => give('the wait was aborted', signal?.reason);
  if (signal?.aborted) onAbort();
  else signal?.addEventListener('abort', onAbort);
  const timer =
    timeoutMs === undefined || timeoutMs > longestTimeoutMs
      ? undefined
      : clock.setTimeout(() => give(`${timeoutMs} ms are over`, undefined), timeoutMs);
  try {
    const wait = async (informer: Syncing): Promise<void> => {
      await informer.waitForSync({ signal: over.signal });
      if (onSynced) tell(onSynced, informer.name);
    };
    await Promise.all(informers.map(wait));
  } catch (cause) {
    throw new CacheSyncError(informers.filter((one) => !one.hasSynced).map(describe), {
      total: informers.length,
      ended,
      cause,
    });
  } finally {
    timer?.cancel();
    over.abort();
    signal?.removeEventListener('abort', onAbort);
  }
}

/** A callback that fails must not be taken for an informer that did not sync. */
function tell(onSynced: (informer: string) => void, informer: string): void {
  const failed = (error: unknown): void => warn(error, { informer, part: 'listener' });
  try {
    handleRejection(onSynced(informer), failed);
  } catch (error) {
    failed(error);
  }
}

function describe({ name, isStopped, lastFailure }: Syncing): UnsyncedInformer {
  const words = lastFailure ? explain(lastFailure.error) : 'no error so far';
  const reason = `${isStopped ? 'stopped, ' : ''}${words}`;
  return lastFailure ? { name, reason, error: lastFailure.error } : { name, reason };
}
