/**
 * The order in which a {@link WorkQueue} hands out what is queued.
 *
 * Give your own as the option `storage` for another order than first in, first out. The queue sees to it
 * that an item is pushed at most once until it is popped. Its methods must not throw: an item would be lost.
 * It is `Queue` of client-go's `util/workqueue`.
 */
export interface Storage<T> {
  /** Called when a queued item is added again, with the newly added item: a chance to move it forward. Not called for items that are being processed. */
  touch(item: T): void;
  /** Takes in an item. */
  push(item: T): void;
  /** Gives back the item to hand out next, and forgets it. Called only when `length` is more than zero. */
  pop(): T;
  /** How many items are in here. */
  readonly length: number;
}

const initialCapacity = 16;

/** First in, first out, in a ring that grows as needed and keeps no reference to what it has given back. */
export class Ring<T> implements Storage<T> {
  /** As long as the slots that were used so far. Filling all slots beforehand cost a quarter of a short-lived queue. */
  #slots: (T | undefined)[] = [];
  /** How many slots there may be: a power of two, so that a mask finds a slot. */
  #capacity = initialCapacity;
  #head = 0;
  #length = 0;

  /** How many items are in the ring. */
  get length(): number {
    return this.#length;
  }

  /** Does nothing: being added again does not move an item. */
  touch(_item: T): void {}

  /** Adds an item at the end. */
  push(item: T): void {
    if (this.#length === this.#capacity) this.#grow();
    this.#slots[(this.#head + this.#length) & (this.#capacity - 1)] = item;
    this.#length += 1;
  }

  /** Removes the item that has been in here the longest. Must not be called on an empty ring. */
  pop(): T {
    // A slot within the length is always filled.
    const item = this.#slots[this.#head] as T;
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#capacity - 1);
    this.#length -= 1;
    if (this.#length === 0 && this.#capacity > 1024) this.#reset();
    return item;
  }

  /** From the oldest to the newest. */
  *[Symbol.iterator](): Generator<T, void, undefined> {
    for (let offset = 0; offset < this.#length; offset += 1)
      // A slot within the length is always filled.
      yield this.#slots[(this.#head + offset) & (this.#capacity - 1)] as T;
  }

  /** To be called when every slot is filled. */
  #grow(): void {
    if (this.#head > 0)
      this.#slots = [...this.#slots.slice(this.#head), ...this.#slots.slice(0, this.#head)];
    this.#head = 0;
    this.#capacity *= 2;
  }

  #reset(): void {
    this.#slots = [];
    this.#capacity = initialCapacity;
    this.#head = 0;
  }
}

/** Lets a storage of items store the entries of these items. */
export class KeyedStorage<T, E extends { readonly item: T }> implements Storage<E> {
  readonly #storage: Storage<T>;
  readonly #entryOf: (item: T) => E | undefined;

  /** @param entryOf - finds the entry of an item that is queued */
  constructor(storage: Storage<T>, entryOf: (item: T) => E | undefined) {
    this.#storage = storage;
    this.#entryOf = entryOf;
  }

  /** How many items the storage holds. */
  get length(): number {
    return this.#storage.length;
  }

  /** Touches the item of `entry`. */
  touch(entry: E): void {
    this.#storage.touch(entry.item);
  }

  /** Pushes the item of `entry`. */
  push(entry: E): void {
    this.#storage.push(entry.item);
  }

  /**
   * The entry of the item that the storage pops.
   *
   * @throws Error when the storage pops an item that is not queued
   */
  pop(): E {
    const entry = this.#entryOf(this.#storage.pop());
    if (entry === undefined)
      throw new Error('Cannot hand out an item: the storage popped one that is not queued');
    return entry;
  }
}
