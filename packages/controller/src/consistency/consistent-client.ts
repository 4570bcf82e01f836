import { type ObjectLike, splitMetaNamespaceKey } from '@kubeloop/cache-store';
import type { KubeClient, Resource } from '@kubeloop/client';
import type { SharedInformer } from '@kubeloop/informer';
import type { Clock } from '@kubeloop/ratelimiter';
import type { InformerSelection } from '../informer-selection.ts';
import { checkDuration } from '../option-checks.ts';
import type { ReconcileBarrier } from './barrier.ts';
import { cacheBarrier } from './barrier.ts';
import { CacheTracker } from './cache-tracker.ts';
import { catchUp, findBehind, withinTime } from './catching-up.ts';
import type { ConsistentReadOptions, ConsistentResource } from './consistent-resource.ts';
import { KindWrites } from './kind-writes.ts';
import type { CacheReader } from './recording-resource.ts';
import { RecordingResource } from './recording-resource.ts';

/**
 * How far a controller is kept from acting on its own past. `off`: reads of the consistent client do not wait. `at-read`:
 * they wait until the cache shows this process's own writes. `barrier`: in addition no reconcile begins before the caches
 * of its controller do, so that plain reads of a lister are good enough.
 */
export type Consistency = 'off' | 'at-read' | 'barrier';

/** What a {@link ConsistentClient} is made of; a manager has it all. */
export interface ConsistentClientOptions {
  /** Where writes go. */
  readonly client: Pick<KubeClient, 'resource'>;
  /** Where reads come from. */
  readonly informerFor: <T extends ObjectLike>(
    resource: Resource<T>,
    selection?: InformerSelection,
  ) => SharedInformer<T>;
  /** What such an informer looks at, with all defaults. Default: what the selection says. */
  readonly scopeOf?:
    | (<T extends ObjectLike>(
        resource: Resource<T>,
        selection: InformerSelection | undefined,
      ) => InformerSelection)
    | undefined;
  /** Whether reads wait, and whether there are barriers. */
  readonly consistency: Consistency;
  /** How long caches may take to show own writes. */
  readonly timeoutMs: number;
  /** Where time comes from. */
  readonly clock: Clock;
}

/** A kind of object that a controller reads. */
export interface WatchedResource {
  /** The kind. */
  readonly resource: Resource<ObjectLike>;
  /** Which objects of it the controller's informer holds. Default all. */
  readonly selection?: InformerSelection | undefined;
}

/** Remembers what this process writes, and reads caches that show it. Get one from a manager: `manager.consistentClient`. */
export class ConsistentClient {
  readonly #options: ConsistentClientOptions;
  readonly #kinds = new Map<string, KindWrites>();
  readonly #trackers = new WeakMap<object, CacheTracker>();

  /** Starts nothing. @param options - what it is made of */
  constructor(options: ConsistentClientOptions) {
    this.#options = options;
  }

  /**
   * The objects of a resource. The informer is that of the manager for the same resource and selection; it is started
   * by the first read unless a controller uses it already.
   */
  resource<T extends ObjectLike>(
    resource: Resource<T>,
    selection?: InformerSelection,
  ): ConsistentResource<T> {
    const client = this.#options.client.resource(resource);
    const writes = this.#writesOf(resource);
    const reader = this.#reader(resource, writes, selection);
    return new RecordingResource({ client, writes, reader, namespace: '' });
  }

  /** The barrier of a controller that reads these kinds; `undefined` unless there is to be one. */
  barrierFor(watched: readonly WatchedResource[]): ReconcileBarrier | undefined {
    const { consistency, timeoutMs, clock, informerFor } = this.#options;
    if (consistency !== 'barrier') return undefined;
    const trackers = watched.map(({ resource, selection }) =>
      this.#trackerOf(resource, informerFor(resource, selection), selection),
    );
    return cacheBarrier({ trackers: [...new Set(trackers)], timeoutMs, clock });
  }

  #writesOf(resource: Resource<unknown>): KindWrites {
    const kind = `${resource.apiVersion}/${resource.plural}`;
    const writes = this.#kinds.get(kind) ?? new KindWrites();
    this.#kinds.set(kind, writes);
    return writes;
  }

  #trackerOf<T extends ObjectLike>(
    resource: Resource<T>,
    informer: SharedInformer<T>,
    selection: InformerSelection | undefined,
  ): CacheTracker {
    const known = this.#trackers.get(informer);
    if (known) return known;
    const tracker = new CacheTracker({
      resource: resource.name,
      informer,
      selection: this.#options.scopeOf?.(resource, selection) ?? selection,
      clock: this.#options.clock,
    });
    this.#trackers.set(informer, tracker);
    this.#writesOf(resource).add(tracker);
    return tracker;
  }

  #reader<T extends ObjectLike>(
    resource: Resource<T>,
    writes: KindWrites,
    selection: InformerSelection | undefined,
  ): CacheReader<T> {
    const cacheFor = async (
      action: string,
      options: ConsistentReadOptions,
      { key, namespace }: { readonly key?: string; readonly namespace: string },
    ): Promise<SharedInformer<T>> => {
      const informer = this.#options.informerFor(resource, selection);
      const tracker = (): CacheTracker => this.#trackerOf(resource, informer, selection);
      await this.#upToDate({ action, options, key, namespace, informer, tracker, writes });
      return informer;
    };
    return {
      get: async (key, options) => {
        const { namespace } = splitMetaNamespaceKey(key);
        const what = `read "${key}" of ${resource.name}`;
        const { indexer } = await cacheFor(what, options, { key, namespace });
        return indexer.getByKey(key);
      },
      list: async (namespace, options) => {
        const { lister } = await cacheFor(`list ${resource.name}`, options, { namespace });
        const { labelSelector } = options;
        return namespace === ''
          ? lister.list(labelSelector)
          : lister.byNamespace(namespace).list(labelSelector);
      },
      byIndex: async ({ index, value, namespace }, options) => {
        const what = `read index "${index}" of ${resource.name}`;
        const { indexer } = await cacheFor(what, options, { namespace });
        const objects = indexer.byIndex(index, value);
        if (namespace === '') return objects;
        return objects.filter(({ metadata }) => metadata?.namespace === namespace);
      },
    };
  }

  async #upToDate(read: Read): Promise<void> {
    const { action, options, key, namespace, informer, tracker, writes } = read;
    const { signal, timeoutMs = this.#options.timeoutMs } = options;
    checkDuration('timeoutMs', timeoutMs);
    signal?.throwIfAborted();
    const { clock, consistency } = this.#options;
    const limits = { action, timeoutMs, clock, signal };
    const none = (): [] => [];
    if (!informer.hasSyncedIn(namespace))
      await withinTime((signal) => informer.waitForSync({ signal, namespace }), limits, none);
    if (consistency === 'off') return;
    const settled = writes.settled(key);
    if (settled) await withinTime(() => settled, limits, none);
    const behind = findBehind([tracker()], key);
    if (behind.length > 0) await catchUp(behind, limits);
  }
}

interface Read {
  readonly action: string;
  readonly options: ConsistentReadOptions;
  readonly key: string | undefined;
  /** The namespace that is read; empty for all, and for kinds that have none. */
  readonly namespace: string;
  readonly informer: Pick<SharedInformer<ObjectLike>, 'hasSyncedIn' | 'waitForSync'>;
  readonly tracker: () => CacheTracker;
  readonly writes: KindWrites;
}
