import {
  deepFreeze,
  DeletedFinalStateUnknown,
  metaNamespaceKeyFunc,
  namespaceIndex,
  type ObjectLike,
  type StoreOperation,
  TransactionError,
} from '@kubeloop/cache-store';
import { type EventQueue, nameOf, type QueueEntry } from './event-queue.ts';
import type { Notification } from './events.ts';
import type { Scope, Scopes } from './scopes.ts';
import type { Turns } from './turns.ts';

/** The part of a store that changes are written to. */
export interface WritableStore<T> {
  add(obj: T): void;
  update(obj: T): void;
  delete(obj: T | DeletedFinalStateUnknown<T>): void;
  stageReplace(): { add(obj: T): void; commit(resourceVersion: string): void };
  transaction(...operations: readonly StoreOperation<T>[]): void;
  bookmark(resourceVersion: string): void;
  list(): T[];
  listKeys(): string[];
  getByKey(key: string): T | undefined;
  indexKeys(name: string, value: string): string[];
  listIndexFuncValues(name: string): string[];
}

/** Entries that change single objects, or none. */
type SmallEntry<T> = Exclude<QueueEntry<T>, { type: 'replaceAll' | 'retain' | 'syncAll' }>;

type ReplaceEntry<T> = Extract<QueueEntry<T>, { type: 'replaceAll' }>;

/** More changes than this in one namespace are not made in one go, but as a list of everything is. */
const mostInOneGo = 10_000;

/** What {@link Changes} is made of. */
export interface ChangesOptions<T extends ObjectLike> {
  readonly store: WritableStore<T>;
  readonly queue: EventQueue<T>;
  /** The namespaces of an informer over several. */
  readonly scopes?: Scopes | undefined;
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
  apply(entry: SmallEntry<T>): Notification<T>[] {
    const { store } = this.#options;
    const { scope } = entry;
    if (entry.type === 'bookmark') {
      this.#advance(entry.resourceVersion, scope);
      return [];
    }
    if (entry.type === 'delete') {
      if (Object.isFrozen(store.getByKey(entry.key))) deepFreeze(entry.obj);
      store.delete(entry.obj);
      if (!DeletedFinalStateUnknown.is(entry.obj)) this.#follow(entry.obj, scope);
      return [entry];
    }
    const { key, obj } = entry;
    const oldObj = store.getByKey(key);
    if (oldObj === undefined) {
      store.add(obj);
      this.#follow(obj, scope);
      return [{ type: 'add', key, obj, isInInitialList: false }];
    }
    store.update(obj);
    this.#follow(obj, scope);
    const isSync = this.#isSameVersion(oldObj, obj);
    return [{ type: 'update', key, oldObj, newObj: obj, isSync }];
  }

  /**
   * Makes the store hold exactly the list, or in the namespace from which it comes exactly the list, in one step, and says
   * what that changes: deletions first, then the rest in list order. The comparison is spread over several turns, which is
   * safe since nothing else writes to the store.
   *
   * @param isInInitialList - whether additions belong to the first list of a run
   * @throws what the store throws; then it is as it was
   */
  async replace(
    entry: ReplaceEntry<T>,
    isInInitialList: boolean,
  ): Promise<Iterable<Notification<T>>> {
    const { store, turns } = this.#options;
    const { scope } = entry;
    const byKey = await this.#byKey(entry.list);
    const held = scope ? store.indexKeys(namespaceIndex, scope.namespace) : store.listKeys();
    const deletions: Deletion<T>[] = [];
    for (const key of held) {
      if (turns.isOver) await turns.next();
      if (!byKey.has(key)) deletions.push(this.#deletion(key));
    }
    const changes: Change<T>[] = [];
    for (const [key, obj] of byKey) {
      changes.push(this.#change(key, obj, isInInitialList));
      if (turns.isOver) await turns.next();
    }
    if (scope && deletions.length + changes.length <= mostInOneGo)
      this.#writeAll([...deletions.map(operationOf), ...changes.map(operationOf)]);
    else await this.#stage(byKey, entry);
    this.#advance(entry.resourceVersion, scope);
    return concat<Notification<T>>(deletions, changes);
  }

  /** Drops what is in other namespaces than these. */
  async retain(namespaces: ReadonlySet<string>): Promise<Iterable<Notification<T>>> {
    const { store, turns, scopes } = this.#options;
    const deletions: Deletion<T>[] = [];
    for (const namespace of store.listIndexFuncValues(namespaceIndex)) {
      if (namespaces.has(namespace)) continue;
      for (const key of store.indexKeys(namespaceIndex, namespace)) {
        const deletion = this.#deletion(key);
        store.delete(deletion.obj);
        deletions.push(deletion);
        if (turns.isOver) await turns.next();
      }
    }
    store.bookmark(scopes?.version ?? '');
    return deletions;
  }

  /** Puts a whole new content in the place of the old one. */
  async #stage(byKey: Map<string, T>, { resourceVersion, scope }: ReplaceEntry<T>): Promise<void> {
    const { store, turns } = this.#options;
    const staged = store.stageReplace();
    const add = async (obj: T): Promise<void> => {
      staged.add(obj);
      if (turns.isOver) await turns.next();
    };
    if (scope)
      for (const namespace of store.listIndexFuncValues(namespaceIndex)) {
        if (namespace === scope.namespace) continue;
        for (const key of store.indexKeys(namespaceIndex, namespace))
          // It is filed, so it is held.
          await add(store.getByKey(key) as T);
      }
    for (const obj of byKey.values()) await add(obj);
    staged.commit(resourceVersion);
  }

  /** All of it or, when some of it fails, nothing. */
  #writeAll(operations: readonly StoreOperation<T>[]): void {
    const { store, scopes } = this.#options;
    const before = operations.map(({ obj }) =>
      store.getByKey(DeletedFinalStateUnknown.is(obj) ? obj.key : metaNamespaceKeyFunc(obj)),
    );
    try {
      store.transaction(...operations);
    } catch (error) {
      if (!TransactionError.is(error)) throw error;
      store.transaction(
        ...error.successfulIndices.flatMap((index) => undo(operations[index], before[index])),
      );
      store.bookmark(scopes?.version ?? '');
      const [failure] = error.failures;
      throw failure?.error instanceof Error ? failure.error : error;
    }
  }

  #deletion(key: string): Deletion<T> {
    const obj = new DeletedFinalStateUnknown(key, this.#options.store.getByKey(key));
    return { type: 'delete', key, obj };
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

  #change(key: string, obj: T, isInInitialList: boolean): Change<T> {
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
  #follow(obj: T, scope: Scope | undefined): void {
    const version = this.#options.queue.versionOf(obj);
    if (scope || version !== (obj.metadata?.resourceVersion ?? '')) this.#advance(version, scope);
  }

  /** The store is as new as the oldest of its namespaces. */
  #advance(version: string, scope: Scope | undefined): void {
    const { store, scopes } = this.#options;
    if (scope) scope.version = version;
    store.bookmark(scope && scopes ? scopes.version : version);
  }
}

type Deletion<T> = Extract<Notification<T>, { type: 'delete' }>;
type Change<T> = Exclude<Notification<T>, { type: 'delete' }>;

function operationOf<T>(notification: Notification<T>): StoreOperation<T> {
  if (notification.type === 'update') return { type: 'update', obj: notification.newObj };
  return notification;
}

/** What puts back the state before a write. */
function undo<T>(done: StoreOperation<T> | undefined, before: T | undefined): StoreOperation<T>[] {
  if (before !== undefined) return [{ type: 'update', obj: before }];
  return done && done.type !== 'delete' ? [{ type: 'delete', obj: done.obj }] : [];
}

function* concat<T>(first: Iterable<T>, second: Iterable<T>): Iterable<T> {
  yield* first;
  yield* second;
}
