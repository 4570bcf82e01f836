import { DeletedFinalStateUnknown, type ObjectLike } from '@kubeloop/cache-store';
import type { ResourceEventHandler } from './events.ts';
import { Gate } from './gate.ts';
import type { SharedInformer } from './informer.ts';
import { checkCount, checkMethods, checkTexts, checkWait } from './checks.ts';

/** What an informer tells, as one value. `until` of `@kubeloop/reflector` reads these. */
export type InformerChange<T> =
  | {
      readonly type: 'ADDED';
      readonly object: T;
      /** Whether the object was there already when the informer or the iteration began. */
      readonly isInInitialList: boolean;
    }
  | { readonly type: 'MODIFIED'; readonly object: T; readonly oldObject: T }
  | {
      readonly type: 'DELETED';
      /** The last state, or the last one known. */
      readonly object: T;
      /** Whether the deletion itself was missed, so that the object may have changed before it. */
      readonly isFinalStateUnknown: boolean;
    };

/** Options of {@link informerChanges}. */
export interface InformerChangesOptions {
  /** Ends the iteration, which rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** How many changes may wait unread before those of one object are merged. Default 1000. */
  readonly bufferSize?: number | undefined;
  /** What the iteration is called among the handlers of the informer. Default `changes`. */
  readonly name?: string | undefined;
}

/**
 * What an informer tells its handlers, to loop over: first every object of the cache, then each change, in order.
 *
 * A handler is added with the first `next` and removed when the loop is left. The iteration ends when the informer
 * stops; what has not been read by then is forgotten. Resyncs are left out.
 *
 * Memory is bounded: when `bufferSize` changes wait unread, further ones of one object are merged, as for any slow
 * handler, and past 4096 such objects the informer and its connection wait for the reader. A reader that keeps up sees
 * every change.
 *
 * @throws TypeError or RangeError for an informer or options that cannot be used. The first `next` rejects when the informer is stopped
 */
export function informerChanges<T extends ObjectLike>(
  informer: SharedInformer<T>,
  options: InformerChangesOptions = {},
): AsyncIterable<InformerChange<T>> {
  checkMethods('informer', informer, ['addEventHandler', 'on', 'off']);
  checkWait(`Cannot read changes of "${informer.name}"`, options);
  checkTexts(options, ['name']);
  checkCount('bufferSize', options.bufferSize ?? 1000);
  return {
    [Symbol.asyncIterator]() {
      const stream = new ChangeStream(informer, options);
      const changes = stream.read();
      return {
        next: () => changes.next(),
        return: async () => {
          stream.end();
          await changes.return(undefined);
          return { done: true, value: undefined };
        },
      };
    },
  };
}

/** One iteration. */
class ChangeStream<T extends ObjectLike> {
  readonly #informer: SharedInformer<T>;
  readonly #options: InformerChangesOptions;
  readonly #bufferSize: number;
  readonly #unread: InformerChange<T>[] = [];
  /** Lets the reader look again. */
  readonly #news = new Gate();
  /** Lets the informer go on. */
  readonly #room = new Gate();
  #isOver = false;

  constructor(informer: SharedInformer<T>, options: InformerChangesOptions) {
    this.#informer = informer;
    this.#options = options;
    this.#bufferSize = options.bufferSize ?? 1000;
  }

  /** Forgets what is unread and lets everybody go on who waits. */
  readonly end = (): void => {
    this.#isOver = true;
    this.#unread.length = 0;
    this.#news.release();
    this.#room.release();
  };

  async *read(): AsyncGenerator<InformerChange<T>, undefined> {
    const { signal, name } = this.#options;
    signal?.throwIfAborted();
    if (this.#isOver) return undefined;
    const registration = this.#informer.addEventHandler(this.#handler(), {
      resyncPeriodMs: 0,
      name: name ?? 'changes',
    });
    this.#informer.on('stopping', this.end);
    signal?.addEventListener('abort', this.end);
    try {
      while (!this.#isOver) {
        const change = this.#unread.shift();
        if (!change) {
          await this.#news.wait();
          continue;
        }
        if (this.#unread.length < this.#bufferSize) this.#room.release();
        yield change;
      }
      signal?.throwIfAborted();
    } finally {
      this.end();
      signal?.removeEventListener('abort', this.end);
      this.#informer.off('stopping', this.end);
      await registration.remove();
    }
    return undefined;
  }

  #handler(): ResourceEventHandler<T> {
    return {
      add: (object, isInInitialList) => this.#push({ type: 'ADDED', object, isInInitialList }),
      update: (oldObject, object) => this.#push({ type: 'MODIFIED', object, oldObject }),
      delete: (gone) => {
        const isFinalStateUnknown = DeletedFinalStateUnknown.is(gone);
        const object = isFinalStateUnknown ? gone.obj : gone;
        // Nothing was ever known of it, so that there is nothing that is gone.
        if (object === undefined) return undefined;
        return this.#push({ type: 'DELETED', object, isFinalStateUnknown });
      },
    };
  }

  /** A promise when the buffer is full: it resolves when there is room, or when nobody reads any more. */
  #push(change: InformerChange<T>): void | Promise<void> {
    if (this.#isOver) return;
    this.#unread.push(change);
    this.#news.release();
    if (this.#unread.length >= this.#bufferSize) return this.#room.wait();
  }
}
