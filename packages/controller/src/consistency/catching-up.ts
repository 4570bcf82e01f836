import type { Clock } from '@kubeloop/ratelimiter';
import type { CacheTracker } from './cache-tracker.ts';
import { ConsistencyTimeoutError } from './consistency-timeout-error.ts';
import type { Awaited } from './pending-writes.ts';

/** What {@link catchUp} waits for and how long. */
export interface CatchUpOptions {
  /** What could not be done otherwise, for the error: `read "ns/a" of configmaps`. */
  readonly action: string;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/** A cache and what it has to show. */
export interface Behind {
  readonly tracker: CacheTracker;
  readonly awaited: Awaited;
}

/** Those of the caches that have yet to show own writes, of one key or of all. */
export function findBehind(trackers: Iterable<CacheTracker>, key?: string): readonly Behind[] {
  const behind: Behind[] = [];
  for (const tracker of trackers) {
    const awaited = tracker.awaited(key);
    if (awaited) behind.push({ tracker, awaited });
  }
  return behind;
}

/**
 * Waits until caches show what they have to.
 *
 * @throws ConsistencyTimeoutError after `timeoutMs`; the signal's reason when it aborts first
 */
export async function catchUp(behind: readonly Behind[], options: CatchUpOptions): Promise<void> {
  const wait = async (signal: AbortSignal): Promise<void> => {
    await Promise.all(behind.map(({ tracker, awaited }) => tracker.wait(awaited, signal)));
  };
  await withinTime(wait, options, () =>
    behind.map(({ tracker, awaited }) => tracker.missing(awaited)),
  );
}

/**
 * Waits for anything, as long as the options allow.
 *
 * @throws ConsistencyTimeoutError after `timeoutMs`; the signal's reason when it aborts first
 */
export async function withinTime(
  wait: (signal: AbortSignal) => Promise<unknown>,
  { action, timeoutMs, clock, signal }: CatchUpOptions,
  missing: () => ConsistencyTimeoutError['missing'],
): Promise<void> {
  signal?.throwIfAborted();
  const stop = new AbortController();
  const onAbort = (): void => stop.abort(signal?.reason);
  const ended = new Promise<never>((_resolve, reject) => {
    // The reason of an abort is passed on as it is, whatever it is.
    stop.signal.addEventListener('abort', () => reject(stop.signal.reason as Error), {
      once: true,
    });
  });
  signal?.addEventListener('abort', onAbort, { once: true });
  const timer = clock.setTimeout(
    () => stop.abort(new ConsistencyTimeoutError(action, timeoutMs, missing())),
    timeoutMs,
  );
  try {
    await Promise.race([wait(stop.signal), ended]);
  } finally {
    timer.cancel();
    signal?.removeEventListener('abort', onAbort);
  }
}
