import { hasReached } from './version-order.ts';

/** A version that a cache has to reach. */
export interface AwaitedVersion {
  readonly version: string;
  /** The namespace in which it has to; empty for the whole cache. */
  readonly scope: string;
}

/** Whether the cache has. */
export type IsReached = (awaited: AwaitedVersion) => boolean;

interface PendingVersion extends AwaitedVersion {
  /** Whether the cache shows this state, or only the end of the one before. */
  readonly isShown: boolean;
  readonly atMs: number;
}

/** A deletion that a cache has to show. */
export interface PendingDeletion {
  readonly key: string;
  readonly uid: string;
  /** The object was there at this version: only a newer list can lack it because it is gone. */
  readonly from: AwaitedVersion;
  readonly atMs: number;
}

/** Writes that a cache has to show: versions, and deletions by uid. */
export interface Awaited {
  readonly versions: readonly AwaitedVersion[];
  readonly uids: readonly string[];
}

/** Below this many keys nothing is tidied up. */
const tidyFrom = 1024;

/**
 * The own writes that one cache has yet to show. A cache that never shows one of them, say because it is not fed any more,
 * is not waited for longer than `expiresMs` after the write.
 */
export class PendingWrites {
  readonly #expiresMs: number;
  readonly #isReached: IsReached;
  readonly #versions = new Map<string, PendingVersion>();
  readonly #deletions = new Map<string, PendingDeletion>();
  /** The newest version of each scope. */
  readonly #newest = new Map<string, PendingVersion>();
  /** What was written before the cache was known, whatever the key. */
  #floor: PendingVersion | undefined;
  #tidyAt = tidyFrom;

  constructor({ expiresMs, isReached }: { expiresMs: number; isReached: IsReached }) {
    this.#expiresMs = expiresMs;
    this.#isReached = isReached;
  }

  /**
   * Whether the cache will show the key when it has reached what is awaited of it; `undefined` when nothing is that it has
   * not reached.
   */
  willShow(key: string): boolean | undefined {
    const written = this.#versions.get(key);
    return written && !this.#isReached(written) ? written.isShown : undefined;
  }

  /** Whether this deletion is awaited. */
  hasDeletion(uid: string): boolean {
    return this.#deletions.has(uid);
  }

  /** A version was written that the cache has not reached. */
  wrote(key: string, pending: PendingVersion): void {
    const { version, scope } = pending;
    const known = this.#versions.get(key);
    if (!known || hasReached(version, known.version)) this.#versions.set(key, pending);
    const newest = this.#newest.get(scope);
    if (!newest || hasReached(version, newest.version)) this.#newest.set(scope, pending);
  }

  /** So far had this process written before the cache was known. */
  wroteBefore(version: string, atMs: number): void {
    this.#floor = { version, scope: '', isShown: true, atMs };
    if (!this.#newest.has('')) this.#newest.set('', this.#floor);
  }

  /** An object was deleted that the cache still shows or has yet to show. */
  deleted(deletion: PendingDeletion): void {
    const written = this.#versions.get(deletion.key);
    const isNewer = written && hasReached(written.version, deletion.from.version);
    this.#deletions.set(deletion.uid, isNewer ? { ...deletion, from: written } : deletion);
  }

  /** The cache has shown a deletion. One without a uid counts for whatever had the key. */
  sawDeletion(key: string, uid: string | undefined): void {
    if (uid !== undefined) this.#deletions.delete(uid);
    else
      for (const [each, pending] of this.#deletions)
        if (pending.key === key) this.#deletions.delete(each);
  }

  /** The cache holds a list, which tells no deletion of what it had not shown before. */
  listed(isShown: (deletion: PendingDeletion) => boolean): void {
    for (const [uid, deletion] of this.#deletions)
      if (isShown(deletion)) this.#deletions.delete(uid);
  }

  /** Forgets what the cache has reached. Cheap while it is behind. */
  reached(): void {
    for (const [scope, newest] of this.#newest) if (this.#isReached(newest)) this.#forget(scope);
    if (this.#versions.size < this.#tidyAt) return;
    for (const [key, pending] of this.#versions)
      if (this.#isReached(pending)) this.#versions.delete(key);
    this.#tidyAt = Math.max(tidyFrom, this.#versions.size * 2);
  }

  /** What a read has to wait for now: a read of a key for its own writes, any other for those of all keys. */
  awaited(nowMs: number, key?: string): Awaited | undefined {
    this.#expire(nowMs);
    this.reached();
    const pending =
      key === undefined
        ? [...this.#newest.values()]
        : [this.#versions.get(key) ?? this.#floor].filter((each) => each !== undefined);
    const versions = pending.filter((each) => !this.#isReached(each));
    const uids: string[] = [];
    for (const [uid, deletion] of this.#deletions)
      if (key === undefined || deletion.key === key) uids.push(uid);
    return versions.length === 0 && uids.length === 0 ? undefined : { versions, uids };
  }

  #expire(nowMs: number): void {
    const isOver = ({ atMs }: { readonly atMs: number }): boolean => nowMs - atMs > this.#expiresMs;
    for (const [uid, deletion] of this.#deletions) {
      if (!isOver(deletion)) break; // they are in the order of their times
      this.#deletions.delete(uid);
    }
    for (const [scope, newest] of this.#newest) if (isOver(newest)) this.#forget(scope);
  }

  #forget(scope: string): void {
    this.#newest.delete(scope);
    if (scope === '') this.#floor = undefined;
    if (this.#newest.size === 0) {
      this.#versions.clear();
      this.#tidyAt = tidyFrom;
      return;
    }
    for (const [key, pending] of this.#versions)
      if (pending.scope === scope) this.#versions.delete(key);
  }
}
