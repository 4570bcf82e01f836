import type { ObjectLike } from '@kubeloop/cache-store';
import { DeletedFinalStateUnknown, metaNamespaceKeyFunc } from '@kubeloop/cache-store';
import type { Clock } from '@kubeloop/ratelimiter';
import type { InformerSelection } from '../informer-selection.ts';
import { CacheView } from './cache-view.ts';
import type { MissingWrites } from './consistency-timeout-error.ts';
import type { Awaited, AwaitedVersion, PendingDeletion } from './pending-writes.ts';
import { PendingWrites } from './pending-writes.ts';
import { hasReached } from './version-order.ts';

/** What is used of an informer. */
export interface TrackedInformer {
  readonly isStopped: boolean;
  readonly lastStoreSyncResourceVersion: string;
  storeVersionOf(namespace: string): string;
  readonly indexer: { getByKey(key: string): ObjectLike | undefined };
  addEventHandler(handler: TrackingHandler, options: { readonly name: string }): unknown;
  on(name: 'replaced', listener: () => void): unknown;
}

interface TrackingHandler {
  add(object: ObjectLike): void;
  update(old: ObjectLike, object: ObjectLike): void;
  delete(object: ObjectLike | DeletedFinalStateUnknown<ObjectLike>): void;
}

/** What a {@link CacheTracker} is made of. */
export interface CacheTrackerOptions {
  readonly resource: string;
  readonly informer: TrackedInformer;
  readonly selection?: InformerSelection | undefined;
  readonly clock: Clock;
}

/** A deletion that has been sent. */
export interface DeletionUnderWay {
  /** It has succeeded, and the object with this uid is gone; without a uid the one that the cache showed. */
  succeeded(uid: string | undefined): void;
  /** It has failed, or the object is still there. */
  ended(): void;
}

interface Waiter {
  readonly awaited: Awaited;
  readonly resolve: () => void;
}

/** As long as controllers of Kubernetes keep an expectation (`pkg/controller/controller_utils.go`). */
const expiresMs = 300_000;

/** Knows of one cache which of this process's own writes it has yet to show. Listens from the first write on. */
export class CacheTracker {
  readonly #options: CacheTrackerOptions;
  readonly #view: CacheView;
  readonly #pending = new PendingWrites({
    expiresMs,
    isReached: (awaited) => this.#isReached(awaited),
  });
  readonly #waiters = new Set<Waiter>();
  /** The uids that were seen to go while deletions are under way, since their events may come before their answers. */
  readonly #seenDeleted = new Set<string>();
  #deletionsUnderWay = 0;
  /** How many lists the cache was given since this listens. */
  #lists = 0;
  #isListening = false;

  constructor(options: CacheTrackerOptions) {
    this.#options = options;
    this.#view = new CacheView(options.selection);
  }

  /** Whether its cache will never show anything again. */
  get isOver(): boolean {
    return this.#options.informer.isStopped;
  }

  /** The server has answered a write with this state. */
  wrote(key: string, namespace: string, object: ObjectLike): void {
    const version = object.metadata?.resourceVersion ?? '';
    if (version === '' || this.isOver || !this.#view.hasNamespace(namespace)) return;
    this.#listen();
    if (hasEnded(object)) this.#ended(key, namespace, object.metadata?.uid);
    const awaited = { version, scope: this.#scopeOf(namespace) };
    if (this.#isReached(awaited)) return;
    // A state that the cache does not show is told to it as the end of one that it shows; otherwise it is never told.
    const isShown = this.#view.shows(object);
    if (isShown || (this.#pending.willShow(key) ?? this.#holds(key)))
      this.#pending.wrote(key, { ...awaited, isShown, atMs: this.#options.clock.now() });
  }

  /** So far had this process written to the kind before this tracker was made. */
  wroteBefore(version: string): void {
    if (this.isOver || hasReached(this.#cacheVersion, version)) return;
    this.#listen();
    this.#pending.wroteBefore(version, this.#options.clock.now());
  }

  /** A deletion is about to be sent; exactly one method of what comes back must be called. */
  deleting(key: string, namespace: string): DeletionUnderWay | undefined {
    if (this.isOver || !this.#view.hasNamespace(namespace)) return undefined;
    this.#listen();
    const known = this.#uidOf(key);
    const lists = this.#lists;
    const scope = this.#scopeOf(namespace);
    const from = { version: this.#versionIn(scope), scope };
    this.#deletionsUnderWay += 1;
    return {
      succeeded: (uid = known) => {
        if (uid !== undefined && this.#isToldEndOf(key, uid, known) && !this.#seenDeleted.has(uid))
          this.#pending.deleted({ key, uid, from, atMs: this.#options.clock.now() });
        if (lists !== this.#lists) this.#pending.listed((each) => this.#isListedAway(each));
        this.#deletionEnded();
      },
      ended: () => this.#deletionEnded(),
    };
  }

  /** What a read has to wait for now, of one key or of all. `undefined` when the cache shows all own writes. */
  awaited(key?: string): Awaited | undefined {
    return this.#pending.awaited(this.#options.clock.now(), key);
  }

  /** Resolves when the cache shows what is awaited. Rejects with the signal's reason. */
  async wait(awaited: Awaited, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#shows(awaited)) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter = { awaited, resolve };
    // The reason of an abort is passed on as it is, whatever it is.
    const onAbort = (): void => reject(signal.reason as Error);
    this.#waiters.add(waiter);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await promise;
    } finally {
      this.#waiters.delete(waiter);
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** What of the awaited is still missing, for an error. */
  missing(awaited: Awaited): MissingWrites {
    const { versions, uids } = awaited;
    const missing = versions.find((each) => !this.#isReached(each));
    return {
      resource: this.#options.resource,
      cacheVersion: this.#versionIn(missing?.scope ?? ''),
      version: missing?.version,
      deletedUids: uids.filter((uid) => this.#pending.hasDeletion(uid)),
    };
  }

  get #cacheVersion(): string {
    return this.#versionIn('');
  }

  #versionIn(scope: string): string {
    const { informer } = this.#options;
    return scope === '' ? informer.lastStoreSyncResourceVersion : informer.storeVersionOf(scope);
  }

  /** What was written in a namespace that is not looked at any more is not waited for. */
  #isReached({ version, scope }: AwaitedVersion): boolean {
    return !this.#view.hasNamespace(scope) || hasReached(this.#versionIn(scope), version);
  }

  /** A write was the end of an object. Its event has come already unless the cache holds it, or has yet to show that it came. */
  #ended(key: string, namespace: string, uid: string | undefined): void {
    if (uid === undefined) return;
    if (this.#uidOf(key) !== uid && this.#pending.willShow(key) === undefined) return;
    const scope = this.#scopeOf(namespace);
    const from = { version: this.#versionIn(scope), scope };
    this.#pending.deleted({ key, uid, from, atMs: this.#options.clock.now() });
  }

  /** An object that is not in a selection may never have been in the cache, which is then told nothing of its end. */
  #isToldEndOf(key: string, uid: string, known: string | undefined): boolean {
    if (this.#view.isComplete || this.#pending.willShow(key) !== undefined) return true;
    return uid === known || uid === this.#uidOf(key); // it may have come since the deletion was sent
  }

  #scopeOf(namespace: string): string {
    return this.#view.isByNamespace ? namespace : '';
  }

  /** Whether a list shows a deletion of what the cache may never have held, so that no event tells of it. */
  #isListedAway({ key, uid, from }: PendingDeletion): boolean {
    if (!this.#view.hasNamespace(from.scope)) return true;
    if (this.#uidOf(key) === uid) return false;
    return this.#isReached(from) && this.#versionIn(from.scope) !== from.version;
  }

  #holds(key: string): boolean {
    return this.#options.informer.indexer.getByKey(key) !== undefined;
  }

  #uidOf(key: string): string | undefined {
    return this.#options.informer.indexer.getByKey(key)?.metadata?.uid;
  }

  #shows({ versions, uids }: Awaited): boolean {
    if (!versions.every((each) => this.#isReached(each))) return false;
    return !uids.some((uid) => this.#pending.hasDeletion(uid));
  }

  #deletionEnded(): void {
    this.#deletionsUnderWay -= 1;
    if (this.#deletionsUnderWay === 0) this.#seenDeleted.clear();
  }

  /** A handler that joins is told of all that happens after; what happened before shows in the cache. */
  #listen(): void {
    if (this.#isListening) return;
    this.#isListening = true;
    const wake = (): void => this.#wake();
    const onDelete = (object: ObjectLike | DeletedFinalStateUnknown<ObjectLike>): void =>
      this.#sawDeletion(object);
    const { informer } = this.#options;
    informer.addEventHandler(
      { add: wake, update: wake, delete: onDelete },
      { name: 'consistency' },
    );
    informer.on('replaced', () => {
      this.#lists += 1;
      this.#pending.listed((each) => this.#isListedAway(each));
      this.#wake();
    });
  }

  #sawDeletion(told: ObjectLike | DeletedFinalStateUnknown<ObjectLike>): void {
    const object = DeletedFinalStateUnknown.is(told) ? told.obj : told;
    const key = DeletedFinalStateUnknown.is(told) ? told.key : metaNamespaceKeyFunc(told);
    const uid = object?.metadata?.uid;
    if (this.#deletionsUnderWay > 0 && uid !== undefined) this.#seenDeleted.add(uid);
    this.#pending.sawDeletion(key, uid);
    this.#wake();
  }

  #wake(): void {
    this.#pending.reached();
    for (const waiter of this.#waiters) if (this.#shows(waiter.awaited)) waiter.resolve();
  }
}

/**
 * Whether an object that was written is gone by that, because its last finalizer went. The server answers with the version
 * from before then (`ShouldDeleteDuringUpdate` of kubernetes `pkg/registry/generic/registry/store.go`). A namespace has
 * finalizers in its spec, too.
 */
function hasEnded(object: ObjectLike): boolean {
  const { metadata = {} } = object;
  if (!metadata.deletionTimestamp || (metadata.finalizers?.length ?? 0) > 0) return false;
  const gracePeriod: unknown = Reflect.get(metadata, 'deletionGracePeriodSeconds') ?? 0;
  const spec: unknown = Reflect.get(object, 'spec') ?? {};
  // Only what is a list is looked at.
  const { finalizers } = spec as { readonly finalizers?: unknown };
  return gracePeriod === 0 && !(Array.isArray(finalizers) && finalizers.length > 0);
}
