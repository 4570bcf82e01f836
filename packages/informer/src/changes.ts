import {
  deepFreeze,
  DeletedFinalStateUnknown,
  metaNamespaceKeyFunc,
  type ObjectLike,
} from '@kubeloop/cache-store';
import { type EventQueue, nameOf, type QueueEntry } from './event-queue.ts';
import type { Notification } from './events.ts';
import type { Turns } from './turns.ts';

/** The part of a store that changes are written to. */
export interface WritableStore<T> {
  add(obj: T): void;
  update(obj: T): void;
  delete(obj: T | DeletedFinalStateUnknown<T>): void;
  stageReplace(): { add(obj: T): void; commit(resourceVersion: string): void };
  bookmark(resourceVersion: string): void;
  list(): T[];
  listKeys(): string[];
  getByKey(key: string): T | undefined;
}

/** What {@link Changes} is made of. */
export interface ChangesOptions<T extends ObjectLike> {
  readonly store: WritableStore<T>;
  readonly queue: EventQueue<T>;
  readonly turns: Turns;
  readonly onError: (error: unknown, key: string) => void;
}

/** Writes queue entries to the store and says what handlers are to be told: always after the store holds it. */
export class Changes<T extends ObjectLike> {
  readonly #options: ChangesOptions<T>;

  constructor(options: ChangesOptions<T>) {
    this.#options = options;
  }

  /** @throws what the store throws; then nothing was written and there is nothing to tell */
  apply(entry: Exclude<QueueEntry<T>, { type: 'replaceAll' | 'syncAll' }>): Notification<T>[] {
    const { store } = this.#options;
    if (entry.type === 'bookmark') {
      store.bookmark(entry.resourceVersion);
      return [];
    }
    if (entry.type === 'delete') {
      if (Object.isFrozen(store.getByKey(entry.key))) deepFreeze(entry.obj);
      store.delete(entry.obj);
      if (!DeletedFinalStateUnknown.is(entry.obj)) this.#advance(entry.obj);
      return [entry];
    }
    const { key, obj } = entry;
    const oldObj = store.getByKey(key);
    if (oldObj === undefined) {
      store.add(obj);
      this.#advance(obj);
      return [{ type: 'add', key, obj, isInInitialList: false }];
    }
    store.update(obj);
    this.#advance(obj);
    const isSync = this.#isSameVersion(oldObj, obj);
    return [{ type: 'update', key, oldObj, newObj: obj, isSync }];
  }

  /**
   * Makes the store hold exactly the list, in one step, and says what that changes: deletions first, then the rest in
   * list order. The comparison is spread over several turns, which is safe since nothing else writes to the store.
   *
   * @param isInInitialList - whether additions belong to the first list of a run
   * @throws what the store throws; then it is as it was
   */
  async replace(
    entry: Extract<QueueEntry<T>, { type: 'replaceAll' }>,
    isInInitialList: boolean,
  ): Promise<Iterable<Notification<T>>> {
    const { store, turns } = this.#options;
    const byKey = await this.#byKey(entry.list);
    const deletions: Notification<T>[] = [];
    for (const key of store.listKeys()) {
      if (turns.isOver) await turns.next();
      if (byKey.has(key)) continue;
      const obj = new DeletedFinalStateUnknown(key, store.getByKey(key));
      deletions.push({ type: 'delete', key, obj });
    }
    const changes: Notification<T>[] = [];
    const staged = store.stageReplace();
    for (const [key, obj] of byKey) {
      changes.push(this.#change(key, obj, isInInitialList));
      staged.add(obj);
      if (turns.isOver) await turns.next();
    }
    staged.commit(entry.resourceVersion);
    return concat(deletions, changes);
  }

  /** Of several objects with one key the last; objects without a key are reported and left out. */
  async #byKey(list: readonly T[]): Promise<Map<string, T>> {
    const { turns } = this.#options;
    const byKey = new Map<string, T>();
    for (const obj of list) {
      const key = this.#keyOf(obj);
      if (key !== undefined) byKey.set(key, obj);
      if (turns.isOver) await turns.next();
    }
    return byKey;
  }

  #change(key: string, obj: T, isInInitialList: boolean): Notification<T> {
    const { store } = this.#options;
    const oldObj = store.getByKey(key);
    if (oldObj === undefined) return { type: 'add', key, obj, isInInitialList };
    const isSync = this.#isSameVersion(oldObj, obj);
    return { type: 'update', key, oldObj, newObj: obj, isSync };
  }

  /**
   * Objects without a version, which no API server sends, count as changed; and so do other objects of the same name at the
   * same version, which a server has whose storage was put back to an earlier state.
   */
  #isSameVersion(oldObj: T, newObj: T): boolean {
    if (oldObj.metadata?.uid !== newObj.metadata?.uid) return false;
    const version = this.#options.queue.versionOf(newObj);
    return version !== '' && version === this.#options.queue.versionOf(oldObj);
  }

  #keyOf(obj: T): string | undefined {
    try {
      return metaNamespaceKeyFunc(obj);
    } catch (error) {
      this.#options.onError(error, nameOf(obj));
      return undefined;
    }
  }

  /** Makes the store's version that of the object on the server, although a transform may have taken it away. */
  #advance(obj: T): void {
    const version = this.#options.queue.versionOf(obj);
    if (version !== (obj.metadata?.resourceVersion ?? '')) this.#options.store.bookmark(version);
  }
}

function* concat<T>(first: Iterable<T>, second: Iterable<T>): Iterable<T> {
  yield* first;
  yield* second;
}
