import { DeletedFinalStateUnknown } from '@kubeloop/cache-store';
import type { Notification } from './events.ts';

type Add<T> = Extract<Notification<T>, { type: 'add' }>;
type Delete<T> = Extract<Notification<T>, { type: 'delete' }>;
/** What is owed for one key. A deletion can be followed by the addition of the object's successor, by nothing else. */
type Slot<T> = Notification<T> | { readonly type: 'replace'; gone: Delete<T>; added: Add<T> };

/**
 * The calls that a slow handler is still owed: at most two for each key, however many changes there were.
 *
 * Calls of one key are merged so that the handler, which has seen everything that was taken out before, sees a legal
 * sequence: an object that it never saw and that is gone again is never mentioned, and a deletion is never hidden behind
 * the object that follows under the same key. A key keeps the place of its first change.
 */
export class CoalescingBuffer<T> {
  readonly #slots = new Map<string, Slot<T>>();
  /** Walks over the slots as they come and go; a new walk over each call would pass all the holes again. */
  #walk: Iterator<string> | undefined;
  /** The key whose deletion was taken out and whose addition is next. */
  #half: string | undefined;
  readonly #onDrop: (notification: Add<T>) => void;

  /** @param onDrop - is told of each addition that is taken back because the object is gone before it was seen */
  constructor(onDrop: (notification: Add<T>) => void) {
    this.#onDrop = onDrop;
  }

  /** How many keys have something to tell. */
  get size(): number {
    return this.#slots.size;
  }

  /** Adds one call, merging it with what its key is owed already. */
  push(notification: Notification<T>): void {
    const { key } = notification;
    const before = this.#slots.get(key);
    const after = before ? this.#merge(before, notification) : notification;
    if (after) this.#slots.set(key, after);
    else this.#slots.delete(key);
  }

  /** Takes out the oldest call. */
  shift(): Notification<T> | undefined {
    for (let key = this.#nextKey(); key !== undefined; key = this.#nextKey()) {
      const slot = this.#slots.get(key);
      if (slot?.type === 'replace') {
        this.#slots.set(key, slot.added);
        this.#half = key;
        return slot.gone;
      }
      if (slot) {
        this.#slots.delete(key);
        return slot;
      }
    }
    return undefined;
  }

  /** Forgets everything, dropped additions being told. */
  clear(): void {
    for (const slot of this.#slots.values()) {
      if (slot.type === 'replace') this.#onDrop(slot.added);
      else if (slot.type === 'add') this.#onDrop(slot);
    }
    this.#slots.clear();
  }

  #nextKey(): string | undefined {
    const half = this.#half;
    this.#half = undefined;
    if (half !== undefined) return half;
    this.#walk ??= this.#slots.keys();
    const step = this.#walk.next();
    if (!step.done) return step.value;
    this.#walk = undefined;
    return this.#slots.size > 0 ? this.#nextKey() : undefined;
  }

  #merge(before: Slot<T>, next: Notification<T>): Slot<T> | undefined {
    switch (before.type) {
      case 'add':
        return this.#mergeUnseen(before, next);
      case 'update':
        if (next.type === 'delete') return next;
        return {
          type: 'update',
          key: next.key,
          oldObj: before.oldObj,
          newObj: next.type === 'update' ? next.newObj : next.obj,
          isSync: before.isSync && next.type === 'update' && next.isSync,
        };
      case 'delete':
        if (next.type === 'delete') return moreTelling(before, next);
        return { type: 'replace', gone: before, added: asAdd(next) };
      case 'replace': {
        const added = this.#mergeUnseen(before.added, next);
        return added ? { ...before, added } : before.gone;
      }
      default:
        return before satisfies never;
    }
  }

  /** Merges into an addition that the handler has not seen; nothing is left when the object is gone again. */
  #mergeUnseen(before: Add<T>, next: Notification<T>): Add<T> | undefined {
    if (next.type === 'delete') {
      this.#onDrop(before);
      return undefined;
    }
    if (next.type === 'update') return { ...before, obj: next.newObj };
    this.#onDrop(next);
    return { ...before, obj: next.obj };
  }
}

/** Whatever follows a deletion is new to the handler. */
function asAdd<T>(next: Exclude<Notification<T>, { type: 'delete' }>): Add<T> {
  if (next.type === 'add') return next;
  return { type: 'add', key: next.key, obj: next.newObj, isInInitialList: false };
}

/** Of two deletions in a row the one that knows the object's last state. */
function moreTelling<T>(before: Delete<T>, next: Delete<T>): Delete<T> {
  return DeletedFinalStateUnknown.is(next.obj) ? before : next;
}
