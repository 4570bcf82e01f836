import type { Indexers, ObjectLike } from '@kubeloop/cache-store';
import type { ListerWatcher, ReflectorOptions } from '@kubeloop/reflector';
import {
  checkClock,
  checkFlags,
  checkFunctions,
  checkMethods,
  checkObjects,
  checkOptions,
  checkTexts,
} from './checks.ts';
import type { Clock } from './clock.ts';
import type { TransformFunc } from './event-queue.ts';
import type { ListLimit } from './list-limit.ts';
import type { InformerMetrics } from './metrics.ts';
import { NamespaceSet } from './namespace-set.ts';
import type { InformerErrorHandler } from './reporter.ts';

/** What an informer needs of a reflector. `Reflector` of `@kubeloop/reflector` fits. */
export interface ReflectorLike {
  /** The version up to which the source has been read. */
  readonly lastSyncResourceVersion: string;
  /** Lists and watches until the signal aborts, then resolves. */
  run(options: { readonly signal: AbortSignal }): Promise<void>;
}

/** What an informer tells its reflector. */
export type ReflectorSettings<T extends ObjectLike> = ReflectorOptions<T>;

/** Options of the reflector that an informer passes on as they are. */
export type ReflectorTuning = Omit<
  ReflectorOptions<ObjectLike>,
  'name' | 'listerWatcher' | 'store' | 'resyncPeriodMs' | 'transform' | 'clock' | 'onError'
>;

/** A collection that can be read as a whole and, for an informer over several namespaces, in each of them. */
export type SourceOfNamespaces<T> = ListerWatcher<T> & {
  /** The objects of one namespace. */
  namespace?(name: string): ListerWatcher<T>;
};

/** Options of a {@link SharedInformer}. */
export interface SharedInformerOptions<T extends ObjectLike> {
  /** Where objects are listed and watched. `client.resource(pods)` of `@kubeloop/client` fits. */
  readonly listerWatcher: SourceOfNamespaces<T>;
  /**
   * Look at these namespaces, which can change at any time, each with a list and a watch of its own; `listerWatcher` must
   * then have a method `namespace`. There is still one cache, one queue and one set of handlers; the informer has synced
   * when all namespaces have. Default: what `listerWatcher` shows.
   */
  readonly namespaces?: NamespaceSet | undefined;
  /** What the informer is called in errors. Default: the name of the lister-watcher's resource, or `informer`. */
  readonly name?: string | undefined;
  /** The resync period of handlers that name none, in milliseconds; zero, the default, means never, and the least is 1000. */
  readonly resyncPeriodMs?: number | undefined;
  /** Index functions by name; more can be added at any time. There is always one of the name `namespace`. */
  readonly indexers?: Indexers<T> | undefined;
  /**
   * Changes each object before it is stored and told, most often to save memory. It gets each object once, fresh from
   * the server, and may change it in place. When it throws, the
   * event is reported and left out (a deletion is told with the object as it came), and a list is tried again.
   */
  readonly transform?: TransformFunc<T> | undefined;
  /** Whether cached objects are frozen. Default: where `NODE_ENV` is `test` or `development`. */
  readonly freeze?: boolean | undefined;
  /** How many events may wait between connection and store until the connection is paused. Default 1000. */
  readonly queueSize?: number | undefined;
  /** Further options of the reflector: page size, streaming lists, timeouts. */
  readonly reflector?: ReflectorTuning | undefined;
  /** Shared with other informers, so that not all of them read their first list at the same time. Default: none. */
  readonly listLimit?: ListLimit | undefined;
  /** Makes the reflector. Default: one of `@kubeloop/reflector`. A seam for tests and for other sources than an API server. */
  readonly newReflector?: ((settings: ReflectorSettings<T>) => ReflectorLike) | undefined;
  /** Where time comes from. Default: the process. */
  readonly clock?: Clock | undefined;
  /** Takes every failure that is not thrown to anybody. Without it and without a listener of `error`: a process warning. */
  readonly onError?: InformerErrorHandler | undefined;
  /** Where figures go. Default: nowhere. */
  readonly metrics?: InformerMetrics | undefined;
}

/** @throws TypeError when there is no source, or another option is of the wrong kind */
export function checkParts<T extends ObjectLike>(options: SharedInformerOptions<T>): void {
  checkOptions('Cannot make an informer', options);
  const { listerWatcher, namespaces, listLimit, clock } = options;
  checkMethods('listerWatcher', listerWatcher, ['list', 'watch']);
  checkNamespaces(namespaces);
  if (namespaces !== undefined) checkMethods('listerWatcher', listerWatcher, ['namespace']);
  checkTexts(options, ['name']);
  checkFunctions(options, ['transform', 'onError', 'newReflector']);
  checkFlags(options, ['freeze']);
  checkObjects(options, ['indexers', 'reflector', 'metrics']);
  checkClock(clock);
  if (listLimit !== undefined) checkMethods('listLimit', listLimit, ['take']);
}

/** @throws TypeError when it is there and no set of namespaces */
export function checkNamespaces(namespaces: unknown): void {
  if (namespaces !== undefined && !NamespaceSet.is(namespaces))
    throw new TypeError(
      `Cannot use a value of type ${typeof namespaces} as namespaces: give a new NamespaceSet([...])`,
    );
}
