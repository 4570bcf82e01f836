import type { Indexers, ObjectLike } from '@kubeloop/cache-store';
import type { InformerForOptions } from './factory-options.ts';
import { Gate } from './gate.ts';
import type { SharedInformer } from './informer.ts';
import type { SourceFailure } from './informer-state.ts';
import type { Place } from './place.ts';
import type { SelectionOptions } from './selection.ts';
import type { Syncing } from './wait-for-sync.ts';

/** The part of an informer that does not depend on its type. */
export type AnyInformer = Pick<
  SharedInformer<ObjectLike>,
  'name' | 'run' | 'isRunning' | 'isStopped' | 'hasSynced' | 'waitForSync' | 'lastFailure'
>;

/** One informer of a factory and what it was made with. */
export interface Shared {
  readonly id: string;
  readonly informer: AnyInformer;
  readonly transform: unknown;
  readonly resyncPeriodMs: number;
  /** Whether its figures are counted under its name. */
  readonly isCounted: boolean;
  /** Says that they are not any more; set until that is said. */
  forget: (() => void) | undefined;
  /** How often it was asked for and not given back. */
  users: number;
  /** Ends the last run that was asked for; set once there was one. */
  stop: AbortController | undefined;
  /** Open once that run has begun: it waits for the one before. */
  begun: Gate;
  /** Resolves when the run has ended. */
  ended: Promise<void>;
}

/** Whether it runs, or is to run as soon as the run before has ended. */
export function isUnderWay({ stop, informer }: Shared): boolean {
  return stop ? !stop.signal.aborted : informer.isRunning;
}

/** Runs an informer until the signal aborts or it is stopped; after the run before, if that has yet to end. */
export function runShared(
  shared: Shared,
  signal: AbortSignal | undefined,
  onFailure: (error: unknown) => void,
): void {
  const stop = new AbortController();
  const onAbort = (): void => stop.abort(signal?.reason);
  if (signal?.aborted) onAbort();
  else signal?.addEventListener('abort', onAbort);
  shared.stop = stop;
  const begun = new Gate();
  shared.begun = begun;
  const run = (): Promise<void> => {
    begun.open();
    return shared.informer.run({ signal: stop.signal });
  };
  shared.ended = (shared.informer.isRunning ? shared.ended.then(run) : run())
    .catch((error: unknown) => {
      stop.abort();
      onFailure(error);
    })
    .finally(() => signal?.removeEventListener('abort', onAbort));
}

/** Lets the series of an informer go that has ended. */
export function forget(shared: Shared): void {
  shared.forget?.();
  shared.forget = undefined;
}

/** What to wait for: the sync of the run that was asked for last, not of one that is about to end. */
export function syncing({ informer, begun }: Shared): Syncing {
  return {
    name: informer.name,
    get hasSynced(): boolean {
      return begun.isOpen && informer.hasSynced;
    },
    get isStopped(): boolean {
      return informer.isStopped;
    },
    get lastFailure(): SourceFailure | undefined {
      return informer.lastFailure;
    },
    waitForSync: async (options) => {
      await begun.wait(options);
      await informer.waitForSync(options);
    },
  };
}

/** What an informer is called. */
export function describe(
  name: string,
  place: Place,
  { labelSelector, fieldSelector }: SelectionOptions,
): string {
  const parts = [
    typeof place === 'string' ? place && `in ${place}` : 'in a set of namespaces',
    labelSelector && `with ${labelSelector}`,
    fieldSelector && `where ${fieldSelector}`,
  ];
  return [name, ...parts.filter(Boolean)].join(' ');
}

/** @throws Error when an informer is asked for that was made with something else */
export function checkAgreement(
  { informer, transform, resyncPeriodMs }: Shared,
  options: Pick<InformerForOptions<never>, 'resyncPeriodMs'> & { readonly transform?: unknown },
): void {
  const refuse = (what: string): never => {
    throw new Error(
      `Cannot share informer "${informer.name}": it was made with ${what}; ask for it with the same one, or with none`,
    );
  };
  if (options.transform !== undefined && options.transform !== transform)
    refuse('another transform');
  if (options.resyncPeriodMs !== undefined && options.resyncPeriodMs !== resyncPeriodMs)
    refuse(`another resync period, ${resyncPeriodMs} ms`);
}

/** @throws RangeError when there is another index of one of the names */
export function addMissingIndexers<T extends ObjectLike>(
  informer: SharedInformer<T>,
  indexers: Indexers<T>,
): void {
  const present = informer.indexer.indexers;
  const missing = Object.entries(indexers).filter(([name, func]) => present[name] !== func);
  if (missing.length > 0) informer.addIndexers(Object.fromEntries(missing));
}
