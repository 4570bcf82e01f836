import type { KubeObject } from '../json.ts';

/** One change of one object, in the order of resource versions. */
export interface Change {
  readonly resourceVersion: number;
  readonly key: string;
  /** The state after the change; for a deletion the last state, at the deletion's version. */
  readonly object: KubeObject;
  /** The state before the change; absent when the change created the object. */
  readonly previous: KubeObject | undefined;
  readonly deleted: boolean;
}

/** `namespace/name`, or `name` for an object without namespace. */
export function objectKey(namespace: string | undefined, name: string): string {
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;
}

/** The objects of one resource and a bounded log of their latest changes. */
export class Table {
  readonly id: string;
  readonly #objects = new Map<string, KubeObject>();
  readonly #capacity: number;
  /** Every change with a version above `#floor`, oldest first. */
  #log: Change[] = [];
  #floor = 0;
  /** Keys in order; made again on demand after a create or delete. */
  #keys: string[] | undefined;

  constructor(id: string, capacity: number) {
    this.id = id;
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#objects.size;
  }

  /** The newest version of which the changes after it are all known. */
  get floor(): number {
    return this.#floor;
  }

  get(key: string): KubeObject | undefined {
    return this.#objects.get(key);
  }

  /** The keys of all objects, sorted as etcd sorts them. */
  keys(): readonly string[] {
    this.#keys ??= [...this.#objects.keys()].sort();
    return this.#keys;
  }

  values(): IterableIterator<KubeObject> {
    return this.#objects.values();
  }

  /** Applies a change that has the newest version of the store. */
  apply(change: Change): void {
    if (change.deleted) this.#objects.delete(change.key);
    else this.#objects.set(change.key, change.object);
    if (change.deleted || change.previous === undefined) this.#keys = undefined;
    this.#log.push(change);
    // Trimmed in steps of a quarter, so that a write costs the same whatever the capacity is.
    if (this.#log.length > this.#capacity * 1.25) this.#trim(this.#log.length - this.#capacity);
  }

  /** Forgets the changes up to and including `resourceVersion`. */
  compact(resourceVersion: number): void {
    this.#trim(this.#indexAfter(resourceVersion));
    this.#floor = Math.max(this.#floor, resourceVersion);
  }

  /** The changes after `resourceVersion`; `undefined` when some of them are forgotten. */
  since(resourceVersion: number): readonly Change[] | undefined {
    if (resourceVersion < this.#floor) return undefined;
    return this.#log.slice(this.#indexAfter(resourceVersion));
  }

  /** The objects as they were at `resourceVersion`; `undefined` when that is forgotten. */
  snapshot(resourceVersion: number): ReadonlyMap<string, KubeObject> | undefined {
    if (resourceVersion < this.#floor) return undefined;
    const from = this.#indexAfter(resourceVersion);
    if (from === this.#log.length) return this.#objects;
    const past = new Map(this.#objects);
    for (let index = this.#log.length - 1; index >= from; index--) {
      const change = this.#log[index];
      if (change === undefined) continue;
      if (change.previous === undefined) past.delete(change.key);
      else past.set(change.key, change.previous);
    }
    return past;
  }

  #trim(count: number): void {
    if (count <= 0) return;
    this.#floor = this.#log[count - 1]?.resourceVersion ?? this.#floor;
    this.#log = this.#log.slice(count);
  }

  /** The position of the first change after `resourceVersion`. */
  #indexAfter(resourceVersion: number): number {
    let low = 0;
    let high = this.#log.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#log[middle]?.resourceVersion ?? 0) <= resourceVersion) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
