import { inspect } from 'node:util';
import {
  DeletedFinalStateUnknown,
  isSameData,
  metaNamespaceKey,
  metaNamespaceKeyFunc,
  type ObjectLike,
} from '@kubeloop/cache-store';
import type { ReflectorStore } from '@kubeloop/reflector';
import { handleRejection } from './answers.ts';
import { Gate } from './gate.ts';
import { messageOf } from './message-of.ts';
import type { Scope } from './scopes.ts';
import type { Turns } from './turns.ts';

/** Changes an object before it is cached and shown to anybody, most often to drop what nobody reads. Returns the object to keep. */
export type TransformFunc<T> = (obj: T) => T;

/** The namespace from which something comes, of an informer over several. */
interface Scoped {
  readonly scope?: Scope | undefined;
}

/** One thing that happened at the source, in the order in which it happened. */
export type QueueEntry<T> = Scoped & AnyEntry<T>;

type AnyEntry<T> =
  | { readonly type: 'upsert'; readonly key: string; readonly obj: T }
  | { readonly type: 'delete'; readonly key: string; readonly obj: T | DeletedFinalStateUnknown<T> }
  | {
      /** The list of everything, or of everything in the namespace from which it comes. */
      readonly type: 'replaceAll';
      readonly list: readonly T[];
      readonly resourceVersion: string;
      /** Tells the source that the store holds the list, or why it does not. */
      readonly settle: (error?: unknown) => void;
    }
  /** What is in other namespaces is not wanted any more. */
  | { readonly type: 'retain'; readonly namespaces: ReadonlySet<string> }
  | { readonly type: 'syncAll' }
  | { readonly type: 'bookmark'; readonly resourceVersion: string };

/** What an {@link EventQueue} is made of. */
export interface EventQueueOptions<T> {
  /** How many entries may wait before the source is made to wait. */
  readonly capacity: number;
  readonly transform?: TransformFunc<T> | undefined;
  readonly turns: Turns;
  /** Told of an object that cannot be transformed or has no key, and is therefore left out. */
  readonly onError: (error: unknown, key: string) => void;
  /** The object that is stored under a key. */
  readonly held: (key: string) => T | undefined;
  /** Told of each thing that has come from the source, before it is stored. */
  readonly onReceived?: ((scope: Scope | undefined) => void) | undefined;
  /** Asked at each tick of the resync timer. */
  readonly shouldResync: () => boolean;
}

/**
 * Changes on their way from the source to the store: nothing is merged, dropped or re-ordered.
 *
 * A full list is a single entry, to be compared with the store when its turn comes. While the queue is full, what the
 * source awaits does not settle, so that the connection is paused and memory stays bounded.
 */
export class EventQueue<T extends ObjectLike> implements ReflectorStore<T> {
  readonly #options: EventQueueOptions<T>;
  #entries: QueueEntry<T>[] = [];
  /** The index of the oldest entry; those before it have been taken. */
  #head = 0;
  #isClosed = true;
  readonly #filled: Gate = new Gate();
  readonly #room: Gate = new Gate();
  /** Resource versions of objects whose transform took them away. */
  readonly #versions = new WeakMap<T, string>();
  /** What has been transformed already; only where there is a transform. */
  readonly #prepared = new WeakSet<T>();

  constructor(options: EventQueueOptions<T>) {
    this.#options = options;
  }

  /** How many entries wait. */
  get length(): number {
    return this.#entries.length - this.#head;
  }

  /** The resource version that the server gave the object, whatever the transform made of it. */
  versionOf(obj: T): string {
    return this.#versions.get(obj) ?? obj.metadata?.resourceVersion ?? '';
  }

  add(obj: T, scope?: Scope): void | Promise<void> {
    return this.#enqueueObject('upsert', obj, scope);
  }

  update(obj: T, scope?: Scope): void | Promise<void> {
    return this.#enqueueObject('upsert', obj, scope);
  }

  delete(obj: T | DeletedFinalStateUnknown<T>, scope?: Scope): void | Promise<void> {
    return this.#enqueueObject('delete', obj, scope);
  }

  /** The transformed object, or the one that is held already when that is the same. @throws what the transform does */
  prepare(obj: T): T {
    const kept = this.#transformedOfList(obj);
    const held = this.#heldAs(kept);
    if (this.#options.transform) this.#prepared.add(held ?? kept);
    return held ?? kept;
  }

  /** Resolves when the store holds the list; rejects when the list could not be transformed or stored. */
  async replace(list: readonly T[], resourceVersion: string, scope?: Scope): Promise<void> {
    const kept = this.#options.transform ? await this.#transformAll(list) : list;
    if (this.#isClosed || scope?.isClosed) return;
    await new Promise<void>((resolve, reject) => {
      const settle = (error?: unknown): void => {
        if (error === undefined) resolve();
        // What was thrown is passed on as it is, so that the source can tell one failure from another.
        // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- see above
        else reject(error);
      };
      this.#push({ type: 'replaceAll', list: kept, resourceVersion, settle, scope });
    });
  }

  resync(): void | Promise<void> {
    if (this.#options.shouldResync()) return this.#enqueue({ type: 'syncAll' });
  }

  bookmark(resourceVersion: string, scope?: Scope): void | Promise<void> {
    return this.#enqueue({ type: 'bookmark', resourceVersion, scope });
  }

  /** The same queue for what comes from one namespace, which ends with its scope. */
  scoped(scope: Scope): ReflectorStore<T> {
    return {
      add: (obj) => this.add(obj, scope),
      update: (obj) => this.update(obj, scope),
      delete: (obj) => this.delete(obj, scope),
      prepare: (obj) => this.prepare(obj),
      replace: (list, resourceVersion) => this.replace(list, resourceVersion, scope),
      resync: () => this.resync(),
      bookmark: (resourceVersion) => this.bookmark(resourceVersion, scope),
    };
  }

  /** Drops what is in other namespaces, when its turn comes. */
  retain(namespaces: ReadonlySet<string>): void {
    if (!this.#isClosed) this.#push({ type: 'retain', namespaces });
  }

  /** Takes the oldest entry. */
  shift(): QueueEntry<T> | undefined {
    const entry = this.#entries[this.#head];
    if (entry === undefined) return undefined;
    this.#head += 1;
    if (this.#head === this.#entries.length || this.#head >= this.#options.capacity) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
    if (this.length < this.#options.capacity) this.#room.release();
    return entry;
  }

  /** Resolves when there may be something to take, or {@link wake} was called. */
  async waitForEntry(): Promise<void> {
    if (this.length === 0 && !this.#isClosed) await this.#filled.wait();
  }

  /** Ends a {@link waitForEntry} early. */
  wake(): void {
    this.#filled.release();
  }

  /** Takes entries from now on. */
  open(): void {
    this.#isClosed = false;
  }

  /** Forgets what waits and ignores what still comes; nobody waits for this queue any more. */
  close(): void {
    this.#isClosed = true;
    for (const entry of this.#entries.slice(this.#head))
      if (entry.type === 'replaceAll') entry.settle();
    this.#entries = [];
    this.#head = 0;
    this.#room.release();
    this.#filled.release();
  }

  #enqueueObject(
    type: 'upsert' | 'delete',
    obj: T | DeletedFinalStateUnknown<T>,
    scope: Scope | undefined,
  ): void | Promise<void> {
    if (this.#isClosed || scope?.isClosed) return;
    try {
      if (DeletedFinalStateUnknown.is(obj)) {
        return this.#enqueue({ type: 'delete', key: obj.key, obj, scope });
      }
      const kept = type === 'delete' ? this.#lastStateOf(obj) : this.#transformed(obj);
      return this.#enqueue({ type, key: metaNamespaceKeyFunc(kept), obj: kept, scope });
    } catch (error) {
      this.#options.onError(error, nameOf(obj));
    }
  }

  /** An object that is gone and cannot be transformed is taken as it is: to keep it in the cache would be worse. */
  #lastStateOf(obj: T): T {
    try {
      return this.#transformed(obj);
    } catch (error) {
      this.#options.onError(error, nameOf(obj));
      return obj;
    }
  }

  async #transformAll(list: readonly T[]): Promise<readonly T[]> {
    const { turns } = this.#options;
    const kept: T[] = [];
    for (const obj of list) {
      kept.push(this.#prepared.has(obj) ? obj : this.#transformedOfList(obj));
      if (turns.isOver) await turns.next();
    }
    return kept;
  }

  /**
   * What is stored, when it is the same to the last member and has been read by nobody. So a list of what is known already does
   * not fill the memory a second time.
   */
  #heldAs(obj: T): T | undefined {
    const version = this.versionOf(obj);
    const { namespace, name } = obj.metadata ?? {};
    if (version === '' || !name) return undefined;
    const held = this.#options.held(metaNamespaceKey(namespace ?? '', name));
    return held && this.versionOf(held) === version && isSameData(held, obj) ? held : undefined;
  }

  /** Names the object, which a failed list does not. */
  #transformedOfList(obj: T): T {
    try {
      return this.#transformed(obj);
    } catch (error) {
      if (error instanceof UnfitAnswerError) throw error;
      throw new Error(`Cannot transform "${nameOf(obj)}": ${messageOf(error)}`, { cause: error });
    }
  }

  #transformed(obj: T): T {
    const { transform } = this.#options;
    if (!transform) return obj;
    const version = obj.metadata?.resourceVersion;
    const transformed = transform(obj);
    // The failure of the transform is that it is asynchronous; what it rejects with comes second.
    const isPromise = handleRejection(transformed, () => {});
    if (isPromise || !isObject(transformed))
      throw new UnfitAnswerError(
        `Cannot keep object "${nameOf(obj)}": the transform must return an object, not ${isPromise ? 'a promise' : inspect(transformed)}`,
      );
    if (version !== undefined && transformed.metadata?.resourceVersion !== version)
      this.#versions.set(transformed, version);
    return transformed;
  }

  #enqueue(entry: QueueEntry<T>): void | Promise<void> {
    if (this.#isClosed || entry.scope?.isClosed) return;
    this.#push(entry);
    if (this.length >= this.#options.capacity) return this.#room.wait();
  }

  #push(entry: QueueEntry<T>): void {
    if (entry.type !== 'syncAll' && entry.type !== 'retain')
      this.#options.onReceived?.(entry.scope);
    this.#entries.push(entry);
    this.#filled.release();
  }
}

/** A transform answered something that cannot be kept; the message names the object. */
class UnfitAnswerError extends TypeError {}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** What an object is called in errors, be it ever so broken. */
export function nameOf(obj: ObjectLike | DeletedFinalStateUnknown<unknown>): string {
  if (DeletedFinalStateUnknown.is(obj)) return obj.key;
  const { namespace, name } = obj.metadata ?? {};
  return namespace ? `${namespace}/${name}` : (name ?? '');
}
