import { AsyncLocalStorage } from 'node:async_hooks';
import type { ObjectLike } from '@kubeloop/cache-store';

/** A write that has been sent. */
export interface SentWrite {
  /** It has been answered with this state, or with nothing that is one. */
  settled(answer: unknown): void;
}

/** A version that a reconcile has made of another one. */
export interface OwnVersion {
  readonly uid: string;
  readonly base: string;
  readonly version: string;
}

/** What an {@link OwnRun} is made of. */
export interface OwnRunOptions {
  /** Told of each version that the reconcile has made. */
  readonly onWritten: (written: OwnVersion) => void;
  /** Told when the reconcile has ended. */
  readonly onEnd: () => void;
}

/** Events beyond so many are not held back: they ask for a reconcile, which is always right. */
const mostHeld = 100;

const runs = new AsyncLocalStorage<OwnRun>();

/** The reconcile in which this code runs; `undefined` outside of one, and where nobody wants to know. */
export function currentRun(): OwnRun | undefined {
  return runs.getStore();
}

/**
 * One reconcile and what it writes. Events of an object to which a write is under way are held back until that has been
 * answered, and no longer than the reconcile lasts: a request that is asked for meanwhile could not run earlier anyway.
 */
export class OwnRun {
  readonly #options: OwnRunOptions;
  /** How many writes are under way to an object, by its key. */
  readonly #underWay = new Map<string, number>();
  readonly #held: { readonly object: string; readonly release: () => void }[] = [];
  #isOver = false;

  constructor(options: OwnRunOptions) {
    this.#options = options;
  }

  /** Runs the reconcile; what it writes, however deep inside, counts as its own until it ends. */
  async run<R>(reconcile: () => Promise<R> | R): Promise<R> {
    try {
      return await runs.run(this, reconcile);
    } finally {
      this.#isOver = true;
      this.#underWay.clear();
      this.#options.onEnd();
      this.#release();
    }
  }

  /** A write is sent to the object of this key that insists on a version of it. */
  sending(object: string, base: string): SentWrite | undefined {
    if (this.#isOver) return undefined;
    this.#underWay.set(object, (this.#underWay.get(object) ?? 0) + 1);
    return {
      settled: (answer) => {
        if (this.#isOver) return;
        const count = (this.#underWay.get(object) ?? 1) - 1;
        if (count > 0) this.#underWay.set(object, count);
        else this.#underWay.delete(object);
        const written = writtenOf(answer, base);
        if (written) this.#options.onWritten(written);
        if (count === 0) this.#release(object);
      },
    };
  }

  /** Keeps an event of the object until writes to it have been answered; `false` when there are none. */
  hold(object: string, release: () => void): boolean {
    if (!this.#underWay.has(object) || this.#held.length >= mostHeld) return false;
    this.#held.push({ object, release });
    return true;
  }

  #release(object?: string): void {
    const held = this.#held.splice(0);
    for (const each of held) {
      if (object === undefined || each.object === object) each.release();
      else this.#held.push(each);
    }
  }
}

/** A write that has changed nothing is answered with the version that it insisted on. */
function writtenOf(answer: unknown, base: string): OwnVersion | undefined {
  // What is no object of a kind lacks a version, and is left alone.
  const { uid, resourceVersion } = (answer as ObjectLike | undefined)?.metadata ?? {};
  if (!uid || !resourceVersion || resourceVersion === base) return undefined;
  return { uid, base, version: resourceVersion };
}
