import type { IndexFunc } from './index-functions.ts';

/** The values of one object: a bare string when there is exactly one, which is by far the most frequent case. */
export type IndexValues = string | readonly string[];

const none: readonly string[] = [];

/**
 * One named index: from each value to the keys filed under it.
 *
 * What an object is filed under is remembered, not computed again from the old object, so the index stays exact even
 * when an index function is not pure or a cached object was changed in place.
 */
export class ValueIndex<T> {
  /** Name of the index. */
  readonly name: string;
  /** The function behind it. */
  readonly indexFunc: IndexFunc<T>;
  /** Keys by value; a lone key is held bare. A value without keys is not in here, or short-lived values would leak (kubernetes#84959). */
  readonly #keys = new Map<string, string | Set<string>>();
  /** Values by key; a key without values is not in here. */
  readonly #values = new Map<string, IndexValues>();

  constructor(name: string, indexFunc: IndexFunc<T>) {
    this.name = name;
    this.indexFunc = indexFunc;
  }

  /** The values of an object. Changes nothing. Throws what names index and object when the function fails. */
  compute(key: string, obj: T): IndexValues {
    let values: unknown;
    try {
      values = this.indexFunc(obj);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`Cannot compute index "${this.name}" of object "${key}": ${reason}`, {
        cause,
      });
    }
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
    const strings = values as readonly string[];
    if (strings.length === 1 && strings[0] !== undefined) {
      return strings[0];
    }
    return strings.length === 0 ? none : [...strings];
  }

  /** Files a key under these values and no others. */
  assign(key: string, values: IndexValues): void {
    const old = this.#values.get(key);
    if (old === values) {
      return;
    }
    if (old !== undefined) {
      this.#unfile(key, old);
    }
    if (typeof values === 'string') {
      this.#values.set(key, values);
      this.#add(key, values);
    } else if (values.length > 0) {
      this.#values.set(key, values);
      for (const value of values) {
        this.#add(key, value);
      }
    } else if (old !== undefined) {
      this.#values.delete(key);
    }
  }

  /** Removes a key from all values. */
  unassign(key: string): void {
    const old = this.#values.get(key);
    if (old !== undefined) {
      this.#unfile(key, old);
      this.#values.delete(key);
    }
  }

  /** The keys filed under a value, each once, in the order they were filed. */
  keys(value: string): Iterable<string> {
    const keys = this.#keys.get(value);
    return typeof keys === 'string' ? [keys] : (keys ?? none);
  }

  /** All values that have at least one key. */
  values(): string[] {
    return [...this.#keys.keys()];
  }

  #unfile(key: string, values: IndexValues): void {
    if (typeof values === 'string') {
      this.#remove(key, values);
    } else {
      for (const value of values) {
        this.#remove(key, value);
      }
    }
  }

  #add(key: string, value: string): void {
    const keys = this.#keys.get(value);
    if (keys === undefined) {
      this.#keys.set(value, key);
    } else if (typeof keys !== 'string') {
      keys.add(key);
    } else if (keys !== key) {
      this.#keys.set(value, new Set([keys, key]));
    }
  }

  #remove(key: string, value: string): void {
    const keys = this.#keys.get(value);
    if (typeof keys === 'string') {
      // A value is removed only with a key that was filed under it, so this is that key.
      this.#keys.delete(value);
    } else if (keys !== undefined) {
      keys.delete(key);
      if (keys.size === 0) {
        this.#keys.delete(value);
      }
    }
  }
}
