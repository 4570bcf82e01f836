import { hasReached } from './version-order.ts';

interface PendingVersion {
  readonly version: string;
  readonly atMs: number;
}

interface PendingDeletion {
  readonly key: string;
  readonly atMs: number;
}

/** Writes that a cache has to show: by key the version, by uid the deletion. */
export interface Awaited {
  readonly version: string | undefined;
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
  readonly #versions = new Map<string, PendingVersion>();
  readonly #deletions = new Map<string, PendingDeletion>();
  #newest: PendingVersion | undefined;
  /** What was written before the cache was known, whatever the key. */
  #floor: PendingVersion | undefined;
  #tidyAt = tidyFrom;

  constructor(expiresMs: number) {
    this.#expiresMs = expiresMs;
  }

  /** Whether a version of the key is awaited. */
  has(key: string): boolean {
    return this.#versions.has(key);
  }

  /** Whether this deletion is awaited. */
  hasDeletion(uid: string): boolean {
    return this.#deletions.has(uid);
  }

  /** A version was written that the cache has not reached. */
  wrote(key: string, version: string, atMs: number): void {
    const pending = { version, atMs };
    const known = this.#versions.get(key);
    if (!known || hasReached(version, known.version)) this.#versions.set(key, pending);
    if (!this.#newest || hasReached(version, this.#newest.version)) this.#newest = pending;
  }

  /** So far had this process written before the cache was known. */
  wroteBefore(version: string, atMs: number): void {
    this.#floor = { version, atMs };
    this.#newest ??= this.#floor;
  }

  /** An object was deleted that the cache still shows or has yet to show. */
  deleted(key: string, uid: string, atMs: number): void {
    this.#deletions.set(uid, { key, atMs });
  }

  /** The cache has shown a deletion. One without a uid counts for whatever had the key. */
  sawDeletion(key: string, uid: string | undefined): void {
    if (uid !== undefined) this.#deletions.delete(uid);
    else
      for (const [each, pending] of this.#deletions)
        if (pending.key === key) this.#deletions.delete(each);
  }

  /** Forgets what the cache has reached. Cheap while it is behind. */
  reached(version: string): void {
    if (!this.#newest) return;
    if (hasReached(version, this.#newest.version)) {
      this.#versions.clear();
      this.#newest = undefined;
      this.#floor = undefined;
      this.#tidyAt = tidyFrom;
    } else if (this.#versions.size >= this.#tidyAt) {
      for (const [key, pending] of this.#versions)
        if (hasReached(version, pending.version)) this.#versions.delete(key);
      this.#tidyAt = Math.max(tidyFrom, this.#versions.size * 2);
    }
  }

  /** What a read has to wait for now: a read of a key for its own writes, any other for those of all keys. */
  awaited(cacheVersion: string, nowMs: number, key?: string): Awaited | undefined {
    this.#expire(nowMs);
    this.reached(cacheVersion);
    const pending = key === undefined ? this.#newest : (this.#versions.get(key) ?? this.#floor);
    const version =
      pending && !hasReached(cacheVersion, pending.version) ? pending.version : undefined;
    const uids: string[] = [];
    for (const [uid, deletion] of this.#deletions)
      if (key === undefined || deletion.key === key) uids.push(uid);
    return version === undefined && uids.length === 0 ? undefined : { version, uids };
  }

  #expire(nowMs: number): void {
    const isOver = ({ atMs }: { readonly atMs: number }): boolean => nowMs - atMs > this.#expiresMs;
    for (const [uid, deletion] of this.#deletions) {
      if (!isOver(deletion)) break; // they are in the order of their times
      this.#deletions.delete(uid);
    }
    if (!this.#newest || !isOver(this.#newest)) return;
    this.#versions.clear();
    this.#newest = undefined;
    this.#floor = undefined;
  }
}
