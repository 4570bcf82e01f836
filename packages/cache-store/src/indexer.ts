import type { IndexFunc, Indexers } from './index-functions.ts';
import type { ObjectLike } from './object.ts';
import { mapOf, Store, type StoreOptions } from './store.ts';

/** Options of an {@link Indexer}. */
export interface IndexerOptions<T extends ObjectLike> extends StoreOptions<T> {
  /** Index functions by name; more can be added at any time. Default: none. */
  readonly indexers?: Indexers<T> | undefined;
}

/**
 * A {@link Store} whose objects can also be found by index values, without looking at any other object.
 *
 * After every write each index holds exactly what a scan of all objects with its function would find. Values without
 * objects are forgotten.
 */
export class Indexer<T extends ObjectLike> extends Store<T> {
  /**
   * @param options - all optional
   * @throws TypeError when an option cannot be used
   */
  constructor(options: IndexerOptions<T> = {}) {
    super(options);
    this.addIndexers(options.indexers ?? {});
  }

  /**
   * The objects that share at least one value of an index with the given object, each once.
   *
   * @throws RangeError when there is no such index; Error when its function fails on the object
   */
  index(name: string, obj: T): T[] {
    const index = mapOf(this).getIndex(name);
    const values = index.compute('(given to index)', obj);
    if (typeof values === 'string') {
      return index.objects(values);
    }
    const keys = new Set(values.flatMap((value) => index.keys(value)));
    // Whatever is filed under a value is held.
    return Array.from(keys, (key) => this.getByKey(key) as T);
  }

  /**
   * The objects filed under a value, in a new array.
   *
   * @throws RangeError when there is no such index
   */
  byIndex(name: string, value: string): T[] {
    return mapOf(this).getIndex(name).objects(value);
  }

  /**
   * The keys of the objects filed under a value, sorted.
   *
   * @throws RangeError when there is no such index
   */
  indexKeys(name: string, value: string): string[] {
    return mapOf(this).getIndex(name).keys(value).sort();
  }

  /**
   * All values of an index that have at least one object.
   *
   * @throws RangeError when there is no such index
   */
  listIndexFuncValues(name: string): string[] {
    return mapOf(this).getIndex(name).values();
  }

  /**
   * Adds indices; objects that are already there are filed at once. All are added, or none when one fails.
   *
   * @throws RangeError when an index of one of the names exists; TypeError when one is no function; Error when a function
   * fails on an object
   */
  addIndexers(indexers: Indexers<T>): void {
    mapOf(this).addIndices(indexers);
  }

  /** Whether there is an index of this name. */
  hasIndex(name: string): boolean {
    return mapOf(this).hasIndex(name);
  }

  /** The index functions by name, in a new object. */
  get indexers(): Indexers<T> {
    const entries: [string, IndexFunc<T>][] = [];
    for (const { name, indexFunc } of mapOf(this).indices) {
      entries.push([name, indexFunc]);
    }
    return Object.fromEntries(entries);
  }
}
