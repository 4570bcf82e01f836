import { checkList, checkMethods, shown } from './checks.ts';
import { Intake, type IntakeOptions } from './intake.ts';
import type { ObjectLike } from './object.ts';
import type { DeletedFinalStateUnknown } from './tombstone.ts';

/** Options of an {@link ExpirationStore}. */
export interface ExpirationStoreOptions<T extends ObjectLike> extends IntakeOptions<T> {
  /** How long an object is held after it was written, in milliseconds. Zero or less: for ever, as in client-go. */
  readonly ttlMs: number;
  /** Where time comes from; the clock of `@kubeloop/ratelimiter` fits. Default: the process. */
  readonly clock?: { now(): number } | undefined;
}

interface Entry<T> {
  readonly obj: T;
  readonly writtenMs: number;
}

/**
 * Objects by key that are forgotten some time after they were last written, for what need not be right for ever, such as
 * answers that were costly to get.
 *
 * An object that is as old as `ttlMs` is still there, an older one is not. Old objects are dropped when they are read, be
 * it one or the list; no timer runs, so what nobody reads stays in memory. Writing an object again makes it young again.
 * Objects are handed over, not copied. Lists are in the order in which keys were first written. Source: client-go’s `tools/cache/expiration_cache.go`.
 */
export class ExpirationStore<T extends ObjectLike> {
  readonly #intake: Intake<T>;
  readonly #ttlMs: number;
  readonly #now: () => number;
  #entries = new Map<string, Entry<T>>();

  /** @throws TypeError or RangeError when `ttlMs` is no number, or NaN, and when another option cannot be used */
  constructor(options: ExpirationStoreOptions<T>) {
    this.#intake = new Intake(options);
    const { ttlMs, clock } = options;
    if (typeof ttlMs !== 'number')
      throw new TypeError(`Cannot use ${shown(ttlMs)} as ttlMs: it must be a number`);
    if (Number.isNaN(ttlMs)) throw new RangeError('Cannot use NaN as ttlMs');
    checkMethods('the clock', clock, ['now']);
    this.#ttlMs = ttlMs;
    this.#now = clock === undefined ? () => performance.now() : () => clock.now();
  }

  /**
   * Holds an object under its key, from now on for `ttlMs`, instead of the one that was there.
   *
   * @throws KeyError when it has no key
   */
  add(obj: T): void {
    this.#put(this.#entries, obj, this.#now());
  }

  /**
   * The same as {@link ExpirationStore.add}; two names because events have two.
   *
   * @throws KeyError when it has no key
   */
  update(obj: T): void {
    this.add(obj);
  }

  /**
   * Drops the object with the key of the given one; nothing happens when there is none.
   *
   * @throws KeyError when it has no key
   */
  delete(obj: T | DeletedFinalStateUnknown<T>): void {
    this.#entries.delete(this.#intake.keyOf(obj));
  }

  /** Drops the object with this key; nothing happens when there is none. */
  deleteByKey(key: string): void {
    this.#entries.delete(key);
  }

  /**
   * Holds exactly these objects, all of the same age. On an error nothing is replaced.
   *
   * @throws KeyError when one has no key; TypeError when it is no list
   */
  replace(list: Iterable<T>): void {
    checkList(list);
    const next = new Map<string, Entry<T>>();
    const nowMs = this.#now();
    for (const obj of list) this.#put(next, obj, nowMs);
    this.#entries = next;
  }

  /**
   * The held object with the key of the given one, unless it is too old.
   *
   * @throws KeyError when it has no key
   */
  get(obj: T | DeletedFinalStateUnknown<T>): T | undefined {
    return this.getByKey(this.#intake.keyOf(obj));
  }

  /** The object held under a key, unless it is too old. */
  getByKey(key: string): T | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || this.#keeps(key, entry, this.#now())) return entry?.obj;
    return undefined;
  }

  /** The objects that are not too old, in a new array. */
  list(): T[] {
    return this.#live().map(([, { obj }]) => obj);
  }

  /** The keys of the objects that are not too old, in a new array. */
  listKeys(): string[] {
    return this.#live().map(([key]) => key);
  }

  /** How many objects are held in memory, those included that are too old and have not been read since. */
  get size(): number {
    return this.#entries.size;
  }

  #put(entries: Map<string, Entry<T>>, obj: T, writtenMs: number): void {
    const key = this.#intake.keyOf(obj);
    entries.set(key, { obj: this.#intake.prepare(key, obj), writtenMs });
  }

  #live(): [string, Entry<T>][] {
    const nowMs = this.#now();
    return Array.from(this.#entries).filter(([key, entry]) => this.#keeps(key, entry, nowMs));
  }

  /** Whether an object is still held; drops it if not. */
  #keeps(key: string, { writtenMs }: Entry<T>, nowMs: number): boolean {
    if (this.#ttlMs <= 0 || nowMs - writtenMs <= this.#ttlMs) return true;
    this.#entries.delete(key);
    return false;
  }
}
