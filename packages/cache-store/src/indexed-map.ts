import type { Entry } from './bucket.ts';
import { checkOptions } from './checks.ts';
import type { Indexers } from './index-functions.ts';
import { ValueIndex, type IndexValues } from './value-index.ts';

/**
 * Objects by key, with named indices that are exact after every call.
 *
 * Every write computes what may fail before it changes anything: a call that throws has changed nothing.
 */
export class IndexedMap<T> {
  readonly #entries = new Map<string, Entry<T>>();
  /** The filings of an entry are in the same order. */
  readonly #indices: ValueIndex<T>[] = [];

  /** Number of objects. */
  get size(): number {
    return this.#entries.size;
  }

  /** The keys, in the order of their first write. */
  keys(): IterableIterator<string> {
    return this.#entries.keys();
  }

  /** The entries, in the order of their first write. Not to be written to. */
  entries(): IterableIterator<Entry<T>> {
    return this.#entries.values();
  }

  /** The objects, in the order of their first write, in a new array. */
  list(): T[] {
    const list: T[] = [];
    for (const { obj } of this.#entries.values()) {
      list.push(obj);
    }
    return list;
  }

  /** The objects one by one, in the order of their first write. */
  *objects(): Generator<T, void, undefined> {
    for (const { obj } of this.#entries.values()) {
      yield obj;
    }
  }

  /** The object held under a key. */
  get(key: string): T | undefined {
    return this.#entries.get(key)?.obj;
  }

  /** Holds an object under a key, instead of the one that was there. */
  set(key: string, obj: T): void {
    const indices = this.#indices;
    const values: IndexValues[] = [];
    for (let position = 0; position < indices.length; position += 1) {
      // The position is within the array.
      values.push((indices[position] as ValueIndex<T>).compute(key, obj));
    }
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { key, obj, filings: [] };
      this.#entries.set(key, entry);
    } else {
      entry.obj = obj;
    }
    for (let position = 0; position < indices.length; position += 1) {
      this.#assign(entry, position, values[position] as IndexValues);
    }
  }

  /** Drops a key. Nothing happens when it is not held. */
  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) {
      return;
    }
    this.#entries.delete(key);
    for (const [position, index] of this.#indices.entries()) {
      index.unassign(entry.filings[position]);
    }
  }

  /** A new map without objects and with the same index functions. */
  emptyCopy(): IndexedMap<T> {
    const copy = new IndexedMap<T>();
    for (const { name, indexFunc } of this.#indices) {
      copy.#indices.push(new ValueIndex(name, indexFunc));
    }
    return copy;
  }

  /** Adds those indices of another map which are missing here, and files every object that is already there. */
  adoptIndices(other: IndexedMap<T>): void {
    for (const { name, indexFunc } of other.#indices) {
      if (!this.hasIndex(name)) {
        this.addIndices({ [name]: indexFunc });
      }
    }
  }

  /** Adds indices and files every object that is already there. All or none are added. */
  addIndices(indexers: Indexers<T>): void {
    checkOptions('Cannot add indices', indexers);
    for (const [name, indexFunc] of Object.entries(indexers)) {
      this.#checkIndex(name, indexFunc);
    }
    const added = Object.entries(indexers).map(
      ([name, indexFunc]) => new ValueIndex(name, indexFunc),
    );
    const values = added.map((index) =>
      Array.from(this.#entries.values(), ({ key, obj }) => index.compute(key, obj)),
    );
    for (const [which, index] of added.entries()) {
      const position = this.#indices.push(index) - 1;
      let row = 0;
      for (const entry of this.#entries.values()) {
        // One was computed for every entry, in the same order.
        this.#assign(entry, position, values[which]?.[row] as IndexValues);
        row += 1;
      }
    }
  }

  /** The indices. Not to be written to. */
  get indices(): readonly ValueIndex<T>[] {
    return this.#indices;
  }

  /** Whether there is an index of this name. */
  hasIndex(name: string): boolean {
    return this.#indices.some((index) => index.name === name);
  }

  /** The index of a name; throws when there is none. */
  getIndex(name: string): ValueIndex<T> {
    const index = this.#indices.find((one) => one.name === name);
    if (index === undefined) {
      const known = this.#indices.map((one) => `"${one.name}"`).join(', ');
      throw new RangeError(
        `Cannot use index "${name}": there is no index of this name; there are: ${known === '' ? 'none' : known}`,
      );
    }
    return index;
  }

  #assign(entry: Entry<T>, position: number, values: IndexValues): void {
    const { filings } = entry;
    filings[position] = this.#indices[position]?.assign(entry, filings[position], values);
  }

  #checkIndex(name: string, indexFunc: unknown): void {
    if (typeof indexFunc !== 'function') {
      throw new TypeError(`Cannot add index "${name}": its index function is not a function`);
    }
    if (this.hasIndex(name)) {
      throw new RangeError(`Cannot add index "${name}": an index of this name exists`);
    }
  }
}
