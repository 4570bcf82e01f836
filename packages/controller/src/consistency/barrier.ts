import type { Clock } from '@kubeloop/ratelimiter';
import type { CacheTracker } from './cache-tracker.ts';
import { catchUp, findBehind } from './catching-up.ts';

/** Holds a reconcile back until the caches that it reads show all that this process has written. */
export interface ReconcileBarrier {
  /**
   * `undefined` when there is nothing to wait for. Rejects with a `ConsistencyTimeoutError` when it takes too long, and
   * with the signal's reason.
   */
  wait(options: { readonly signal: AbortSignal }): Promise<void> | undefined;
}

/** What {@link cacheBarrier} is made of. */
export interface CacheBarrierOptions {
  readonly trackers: readonly CacheTracker[];
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/** The barrier of a controller that reads these caches. Only writes that were answered before the reconcile count. */
export function cacheBarrier({
  trackers,
  timeoutMs,
  clock,
}: CacheBarrierOptions): ReconcileBarrier {
  return {
    wait({ signal }) {
      const behind = findBehind(trackers);
      if (behind.length === 0) return undefined;
      return catchUp(behind, { action: 'begin a reconcile', timeoutMs, clock, signal });
    },
  };
}
