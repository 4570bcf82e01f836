import type { ObjectLike } from '@kubeloop/cache-store';
import { WatchListMemory } from '@kubeloop/reflector';
import { type Clock, systemClock } from './clock.ts';
import type { TransformFunc } from './event-queue.ts';
import { Gate, type WaitOptions } from './gate.ts';
import { SharedInformer } from './informer.ts';
import type { InformerForOptions, SharedInformerFactoryOptions } from './factory-options.ts';
import type { ReflectorTuning } from './informer-options.ts';
import { checkMilliseconds } from './informer-options.ts';
import { InformerLease } from './lease.ts';
import { ErrorReporter, type InformerErrorContext } from './reporter.ts';
import { MetricsIdentity } from './metrics-identity.ts';
import { guardedMetrics, type InformerMetrics } from './metrics.ts';
import type { NamespaceSet } from './namespace-set.ts';
import { checkPlace, type Place, placeOf } from './place.ts';
import { namesManagedFields, projecting } from './projection.ts';
import { checkResource, type InformerClient, type InformerResource } from './resource.ts';
import { DefaultsByResource, identityOf } from './resource-defaults.ts';
import { type InformerScope, select } from './selection.ts';
import {
  addMissingIndexers,
  checkAgreement,
  describe,
  forget,
  type Shared,
  syncing,
} from './sharing.ts';
import { checkSignal } from './signal.ts';
import { waitForAll } from './wait-for-sync.ts';

/** Where the figures of one informer go. */
interface CountedFigures {
  readonly isCounted: boolean;
  readonly metrics?: InformerMetrics | undefined;
  readonly reflectorMetrics?: Pick<ReflectorTuning, 'metrics'> | undefined;
}

/**
 * The informers of one client: for each kind, namespace and selector one, however often it is asked for.
 *
 * Nothing is listed before {@link start}. Informers asked for later are started by the next call of it.
 */
export class SharedInformerFactory {
  readonly #client: InformerClient;
  readonly #options: SharedInformerFactoryOptions;
  readonly #clock: Clock;
  readonly #shared = new Map<string, Shared>();
  readonly #identity: MetricsIdentity;
  readonly #memories = new Map<string, WatchListMemory>();
  readonly #defaults: DefaultsByResource;
  /** Numbers of the sets of namespaces, to tell them apart. */
  readonly #sets = new WeakMap<NamespaceSet, number>();
  #setCount = 0;
  #isShutDown = false;

  /**
   * @param client - where the data comes from
   * @param options - what holds for every informer
   * @throws TypeError without a client, or when a namespace and a set of namespaces are given; RangeError when
   * `resyncPeriodMs` is out of range; Error when the name is in use, or `byResource` names a kind twice
   */
  constructor(client: InformerClient, options: SharedInformerFactoryOptions = {}) {
    if (typeof client?.resource !== 'function')
      throw new TypeError('Cannot make informers: they need a client, such as a KubeClient');
    checkMilliseconds('resyncPeriodMs', options.resyncPeriodMs ?? 0);
    checkPlace(options);
    this.#defaults = new DefaultsByResource(options.byResource ?? []);
    this.#client = client;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#identity = new MetricsIdentity(options.name);
  }

  /**
   * The informer of a kind: the same one for the same namespace, or set of namespaces, and selectors. It must be given back
   * with {@link release} as often as it was asked for if it is to end before the factory does; {@link acquire} keeps count
   * of that.
   *
   * @throws Error when there is one already that was made with another transform, resync period or index of the same
   * name; TypeError when this is no resource, or when a namespace is asked for and the kind has none; SelectorError when a
   * selector cannot be read
   */
  informerFor<T extends ObjectLike>(
    resource: InformerResource<T>,
    options: InformerForOptions<T> = {},
  ): SharedInformer<T> {
    checkResource(resource);
    const defaults = this.#defaults.of(resource);
    const place = placeOf(resource, options, defaults, this.#options);
    const asked = {
      ...defaults,
      ...definedOf(options),
      indexers: { ...defaults.indexers, ...options.indexers },
    };
    const { labelSelector = '', fieldSelector = '' } = asked;
    const where = typeof place === 'string' ? place : this.#numberOf(place);
    const id = JSON.stringify([identityOf(resource), where, labelSelector, fieldSelector]);
    let shared = this.#shared.get(id);
    if (shared) {
      checkAgreement(shared, options);
    } else {
      shared = this.#make(id, resource, { ...asked, place });
      this.#shared.set(id, shared);
    }
    // The id holds the kind, so that the informer is the one that was made for objects of this type.
    const informer = shared.informer as SharedInformer<T>;
    addMissingIndexers(informer, asked.indexers);
    shared.users += 1;
    return informer;
  }

  /**
   * What the informer looks at that is asked for in this way, with all defaults: where, and the selectors that the server is
   * asked with. Makes no informer.
   *
   * @throws TypeError as {@link informerFor} does
   */
  scopeOf<T extends ObjectLike>(
    resource: InformerResource<T>,
    options: InformerScope = {},
  ): InformerScope {
    checkResource(resource);
    const defaults = this.#defaults.of(resource);
    const place = placeOf(resource, options, defaults, this.#options);
    const { labelSelector, fieldSelector } = { ...defaults, ...definedOf(options) };
    const { tweakListOptions = (asked) => asked } = this.#options;
    return {
      ...tweakListOptions({ labelSelector, fieldSelector }),
      ...(typeof place === 'string' ? { namespace: place } : { namespaces: place }),
    };
  }

  /**
   * The same as {@link informerFor}, but the informer runs at once, and for as long as anybody has a lease of it: the
   * release of the last one stops it and forgets its cache. Asked for again after that, it begins with a fresh list.
   *
   * @throws Error after a shutdown; as {@link informerFor} does
   */
  acquire<T extends ObjectLike>(
    resource: InformerResource<T>,
    options: InformerForOptions<T> = {},
  ): InformerLease<T> {
    if (this.#isShutDown)
      throw new Error(
        `Cannot acquire an informer of "${resource?.name}": the factory is shut down`,
      );
    const informer = this.informerFor(resource, options);
    for (const shared of this.#shared.values())
      if (shared.informer === informer && !isUnderWay(shared)) this.#run(shared, undefined);
    return new InformerLease(informer, () => this.release(informer));
  }

  /**
   * Gives an informer back. When nobody else has it, it is stopped and forgotten; resolves when that is done.
   * Does nothing for an informer that is not, or no longer, the factory's.
   */
  async release(informer: { readonly name: string }): Promise<void> {
    for (const shared of this.#shared.values()) {
      if (shared.informer !== informer) continue;
      shared.users -= 1;
      if (shared.users > 0) return;
      this.#shared.delete(shared.id);
      if (shared.isCounted) this.#identity.giveBack(shared.informer.name);
      shared.stop?.abort();
      await shared.ended;
      forget(shared);
      return;
    }
  }

  /**
   * Starts every informer that does not run, and returns at once. They run until the signal aborts, {@link shutdown}
   * or {@link release}. Can be called again, for those that were asked for meanwhile or that were stopped.
   *
   * @throws Error after a shutdown; TypeError when the signal is none
   */
  start({ signal }: { readonly signal?: AbortSignal | undefined } = {}): void {
    if (this.#isShutDown) throw new Error('Cannot start informers: the factory is shut down');
    if (signal !== undefined) checkSignal('Cannot start informers', signal);
    for (const shared of this.#shared.values()) if (!isUnderWay(shared)) this.#run(shared, signal);
  }

  /**
   * Resolves when every informer that was started has synced.
   *
   * @throws {@link CacheSyncError}, which names those that have not and why, when the time is up, the signal aborts or
   * an informer is stopped; Error when informers were asked for and none was started
   */
  async waitForCacheSync(
    options: WaitOptions & {
      /** How long to wait, in milliseconds. Default: for as long as it takes. */
      readonly timeoutMs?: number | undefined;
      /** Called with the name of each informer as soon as it has synced, those that had before included. */
      readonly onSynced?: ((informer: string) => void) | undefined;
    } = {},
  ): Promise<void> {
    const started = [...this.#shared.values()].filter((shared) => shared.stop);
    if (started.length === 0 && this.#shared.size > 0)
      throw new Error('Cannot wait for caches to sync: nothing is started; call start() first');
    await waitForAll(started.map(syncing), { ...options, clock: this.#clock });
  }

  /** Stops every informer. Resolves when no connection is open and no handler runs. Can be called again. */
  async shutdown(): Promise<void> {
    this.#isShutDown = true;
    const all = [...this.#shared.values()];
    for (const shared of all) shared.stop?.abort();
    await Promise.all(all.map((shared) => shared.ended));
    all.forEach(forget);
    this.#identity.release();
  }

  /** The same as {@link shutdown}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  #make<T extends ObjectLike>(
    id: string,
    resource: InformerResource<T>,
    options: InformerForOptions<T> & { readonly place: Place },
  ): Shared {
    const { place, labelSelector, fieldSelector, indexers } = options;
    const { tweakListOptions = (asked) => asked, keepManagedFields, ...defaults } = this.#options;
    const everywhere = this.#client.resource(resource);
    const isOne = typeof place === 'string' && place !== '';
    const source = isOne ? everywhere.namespace(place) : everywhere;
    const name = describe(resource.name, place, options);
    const { isCounted, metrics, reflectorMetrics } = this.#metricsOf(name, resource);
    const resyncPeriodMs = options.resyncPeriodMs ?? defaults.resyncPeriodMs ?? 0;
    // The factory's transform takes any object and, as all transforms must, returns one of the same kind.
    const transform = options.transform ?? (defaults.transform as TransformFunc<T> | undefined);
    const informer = new SharedInformer<T>({
      listerWatcher: select(source, {
        ...tweakListOptions({ labelSelector, fieldSelector }),
        omitManagedFields: !keepManagedFields && !namesManagedFields(resource),
      }),
      namespaces: typeof place === 'string' ? undefined : place,
      name,
      indexers,
      transform: projecting(resource, transform),
      resyncPeriodMs,
      freeze: defaults.freeze,
      clock: this.#clock,
      onError: defaults.onError,
      metrics,
      reflector: {
        watchListMemory: this.#memoryOf(resource),
        ...defaults.reflector,
        ...reflectorMetrics,
      },
    });
    const idle = { users: 0, stop: undefined, begun: new Gate(), ended: Promise.resolve() };
    const forgotten = guardedMetrics(metrics, (error) => this.#report(error, name, 'metrics'));
    const forget = (): void => forgotten.released?.();
    return { id, informer, transform, resyncPeriodMs, isCounted, forget, ...idle };
  }

  #report(error: unknown, informer: string, part: InformerErrorContext['part']): void {
    const { onError } = this.#options;
    const reporter = new ErrorReporter({ onError, emit: () => false });
    reporter.report(error, { informer, part });
  }

  /** Where the figures of a new informer go. */
  #metricsOf(name: string, resource: InformerResource<unknown>): CountedFigures {
    const { metricsFor, reflectorMetricsFor } = this.#options;
    const isCounted = Boolean(metricsFor ?? reflectorMetricsFor) && this.#identity.reserve(name);
    if (!isCounted) return { isCounted };
    const reflector = reflectorMetricsFor?.(name, this.#identity.name);
    return {
      isCounted,
      metrics: metricsFor?.(name, this.#identity.name, resource),
      reflectorMetrics: reflector && { metrics: reflector },
    };
  }

  /** Whether the server can stream lists of a kind is found out once for all informers of the kind. */
  #memoryOf({ apiVersion, plural, group }: InformerResource<unknown>): WatchListMemory {
    const id = `${apiVersion}/${plural}.${group}`;
    let memory = this.#memories.get(id);
    if (!memory) {
      memory = new WatchListMemory({ clock: this.#clock });
      this.#memories.set(id, memory);
    }
    return memory;
  }

  #numberOf(set: NamespaceSet): number {
    const number = this.#sets.get(set) ?? (this.#setCount += 1);
    this.#sets.set(set, number);
    return number;
  }

  #run(shared: Shared, signal: AbortSignal | undefined): void {
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
        this.#report(error, shared.informer.name, 'source');
      })
      .finally(() => signal?.removeEventListener('abort', onAbort));
  }
}

/** Whether it runs, or is to run as soon as the run before has ended. */
function isUnderWay({ stop, informer }: Shared): boolean {
  return stop ? !stop.signal.aborted : informer.isRunning;
}

/** Without the members that are there and `undefined`. */
function definedOf<T extends object>(options: T): Partial<T> {
  // Members are left out and nothing else.
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as Partial<T>;
}
