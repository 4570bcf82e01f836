import { Bucket, type Entry, type Filing, type Filings } from './bucket.ts';
import { type IndexFunc, labelOf } from './index-functions.ts';
import { messageOf } from './message-of.ts';

/** The values of one object: a bare string when there is exactly one, which is by far the most frequent case. */
export type IndexValues = string | readonly string[];

const none: readonly string[] = [];

/**
 * One named index: from each value to the objects filed under it.
 *
 * What an object is filed under is remembered, not computed again from the old object, so the index stays exact even
 * when an index function is not pure or a cached object was changed in place.
 */
export class ValueIndex<T> {
  /** Name of the index. */
  readonly name: string;
  /** The function behind it. */
  readonly indexFunc: IndexFunc<T>;
  /** The label by which it files, if it files by one. */
  readonly label: string | undefined;
  /** By value. A value without objects is not in here, or short-lived values would leak (kubernetes#84959). */
  readonly #buckets = new Map<string, Bucket<T>>();

  constructor(name: string, indexFunc: IndexFunc<T>) {
    this.name = name;
    this.indexFunc = indexFunc;
    this.label = labelOf(indexFunc);
  }

  /** The values of an object, each once. Changes nothing. Throws what names index and object when the function fails. */
  compute(key: string, obj: T): IndexValues {
    let values: unknown;
    try {
      values = this.indexFunc(obj);
    } catch (cause) {
      const action = `Cannot compute index "${this.name}" of object "${key}"`;
      throw new Error(`${action}: ${messageOf(cause)}`, { cause });
    }
    if (Array.isArray(values) && values.length === 1 && typeof values[0] === 'string') {
      return values[0];
    }
    return this.#checked(key, values);
  }

  /** Files an entry under these values and no others. Returns where, to be given back the next time. */
  assign(
    entry: Entry<T>,
    old: Filings<T> | undefined,
    values: IndexValues,
  ): Filings<T> | undefined {
    if (typeof values === 'string' && old !== undefined && 'bucket' in old) {
      if (old.bucket.value === values) {
        old.bucket.refresh(old);
      } else {
        this.#leave(old);
        this.#bucketOf(values).add(old);
      }
      return old;
    }
    this.unassign(old);
    if (typeof values === 'string') {
      return this.#file(entry, values);
    }
    return values.length === 0 ? undefined : values.map((value) => this.#file(entry, value));
  }

  /** Takes an entry out of all values. */
  unassign(filings: Filings<T> | undefined): void {
    if (filings === undefined) {
      return;
    }
    if ('bucket' in filings) {
      this.#leave(filings);
    } else {
      for (const filing of filings) {
        this.#leave(filing);
      }
    }
  }

  /** The keys of the objects filed under a value, each once, in the order they were filed. */
  keys(value: string): string[] {
    return this.#buckets.get(value)?.keys() ?? [];
  }

  /** The objects filed under a value, each once, in the order they were filed. */
  objects(value: string): T[] {
    return this.#buckets.get(value)?.objects() ?? [];
  }

  /** Shows the objects filed under a value, each once, in the order they were filed. */
  each(value: string, visit: (obj: T) => void): void {
    this.#buckets.get(value)?.each(visit);
  }

  /** How many objects are filed under a value. */
  count(value: string): number {
    return this.#buckets.get(value)?.size ?? 0;
  }

  /** All values that have at least one object. */
  values(): string[] {
    return [...this.#buckets.keys()];
  }

  #checked(key: string, values: unknown): IndexValues {
    if (values instanceof Promise) {
      // It is refused below; what becomes of it must not end the process as an unhandled rejection.
      values.catch(() => {});
    }
    if (!Array.isArray(values) || values.some((value) => typeof value !== 'string')) {
      throw new TypeError(
        `Cannot compute index "${this.name}" of object "${key}": the index function must return an array of strings`,
      );
    }
    // Just checked: every element is a string.
    return values.length === 0 ? none : [...new Set(values as readonly string[])];
  }

  #file(entry: Entry<T>, value: string): Filing<T> {
    const bucket = this.#bucketOf(value);
    const filing = { entry, bucket, place: 0 };
    bucket.add(filing);
    return filing;
  }

  #bucketOf(value: string): Bucket<T> {
    let bucket = this.#buckets.get(value);
    if (bucket === undefined) {
      bucket = new Bucket(value);
      this.#buckets.set(value, bucket);
    }
    return bucket;
  }

  #leave(filing: Filing<T>): void {
    const { bucket } = filing;
    bucket.remove(filing);
    if (bucket.size === 0) {
      this.#buckets.delete(bucket.value);
    }
  }
}
