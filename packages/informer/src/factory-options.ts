import type { Indexers, ObjectLike } from '@kubeloop/cache-store';
import type { ReflectorMetrics } from '@kubeloop/reflector';
import {
  checkClock,
  checkCount,
  checkFlags,
  checkFunctions,
  checkMilliseconds,
  checkObjects,
  checkOptions,
} from './checks.ts';
import type { Clock } from './clock.ts';
import type { TransformFunc } from './event-queue.ts';
import type { ReflectorTuning } from './informer-options.ts';
import type { InformerMetrics } from './metrics.ts';
import type { NamespaceSet } from './namespace-set.ts';
import type { InformerErrorHandler } from './reporter.ts';
import type { InformerResource } from './resource.ts';
import { checkPlace } from './place.ts';
import { checkSelectors, type InformerScope, type TweakListOptions } from './selection.ts';

/** Options of a factory; they hold for each informer that does not name its own. */
export interface SharedInformerFactoryOptions {
  /** The resync period of handlers that name none, in milliseconds; zero, the default, means never. */
  readonly resyncPeriodMs?: number | undefined;
  /** Look at this namespace only. Cluster-scoped kinds are not affected. Default: all namespaces. */
  readonly namespace?: string | undefined;
  /** Look at these namespaces, which can change at any time. Cluster-scoped kinds are not affected. Instead of `namespace`. */
  readonly namespaces?: NamespaceSet | undefined;
  /** What holds for single kinds instead of all this, each made by {@link defaultsFor}. */
  readonly byResource?: readonly ResourceDefaults[] | undefined;
  /** Changes the selectors of every informer. */
  readonly tweakListOptions?: TweakListOptions | undefined;
  /**
   * Whether cached objects have their `metadata.managedFields`, often a third of an object, which a controller seldom reads; an
   * update without them leaves them as they are. A projection that names them keeps them. Default false; client-go
   * keeps them unless a transform takes them away.
   */
  readonly keepManagedFields?: boolean | undefined;
  /**
   * How many informers read their first list at the same time when they are started, an informer over several namespaces counting
   * once for each; a whole number from 1 up. The others begin as soon as a list is complete, has failed or has taken 30 s. Later
   * lists and watches are not held back. Default: no limit, as in client-go and controller-runtime.
   */
  readonly maxConcurrentLists?: number | undefined;
  /** Changes every object of every kind before it is cached. */
  readonly transform?: TransformFunc<ObjectLike> | undefined;
  /** Whether cached objects are frozen. Default: where `NODE_ENV` is `test` or `development`. */
  readonly freeze?: boolean | undefined;
  /** Where time comes from. Default: the process. */
  readonly clock?: Clock | undefined;
  /** Takes every failure of every informer that is not thrown to anybody. Default: an `error` event of the informer, or else a process warning. */
  readonly onError?: InformerErrorHandler | undefined;
  /**
   * The name under which its informers are counted, unlike that of every other factory of this process until the
   * shutdown. Default: none, and then nobody looks whether two factories count under one name.
   */
  readonly name?: string | undefined;
  /**
   * Where the figures of an informer go; is told the names of the informer and of the factory, empty for none, and the resource. Called
   * once for each name of an informer: of two with the same, such as two versions of a kind, only the first is counted,
   * until that is released. Default: nowhere.
   */
  readonly metricsFor?:
    | ((informer: string, factory: string, resource: InformerResource<unknown>) => InformerMetrics)
    | undefined;
  /**
   * Where the figures of an informer's lists and watches go, instead of those of {@link reflector}; called as
   * {@link metricsFor}. Default: nowhere.
   */
  readonly reflectorMetricsFor?:
    | ((informer: string, factory: string) => ReflectorMetrics)
    | undefined;
  /** Further options of every informer's reflector: page size, streaming lists, timeouts. */
  readonly reflector?: ReflectorTuning | undefined;
}

/** What `defaultsFor` makes: options of the informers of one kind. */
export interface ResourceDefaults {
  /** The kind. */
  readonly resource: InformerResource<unknown>;
  /** The options; their type is that of the kind. */
  readonly options: object;
}

/** Options of one informer of a factory. */
export interface InformerForOptions<T extends ObjectLike> extends InformerScope {
  /** Look at this namespace only; empty for all. Default: the factory's. */
  readonly namespace?: string | undefined;
  /** Look at these namespaces, which can change at any time. Instead of `namespace`. Default: the factory's. */
  readonly namespaces?: NamespaceSet | undefined;
  /** Further indices. Can be given each time the informer is asked for. */
  readonly indexers?: Indexers<T> | undefined;
  /** Changes each object before it is cached, instead of the factory's transform. */
  readonly transform?: TransformFunc<T> | undefined;
  /** The resync period of handlers that name none, in milliseconds. Default: the factory's. */
  readonly resyncPeriodMs?: number | undefined;
}

/** @throws TypeError or RangeError when an option of a factory cannot be used */
export function checkFactoryOptions(options: SharedInformerFactoryOptions): void {
  checkOptions('Cannot make informers', options);
  checkMilliseconds('resyncPeriodMs', options.resyncPeriodMs ?? 0);
  checkFunctions(options, ['tweakListOptions', 'transform', 'onError']);
  checkFunctions(options, ['metricsFor', 'reflectorMetricsFor']);
  checkFlags(options, ['keepManagedFields', 'freeze']);
  checkObjects(options, ['reflector']);
  checkClock(options.clock);
  checkPlace(options);
  if (options.maxConcurrentLists !== undefined)
    checkCount('maxConcurrentLists', options.maxConcurrentLists);
}

/** @throws TypeError or RangeError when an option of one informer cannot be used; SelectorError when a selector cannot be read */
export function checkInformerFor<T extends ObjectLike>(options: InformerForOptions<T>): void {
  checkScope(options);
  checkObjects(options, ['indexers']);
  checkFunctions(options, ['transform']);
  if (options.resyncPeriodMs !== undefined)
    checkMilliseconds('resyncPeriodMs', options.resyncPeriodMs);
}

/** @throws TypeError when place or selectors are none; SelectorError when a selector cannot be read */
export function checkScope(scope: InformerScope): void {
  checkOptions('Cannot choose an informer', scope);
  checkPlace(scope);
  checkSelectors(scope);
}
