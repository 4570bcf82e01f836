import type { IndexFunc, Indexers } from './index-functions.ts';
import { ValueIndex, type IndexValues } from './value-index.ts';

/**
 * Objects by key, with named indices that are exact after every call.
 *
 * Every write computes what may fail before it changes anything: a call that throws has changed nothing.
 */
export class IndexedMap<T> {
  readonly #items = new Map<string, T>();
  readonly #indices = new Map<string, ValueIndex<T>>();

  /** The objects by key, in the order of their first write. Not to be written to. */
  get items(): ReadonlyMap<string, T> {
    return this.#items;
  }

  /** Holds an object under a key, instead of the one that was there. */
  set(key: string, obj: T): void {
    const filings: IndexValues[] = [];
    for (const index of this.#indices.values()) {
      filings.push(index.compute(key, obj));
    }
    this.#items.set(key, obj);
    let position = 0;
    for (const index of this.#indices.values()) {
      // One was computed for every index, in the same order.
      index.assign(key, filings[position] as IndexValues);
      position += 1;
    }
  }

  /** Drops a key. Nothing happens when it is not held. */
  delete(key: string): void {
    if (this.#items.delete(key)) {
      for (const index of this.#indices.values()) {
        index.unassign(key);
      }
    }
  }

  /** A new map without objects and with the same index functions. */
  emptyCopy(): IndexedMap<T> {
    const copy = new IndexedMap<T>();
    for (const { name, indexFunc } of this.#indices.values()) {
      copy.#indices.set(name, new ValueIndex(name, indexFunc));
    }
    return copy;
  }

  /** Adds those indices of another map which are missing here, and files every object that is already there. */
  adoptIndices(other: IndexedMap<T>): void {
    for (const { name, indexFunc } of other.#indices.values()) {
      if (!this.#indices.has(name)) {
        this.addIndices({ [name]: indexFunc });
      }
    }
  }

  /** Adds indices and files every object that is already there. All or none are added. */
  addIndices(indexers: Indexers<T>): void {
    const added = Object.entries(indexers).map(([name, indexFunc]) =>
      this.#newIndex(name, indexFunc),
    );
    for (const [key, obj] of this.#items) {
      for (const index of added) {
        index.assign(key, index.compute(key, obj));
      }
    }
    for (const index of added) {
      this.#indices.set(index.name, index);
    }
  }

  /** The indices by name. */
  get indices(): ReadonlyMap<string, ValueIndex<T>> {
    return this.#indices;
  }

  /** The index of a name; throws when there is none. */
  getIndex(name: string): ValueIndex<T> {
    const index = this.#indices.get(name);
    if (index === undefined) {
      const known = [...this.#indices.keys()].map((other) => `"${other}"`).join(', ');
      throw new RangeError(
        `Cannot use index "${name}": there is no index of this name; there are: ${known === '' ? 'none' : known}`,
      );
    }
    return index;
  }

  #newIndex(name: string, indexFunc: IndexFunc<T>): ValueIndex<T> {
    if (typeof indexFunc !== 'function') {
      throw new TypeError(`Cannot add index "${name}": its index function is not a function`);
    }
    if (this.#indices.has(name)) {
      throw new RangeError(`Cannot add index "${name}": an index of this name exists`);
    }
    return new ValueIndex(name, indexFunc);
  }
}
