import type { ObjectLike } from '@kubeloop/cache-store';
import { DeletedFinalStateUnknown, metaNamespaceKeyFunc } from '@kubeloop/cache-store';
import type { Clock } from '@kubeloop/ratelimiter';
import { systemClock } from '@kubeloop/ratelimiter';
import { checkDuration, checkGiven, checkMethods, checkPositiveInteger } from '../option-checks.ts';
import { hasReached } from './version-order.ts';

/** What a {@link MutationCache} is made of. */
export interface MutationCacheOptions<T extends ObjectLike> {
  /** The cache that own writes shadow, such as `informer.indexer`. */
  readonly store: MutationStore<T>;
  /** How long a write is remembered at most. Default 300,000. */
  readonly ttlMs?: number | undefined;
  /** Of more writes than this those go first that were used least recently. Default 100. */
  readonly maxSize?: number | undefined;
  /**
   * Whether an own write also shows while the store has nothing under its key. An object that goes before the store has
   * seen it then shows for up to `ttlMs`. Default `false`.
   */
  readonly includeAdds?: boolean | undefined;
  /** Default: the clock of the process. */
  readonly clock?: Clock | undefined;
}

/** What is read of the store. */
export interface MutationStore<T> {
  /** The object under a key. */
  getByKey(key: string): T | undefined;
  /** The objects in one place of an index; only for {@link MutationCache.byIndex}. */
  byIndex?(name: string, value: string): readonly T[];
  /** The functions of the indices; only for {@link MutationCache.byIndex}. */
  readonly indexers?: Readonly<Record<string, (object: T) => readonly string[]>>;
}

interface Entry<T> {
  /** The write, or `undefined` for a tombstone. */
  readonly object: T | undefined;
  readonly uid: string | undefined;
  readonly version: string;
  readonly atMs: number;
}

/**
 * Shadows a cache with this process's own writes, for reads that must not wait: what comes back is the newer of the own
 * write and the cached object. The rules are those of client-go's `MutationCache` (`tools/cache/mutation_cache.go`).
 *
 * Add it to the informer, `informer.addEventHandler(mutations)`, so that a write is forgotten when the informer has seen it,
 * and one that is recorded after its object is gone stays hidden. It is a handler: events update it in order.
 */
export class MutationCache<T extends ObjectLike> {
  readonly #store: MutationStore<T>;
  readonly #ttlMs: number;
  readonly #maxSize: number;
  readonly #includeAdds: boolean;
  readonly #clock: Clock;
  /** The least recently used first. */
  readonly #entries = new Map<string, Entry<T>>();

  /** @throws TypeError when the store is none; RangeError when a number is out of range */
  constructor(options: MutationCacheOptions<T>) {
    checkGiven('Cannot make a mutation cache', options);
    const { store, ttlMs, maxSize, includeAdds, clock } = options;
    checkMethods('this store', store, ['getByKey']);
    checkDuration('ttlMs', ttlMs ?? 0);
    checkPositiveInteger('maxSize', maxSize ?? 100);
    this.#store = store;
    this.#ttlMs = ttlMs ?? 300_000;
    this.#maxSize = maxSize ?? 100;
    this.#includeAdds = includeAdds ?? false;
    this.#clock = clock ?? systemClock;
  }

  /** Records what the server has answered to a write. One that is older than what is known, or of an object that has gone, is dropped. */
  mutation(object: T): void {
    const key = metaNamespaceKeyFunc(object);
    const known = this.#find(key);
    if (known) {
      const isTombstone = known.object === undefined;
      if (!hasReached(versionOf(object), known.version)) return;
      const isGone = versionOf(object) === known.version || object.metadata?.uid === known.uid;
      if (isTombstone && isGone) return;
    }
    this.#put(key, object, object);
  }

  /** The newer of the own write and the cached object. */
  getByKey(key: string): T | undefined {
    const cached = this.#store.getByKey(key);
    if (cached !== undefined) return this.#newer(key, cached);
    return this.#includeAdds ? this.#find(key)?.object : undefined;
  }

  /**
   * The objects in one place of an index, each the newer one.
   *
   * @throws Error when the store has no indices
   */
  byIndex(name: string, value: string): readonly T[] {
    const { indexers } = this.#store;
    if (!this.#store.byIndex)
      throw new Error(`Cannot read index "${name}": the store has no indices`);
    const cached = this.#store.byIndex(name, value);
    const keys = new Set(cached.map(metaNamespaceKeyFunc));
    const objects = cached.map((object) => this.#newer(metaNamespaceKeyFunc(object), object));
    if (!this.#includeAdds) return objects;
    const written = [...this.#entries.keys()]; // looking one up moves it to the end
    for (const key of written) {
      const object = keys.has(key) ? undefined : this.#find(key)?.object;
      if (object !== undefined && indexers?.[name]?.(object).includes(value)) objects.push(object);
    }
    return objects;
  }

  /** The informer has seen an object: an own write that is not newer is forgotten. */
  readonly add = (object: T): void => {
    const key = metaNamespaceKeyFunc(object);
    const known = this.#find(key);
    if (known && hasReached(versionOf(object), known.version)) this.#entries.delete(key);
  };

  /** As {@link MutationCache.add}. */
  readonly update = (_old: T, object: T): void => this.add(object);

  /**
   * The informer has seen an object go: an own write of the same object is forgotten, whatever its version, and one of
   * another object of the name when it is not newer.
   */
  readonly delete = (told: T | DeletedFinalStateUnknown<T>): void => {
    // A tombstone of an informer holds an object of its cache, or none.
    const object = DeletedFinalStateUnknown.is(told) ? told.obj : told;
    if (object === undefined) return;
    const key = metaNamespaceKeyFunc(object);
    const known = this.#find(key);
    if (known) {
      const isSame = known.uid !== undefined && known.uid === object.metadata?.uid;
      if (!isSame && !hasReached(versionOf(object), known.version)) return;
    }
    this.#put(key, object, undefined);
  };

  #newer(key: string, cached: T): T {
    const known = this.#find(key);
    if (!known) return cached;
    if (known.object !== undefined && !hasReached(versionOf(cached), known.version))
      return known.object;
    this.#entries.delete(key);
    return cached;
  }

  /** Expired entries are no more; what is found was used just now. */
  #find(key: string): Entry<T> | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#entries.delete(key);
    if (this.#clock.now() - entry.atMs > this.#ttlMs) return undefined;
    this.#entries.set(key, entry);
    return entry;
  }

  #put(key: string, { metadata }: ObjectLike, object: T | undefined): void {
    this.#entries.delete(key);
    this.#entries.set(key, {
      object,
      uid: metadata?.uid,
      version: metadata?.resourceVersion ?? '',
      atMs: this.#clock.now(),
    });
    if (this.#entries.size <= this.#maxSize) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}

function versionOf(object: ObjectLike): string {
  return object.metadata?.resourceVersion ?? '';
}
