import type { KubeObject } from '../json.ts';
import { objectKey, Table, type Change } from './table.ts';

/** Hears of each change right after it was made, before the writer is answered. */
export type ChangeListener = (table: Table, change: Change) => void;

/** Where an object is. */
export interface ObjectLocation {
  readonly storageId: string;
  readonly key: string;
}

/** All objects, under one counter of resource versions. Writes happen in one turn of the loop each. */
export class Storage {
  readonly #tables = new Map<string, Table>();
  readonly #listeners = new Set<ChangeListener>();
  readonly #byUid = new Map<string, ObjectLocation>();
  readonly #capacity: number;
  readonly #waiters = new Set<() => void>();
  #resourceVersion = 1;
  /** The version that was last compacted; tables that are made later start from it. */
  #compacted = 0;

  /** @param capacity - how many changes each table keeps at least */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** The version of the last write. */
  get resourceVersion(): number {
    return this.#resourceVersion;
  }

  tables(): Table[] {
    return [...this.#tables.values()];
  }

  table(storageId: string): Table {
    let table = this.#tables.get(storageId);
    if (table === undefined) {
      table = new Table(storageId, this.#capacity);
      table.compact(this.#compacted);
      this.#tables.set(storageId, table);
    }
    return table;
  }

  get(storageId: string, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.table(storageId).get(objectKey(namespace, name));
  }

  locate(uid: string): ObjectLocation | undefined {
    return this.#byUid.get(uid);
  }

  /** Stores a new state of an object and returns it with its version set. */
  put(storageId: string, object: KubeObject): KubeObject {
    const stored = this.#stamp(object);
    const table = this.table(storageId);
    const key = objectKey(stored.metadata.namespace, stored.metadata.name);
    this.#byUid.set(stored.metadata.uid, { storageId, key });
    const previous = table.get(key);
    this.#commit(table, { ...this.#change(key, stored), previous, deleted: false });
    return stored;
  }

  /** Removes an object; `last` is the state that watchers are shown. */
  remove(storageId: string, last: KubeObject): KubeObject {
    const stamped = this.#stamp(last);
    const table = this.table(storageId);
    const key = objectKey(stamped.metadata.namespace, stamped.metadata.name);
    const previous = table.get(key);
    this.#byUid.delete(stamped.metadata.uid);
    this.#commit(table, { ...this.#change(key, stamped), previous, deleted: true });
    return stamped;
  }

  /** Forgets the history of every table. */
  compact(): void {
    this.#compacted = this.#resourceVersion;
    for (const table of this.#tables.values()) table.compact(this.#resourceVersion);
  }

  subscribe(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls `reached` once, right after the next write; the returned function takes that back. */
  onNextWrite(reached: () => void): () => void {
    this.#waiters.add(reached);
    return () => this.#waiters.delete(reached);
  }

  #change(key: string, object: KubeObject): Pick<Change, 'resourceVersion' | 'key' | 'object'> {
    return { resourceVersion: this.#resourceVersion, key, object };
  }

  #stamp(object: KubeObject): KubeObject {
    this.#resourceVersion += 1;
    const metadata = { ...object.metadata, resourceVersion: String(this.#resourceVersion) };
    return { ...object, metadata };
  }

  #commit(table: Table, change: Change): void {
    table.apply(change);
    for (const listener of this.#listeners) listener(table, change);
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const waiter of waiters) waiter();
  }
}
