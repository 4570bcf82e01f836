import { deepFreeze, freezesByDefault } from './deep-freeze.ts';
import { IndexedMap } from './indexed-map.ts';
import { KeyError, metaNamespaceKeyFunc, type KeyFunc } from './key.ts';
import type { ObjectLike } from './object.ts';
import { noStoreMetrics, resourceVersionGauge, type StoreMetrics } from './store-metrics.ts';
import { DeletedFinalStateUnknown } from './tombstone.ts';
import { TransactionError, type FailedOperation, type StoreOperation } from './transaction.ts';

/** Options of a {@link Store}. */
export interface StoreOptions<T extends ObjectLike> {
  /** Key of an object; default {@link metaNamespaceKeyFunc}. */
  readonly keyFunc?: KeyFunc<T> | undefined;
  /**
   * Called once with every object before it is stored; what it returns is stored instead. The key is that of the object
   * as given. When it throws, the write fails and the store stays as it was. Default: objects are stored as given.
   */
  readonly transform?: ((obj: T) => T) | undefined;
  /**
   * Whether stored objects are frozen, deeply and in place, so that changing a shared object throws. Default: only where
   * `NODE_ENV` is `test` or `development`.
   */
  readonly freeze?: boolean | undefined;
  /** Where figures go; default: nowhere. */
  readonly metrics?: StoreMetrics | undefined;
}

/** The map inside a store, for what extends it in this package. */
export let mapOf: <T extends ObjectLike>(store: Store<T>) => IndexedMap<T>;

/**
 * Kubernetes objects by key.
 *
 * Objects are handed over, not copied: whoever reads one shares it with everybody else, and must not change it. Every
 * call is synchronous and either done completely or, when it throws, not at all. Lists are in the order of first write.
 */
export class Store<T extends ObjectLike> {
  readonly #keyFunc: KeyFunc<T>;
  readonly #transform: ((obj: T) => T) | undefined;
  readonly #freeze: boolean;
  readonly #metrics: StoreMetrics;
  #map: IndexedMap<T> = new IndexedMap();
  #resourceVersion = '';

  static {
    mapOf = (store) => store.#map;
  }

  /** @param options - all optional */
  constructor(options: StoreOptions<T> = {}) {
    this.#keyFunc = options.keyFunc ?? metaNamespaceKeyFunc;
    this.#transform = options.transform;
    this.#freeze = options.freeze ?? freezesByDefault();
    this.#metrics = options.metrics ?? noStoreMetrics;
  }

  /**
   * Holds an object under its key, instead of the one that was there.
   *
   * @throws {@link KeyError} when it has no key
   */
  add(obj: T): void {
    this.#put(obj);
    this.#report();
  }

  /**
   * The same as {@link Store.add}; two names because events have two.
   *
   * @throws {@link KeyError} when it has no key
   */
  update(obj: T): void {
    this.add(obj);
  }

  /**
   * Drops the object with the key of the given one; nothing happens when there is none. Given an object,
   * {@link Store.lastStoreSyncResourceVersion} becomes its version, which is the version of the deletion when the object
   * comes from a watch; given a tombstone it stays, since the version of the deletion is unknown.
   *
   * @throws {@link KeyError} when it has no key
   */
  delete(obj: T | DeletedFinalStateUnknown<T>): void {
    this.#drop(obj);
    this.#report();
  }

  /** Drops the object with this key; nothing happens when there is none. */
  deleteByKey(key: string): void {
    this.#map.delete(key);
    this.#report();
  }

  /**
   * Holds exactly these objects from now on; of several with the same key, the last. Readers see all of the old content
   * or all of the new. On an error nothing is replaced.
   *
   * @param list - the objects; not kept
   * @param resourceVersion - version of the list; default ""
   * @throws {@link KeyError} when one has no key
   */
  replace(list: Iterable<T>, resourceVersion = ''): void {
    const next = this.#map.emptyCopy();
    for (const obj of list) {
      next.set(this.#keyOf(obj), this.#prepare(obj));
    }
    this.#map = next;
    this.#resourceVersion = resourceVersion;
    this.#report();
  }

  /**
   * Does several writes in order, in one go.
   *
   * @throws {@link TransactionError} when some of them failed; it says which were done and which were not
   */
  transaction(...operations: readonly StoreOperation<T>[]): void {
    const successful: number[] = [];
    const failures: FailedOperation[] = [];
    for (const [index, operation] of operations.entries()) {
      try {
        this.#apply(operation);
        successful.push(index);
      } catch (error) {
        failures.push({ index, error });
      }
    }
    this.#report();
    if (failures.length > 0) {
      throw new TransactionError(successful, failures);
    }
  }

  /** All objects, in a new array. */
  list(): T[] {
    return Array.from(this.#map.items.values());
  }

  /** All keys, in a new array. */
  listKeys(): string[] {
    return Array.from(this.#map.items.keys());
  }

  /** All objects without the array; what is written during the iteration may or may not be seen. */
  values(): IterableIterator<T> {
    return this.#map.items.values();
  }

  /**
   * The held object with the key of the given one.
   *
   * @throws {@link KeyError} when it has no key
   */
  get(obj: T | DeletedFinalStateUnknown<T>): T | undefined {
    return this.getByKey(this.#keyOf(obj));
  }

  /** The object held under a key. */
  getByKey(key: string): T | undefined {
    return this.#map.items.get(key);
  }

  /** Number of objects. */
  get size(): number {
    return this.#map.items.size;
  }

  /** Notes that everything up to this version has been seen, though no object of it had to be written. */
  bookmark(resourceVersion: string): void {
    this.#resourceVersion = resourceVersion;
    this.#report();
  }

  /**
   * The last version seen: of the object last written or deleted, of the last replace, or of a bookmark, whichever came
   * last. "" at the start. Deletions without an object and objects without metadata leave it as it is.
   */
  get lastStoreSyncResourceVersion(): string {
    return this.#resourceVersion;
  }

  #apply(operation: StoreOperation<T>): void {
    switch (operation.type) {
      case 'add':
      case 'update':
        this.#put(operation.obj);
        break;
      case 'delete':
        this.#drop(operation.obj);
        break;
      default:
        throw new TypeError(
          `Cannot do operation "${String((operation as { type: unknown }).type)}": it must be add, update or delete`,
        );
    }
  }

  #put(obj: T): void {
    const key = this.#keyOf(obj);
    const stored = this.#prepare(obj);
    this.#map.set(key, stored);
    this.#follow(stored);
  }

  #drop(obj: T | DeletedFinalStateUnknown<T>): void {
    this.#map.delete(this.#keyOf(obj));
    if (!DeletedFinalStateUnknown.is(obj)) {
      this.#follow(obj);
    }
  }

  #prepare(obj: T): T {
    let stored = obj;
    if (this.#transform !== undefined) {
      try {
        stored = this.#transform(obj);
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`Cannot transform object "${this.#keyOf(obj)}": ${reason}`, { cause });
      }
      if (typeof stored !== 'object' || stored === null) {
        throw new TypeError(
          `Cannot transform object "${this.#keyOf(obj)}": the transform must return an object`,
        );
      }
    }
    return this.#freeze ? deepFreeze(stored) : stored;
  }

  #keyOf(obj: T | DeletedFinalStateUnknown<T>): string {
    if (DeletedFinalStateUnknown.is(obj)) {
      return obj.key;
    }
    let key: unknown;
    try {
      key = this.#keyFunc(obj);
    } catch (cause) {
      if (KeyError.is(cause)) {
        throw cause;
      }
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new KeyError(`Cannot compute the key of an object: ${reason}`, { obj, cause });
    }
    if (typeof key !== 'string') {
      throw new KeyError('Cannot compute the key of an object: the key is not a string', { obj });
    }
    return key;
  }

  #follow(obj: T): void {
    if (obj.metadata != null) {
      this.#resourceVersion = obj.metadata.resourceVersion ?? '';
    }
  }

  #report(): void {
    if (this.#metrics === noStoreMetrics) {
      return;
    }
    const version = resourceVersionGauge(this.#resourceVersion);
    if (version !== undefined) {
      this.#metrics.resourceVersion(version);
    }
    this.#metrics.objects(this.size);
  }
}
