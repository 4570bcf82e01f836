import type { ObjectLike } from '@kubeloop/cache-store';
import { currentRun } from '../own-events/own-run.ts';
import type { CacheTracker } from './cache-tracker.ts';
import { hasReached } from './version-order.ts';

/** What the server has answered to a write. */
interface Written {
  readonly key: string;
  readonly namespace: string;
  readonly object: ObjectLike;
}

/** So many writes are told to a cache that joins later; of those before them it is told the newest version. */
const mostRecent = 32;

/** All that this process writes to one kind, told to each cache of the kind. */
export class KindWrites {
  readonly #trackers = new Set<CacheTracker>();
  /** Writes without an answer, by key; those whose key is not known yet have none. */
  readonly #underWay = new Map<Promise<void>, string>();
  /** The last writes, the oldest first. */
  readonly #recent: Written[] = [];
  /** The newest version of those before them. */
  #newestVersion: string | undefined;

  /** A cache of the kind is to be told from now on. */
  add(tracker: CacheTracker): void {
    for (const each of this.#trackers) if (each.isOver) this.#trackers.delete(each);
    this.#trackers.add(tracker);
    if (this.#newestVersion !== undefined) tracker.wroteBefore(this.#newestVersion);
    for (const { key, namespace, object } of this.#recent) tracker.wrote(key, namespace, object);
  }

  /**
   * Sends a write and remembers what it made of the object.
   *
   * @param key - empty while the server has yet to choose a name
   * @param base - the version that the write insists on
   */
  async write<R>(key: string, send: () => Promise<R>, base?: string): Promise<R> {
    return this.#during(key, async () => {
      const sent = base === undefined ? undefined : currentRun()?.sending(key, base);
      let answer: R | undefined;
      try {
        answer = await send();
        this.#wrote(answer);
        return answer;
      } finally {
        sent?.settled(answer);
      }
    });
  }

  /** Sends a deletion and remembers it, or the new state when the object is still there. */
  async delete<R>(key: string, namespace: string, send: () => Promise<R>): Promise<R> {
    return this.#during(key, async () => {
      const underWay = Array.from(this.#trackers, (each) => each.deleting(key, namespace));
      let hasEnded = (each: (typeof underWay)[number]): void => each?.ended();
      try {
        const answer = await send();
        if (!this.#wrote(answer)) {
          const uid = uidOfStatus(answer);
          hasEnded = (each) => each?.succeeded(uid);
        }
        return answer;
      } finally {
        underWay.forEach(hasEnded);
      }
    });
  }

  /** Resolves when the writes that are under way now, of one key or of all, have been answered. `undefined` without any. */
  settled(key?: string): Promise<unknown> | undefined {
    if (this.#underWay.size === 0) return undefined;
    const writes = [...this.#underWay].filter(([, each]) => key === undefined || each === key);
    return writes.length === 0 ? undefined : Promise.all(writes.map(([write]) => write));
  }

  async #during<R>(key: string, write: () => Promise<R>): Promise<R> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#underWay.set(promise, key);
    try {
      return await write();
    } finally {
      this.#underWay.delete(promise);
      resolve();
    }
  }

  /** Whether the answer was a state of an object, which then is awaited. */
  #wrote(answer: unknown): boolean {
    // What is no object of a kind lacks a version, and is left alone.
    const object = answer as ObjectLike | undefined;
    const { name, namespace = '', resourceVersion } = object?.metadata ?? {};
    if (object === undefined || !name || !resourceVersion) return false;
    const key = namespace === '' ? name : `${namespace}/${name}`;
    this.#remember({ key, namespace, object });
    for (const tracker of this.#trackers) tracker.wrote(key, namespace, object);
    return true;
  }

  #remember(written: Written): void {
    this.#recent.push(written);
    if (this.#recent.length <= mostRecent) return;
    const version = this.#recent.shift()?.object.metadata?.resourceVersion ?? '';
    if (this.#newestVersion === undefined || hasReached(version, this.#newestVersion))
      this.#newestVersion = version;
  }
}

/** A server that has removed an object says in its answer which one. */
function uidOfStatus(answer: unknown): string | undefined {
  if (typeof answer !== 'object' || answer === null || !('details' in answer)) return undefined;
  // Only what turns out to be a text is used.
  const { uid } = (answer.details ?? {}) as { readonly uid?: unknown };
  return typeof uid === 'string' && uid !== '' ? uid : undefined;
}
