import type { ObjectLike } from '@kubeloop/cache-store';
import { checkOptions, checkSignal } from './checks.ts';
import { type Clock, systemClock } from './clock.ts';
import {
  checkFactoryOptions,
  checkInformerFor,
  checkScope,
  type InformerForOptions,
  type SharedInformerFactoryOptions,
} from './factory-options.ts';
import type { WaitOptions } from './gate.ts';
import type { SharedInformer } from './informer.ts';
import { InformerMaker } from './informer-maker.ts';
import { InformerLease } from './lease.ts';
import type { NamespaceSet } from './namespace-set.ts';
import { placeOf } from './place.ts';
import { checkResource, type InformerClient, type InformerResource } from './resource.ts';
import { DefaultsByResource, identityOf } from './resource-defaults.ts';
import { type InformerScope, tweaked } from './selection.ts';
import {
  addMissingIndexers,
  checkAgreement,
  forget,
  isUnderWay,
  runShared,
  type Shared,
  syncing,
} from './sharing.ts';
import { checkWaitForAll, waitForAll } from './wait-for-sync.ts';

/**
 * The informers of one client: for each kind, namespace and selector one, however often it is asked for.
 *
 * Nothing is listed before {@link start}. Informers asked for later are started by the next call of it.
 */
export class SharedInformerFactory {
  readonly #options: SharedInformerFactoryOptions;
  readonly #clock: Clock;
  readonly #shared = new Map<string, Shared>();
  readonly #maker: InformerMaker;
  readonly #defaults: DefaultsByResource;
  /** Numbers of the sets of namespaces, to tell them apart. */
  readonly #sets = new WeakMap<NamespaceSet, number>();
  #setCount = 0;
  #isShutDown = false;

  /**
   * @param client - where the data comes from
   * @param options - what holds for every informer
   * @throws TypeError without a client, when an option is of the wrong kind, or when a namespace and a set of namespaces are
   * given; RangeError when a number is out of range; Error when the name is in use, or `byResource` names a kind twice
   */
  constructor(client: InformerClient, options: SharedInformerFactoryOptions = {}) {
    if (typeof client?.resource !== 'function')
      throw new TypeError('Cannot make informers: they need a client, such as a KubeClient');
    checkFactoryOptions(options);
    this.#defaults = new DefaultsByResource(options.byResource ?? []);
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#maker = new InformerMaker(client, options, this.#clock);
  }

  /**
   * The informer of a kind: the same one for the same namespace, or set of namespaces, and selectors. It must be given back
   * with {@link release} as often as it was asked for if it is to end before the factory does; {@link acquire} keeps count
   * of that.
   *
   * @throws Error when there is one already that was made with another transform, resync period or index of the same
   * name; TypeError when this is no resource, when an option cannot be used, or when a namespace is asked for and the kind has
   * none; SelectorError when a selector cannot be read
   */
  informerFor<T extends ObjectLike>(
    resource: InformerResource<T>,
    options: InformerForOptions<T> = {},
  ): SharedInformer<T> {
    return this.#share(resource, options).informer;
  }

  /**
   * What the informer looks at that is asked for in this way, with all defaults: where, and the selectors that the server is
   * asked with. Makes no informer.
   *
   * @throws TypeError and SelectorError as {@link informerFor} does
   */
  scopeOf<T extends ObjectLike>(
    resource: InformerResource<T>,
    options: InformerScope = {},
  ): InformerScope {
    checkResource(resource);
    checkScope(options);
    const defaults = this.#defaults.of(resource);
    const place = placeOf(resource, options, defaults, this.#options);
    const { labelSelector, fieldSelector } = { ...defaults, ...definedOf(options) };
    return {
      ...tweaked(this.#options.tweakListOptions, { labelSelector, fieldSelector }),
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
    const { shared, informer } = this.#share(resource, options);
    if (!isUnderWay(shared)) this.#run(shared, undefined);
    return new InformerLease(informer, () => this.#release(shared));
  }

  /**
   * Gives an informer back. When nobody else has it, it is stopped and forgotten; resolves when that is done.
   * Does nothing for an informer that is not, or no longer, the factory's.
   */
  async release(informer: { readonly name: string }): Promise<void> {
    for (const shared of this.#shared.values())
      if (shared.informer === informer) return this.#release(shared);
  }

  /**
   * Starts every informer that does not run, and returns at once. They run until the signal aborts, {@link shutdown}
   * or {@link release}. Can be called again, for those that were asked for meanwhile or that were stopped.
   *
   * @throws Error after a shutdown; TypeError when the signal is none
   */
  start(options: { readonly signal?: AbortSignal | undefined } = {}): void {
    checkOptions('Cannot start informers', options);
    const { signal } = options;
    if (this.#isShutDown) throw new Error('Cannot start informers: the factory is shut down');
    if (signal !== undefined) checkSignal('Cannot start informers', signal);
    for (const shared of this.#shared.values()) if (!isUnderWay(shared)) this.#run(shared, signal);
  }

  /**
   * Resolves when every informer that was started has synced.
   *
   * @throws {@link CacheSyncError}, which names those that have not and why, when the time is up, the signal aborts or
   * an informer is stopped; Error when informers were asked for and none was started; TypeError or RangeError when an option
   * cannot be used
   */
  async waitForCacheSync(
    options: WaitOptions & {
      /** How long to wait, in milliseconds. Default: for as long as it takes. */
      readonly timeoutMs?: number | undefined;
      /** Called with the name of each informer as soon as it has synced, those that had before included. */
      readonly onSynced?: ((informer: string) => void) | undefined;
    } = {},
  ): Promise<void> {
    checkWaitForAll(options);
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
    this.#maker.identity.release();
  }

  /** The same as {@link shutdown}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  /** The informer that is asked for, made if there is none, and used once more. */
  #share<T extends ObjectLike>(
    resource: InformerResource<T>,
    options: InformerForOptions<T>,
  ): { readonly shared: Shared; readonly informer: SharedInformer<T> } {
    checkResource(resource);
    checkInformerFor(options);
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
      shared = this.#maker.make(id, resource, { ...asked, place });
      this.#shared.set(id, shared);
    }
    // The id holds the kind, so that the informer is the one that was made for objects of this type.
    const informer = shared.informer as SharedInformer<T>;
    addMissingIndexers(informer, asked.indexers);
    shared.users += 1;
    return { shared, informer };
  }

  async #release(shared: Shared): Promise<void> {
    // It may be forgotten already, and another one be in its place.
    if (this.#shared.get(shared.id) !== shared) return;
    shared.users -= 1;
    if (shared.users > 0) return;
    this.#shared.delete(shared.id);
    if (shared.isCounted) this.#maker.identity.giveBack(shared.informer.name);
    shared.stop?.abort();
    await shared.ended;
    forget(shared);
  }

  #run(shared: Shared, signal: AbortSignal | undefined): void {
    runShared(shared, signal, (error) => this.#maker.report(error, shared.informer.name, 'source'));
  }

  #numberOf(set: NamespaceSet): number {
    const number = this.#sets.get(set) ?? (this.#setCount += 1);
    this.#sets.set(set, number);
    return number;
  }
}

/** Without the members that are there and `undefined`. */
function definedOf<T extends object>(options: T): Partial<T> {
  // Members are left out and nothing else.
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as Partial<T>;
}
