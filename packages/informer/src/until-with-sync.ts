import type { Lister, ObjectLike } from '@kubeloop/cache-store';
import {
  until,
  type UntilCondition,
  type UntilOptions,
  UntilTimeoutError,
} from '@kubeloop/reflector';
import { systemClock } from './clock.ts';
import type { SharedInformer } from './informer.ts';
import { type InformerChange, informerChanges } from './informer-changes.ts';
import {
  checkClock,
  checkFunctions,
  checkMethods,
  checkMilliseconds,
  checkWait,
  shown,
} from './checks.ts';

/** Options of {@link untilWithSync}. */
export interface UntilWithSyncOptions<T extends ObjectLike> extends UntilOptions {
  /** Asked once, when the informer has synced. `true` ends the wait: what was waited for is there. */
  readonly precondition?: ((lister: Lister<T>) => boolean | Promise<boolean>) | undefined;
}

/**
 * Waits until what an informer tells has met each condition, one after the other, as `until` of `@kubeloop/reflector`
 * does. It begins with the objects that are there. Lost connections and forgotten versions do not end it, but after one
 * only the difference is told. The informer is not started or stopped by it.
 *
 * @returns the change that met the last condition; `undefined` when the precondition was met
 * @throws what `until` throws, Error when the informer stops, and TypeError for what is no informer
 */
export async function untilWithSync<T extends ObjectLike>(
  informer: SharedInformer<T>,
  conditions: readonly UntilCondition<InformerChange<T>>[],
  options: UntilWithSyncOptions<T> = {},
): Promise<InformerChange<T> | undefined> {
  checkUntil(informer, conditions, options);
  const { precondition, timeoutMs, clock = systemClock } = options;
  const startedMs = clock.now();
  if (precondition) {
    await synced(informer, options);
    if (await precondition(informer.lister)) return undefined;
  }
  const leftMs =
    timeoutMs === undefined
      ? undefined
      : Math.ceil(Math.max(timeoutMs - (clock.now() - startedMs), 0));
  return until(informerChanges(informer), conditions, { ...options, clock, timeoutMs: leftMs });
}

/** @throws TypeError or RangeError before anything is waited for */
function checkUntil<T extends ObjectLike>(
  informer: unknown,
  conditions: unknown,
  options: UntilWithSyncOptions<T>,
): void {
  checkMethods('informer', informer, ['addEventHandler', 'waitForSync']);
  if (!Array.isArray(conditions) || !conditions.every((each) => typeof each === 'function'))
    throw new TypeError(`Cannot wait for ${shown(conditions)}: give a list of functions`);
  checkWait('Cannot wait for events', options);
  checkFunctions(options, ['precondition']);
  checkClock(options.clock);
  if (options.timeoutMs !== undefined) checkMilliseconds('timeoutMs', options.timeoutMs);
}

async function synced<T extends ObjectLike>(
  informer: SharedInformer<T>,
  { signal, timeoutMs, clock = systemClock }: UntilOptions,
): Promise<void> {
  const stop = new AbortController();
  const onAbort = (): void => stop.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort);
  if (signal?.aborted) onAbort();
  const timer =
    timeoutMs === undefined
      ? undefined
      : clock.setTimeout(() => {
          const text = `Cannot wait any longer for "${informer.name}" to sync: ${timeoutMs} ms are over`;
          stop.abort(new UntilTimeoutError(text, undefined));
        }, timeoutMs);
  try {
    await informer.waitForSync({ signal: stop.signal });
  } finally {
    timer?.cancel();
    signal?.removeEventListener('abort', onAbort);
  }
}
