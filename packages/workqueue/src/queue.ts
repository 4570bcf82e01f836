import {
  identityOf,
  systemClock,
  type Clock,
  type Identity,
  type KeyOf,
} from '@kubeloop/ratelimiter';
import { checkLimit, checkMetricsPeriod, checkStorage } from './check.ts';
import type {
  DescribeOptions,
  DrainOptions,
  GetOptions,
  GetResult,
  QueueDescription,
} from './contract.ts';
import { Drain } from './drain.ts';
import { firstItems } from './first-items.ts';
import { itemsUntilShutdown } from './iterate.ts';
import { LinkedList, type Link } from './linked-list.ts';
import { instrumentsOf, type Measured, type MeasuredWork, Meter } from './meter.ts';
import type { QueueMetricsProvider } from './metrics.ts';
import { refusalOf } from './reject.ts';
import { KeyedStorage, Ring, type Storage } from './storage.ts';
import { Waiters } from './waiters.ts';

/** Options of {@link WorkQueue}, and of every queue. */
export interface WorkQueueOptions<T> {
  /** What the queue is called in metrics. A queue without a name has no metrics. */
  readonly name?: string | undefined;
  /** Names the key of an item; needed for items that are objects. Default: primitives stand for themselves. */
  readonly keyOf?: KeyOf<T> | undefined;
  /** Where time comes from; default: the process's clock. */
  readonly clock?: Clock | undefined;
  /** Where the queue reports to; default: nowhere. */
  readonly metrics?: QueueMetricsProvider | undefined;
  /** How often the ages of unfinished work are reported, in milliseconds; default 500. */
  readonly metricsPeriodMs?: number | undefined;
  /** The order in which items are handed out; default: first in, first out. */
  readonly storage?: Storage<T> | undefined;
}

/** An item that needs work, is worked on, or both. Forgotten when it is neither. */
class Entry<T> implements Link<Entry<T>>, Measured, MeasuredWork {
  readonly identity: Identity;
  /** The item of the newest addition. */
  item: T;
  /** Needs work. In the storage if so, unless it is being processed. */
  isDirty = false;
  /** Handed out and not done. In the list of processing entries if so. */
  isProcessing = false;
  addedAtMs: number | undefined;
  startedAtMs = 0;
  previous: Entry<T> | undefined;
  next: Entry<T> | undefined;

  constructor(identity: Identity, item: T) {
    this.identity = identity;
    this.item = item;
  }
}

const shutdownResult = { item: undefined, shutdown: true } as const;

/**
 * A queue of things that need work, each of them known by its key.
 *
 * - An item that is queued is not queued again: many additions, one piece of work.
 * - An item is never handed to two workers at a time. Added while it is processed, it is handed out again
 *   after {@link WorkQueue.done | done}, so that no change is missed.
 * - Items are handed out in the order in which they were added, to as many workers as like to call
 *   {@link WorkQueue.get | get}. Waiting workers are served in the order in which they came.
 * - With items that are objects, identity is by key, and the item of the newest addition is handed out.
 * - After shutdown nothing new is accepted, and what is queued is still handed out.
 *
 * It behaves as `Typed` in client-go's `util/workqueue/queue.go`.
 *
 * @example
 * ```ts
 * import { WorkQueue } from '@kubeloop/workqueue';
 *
 * const queue = new WorkQueue<string>();
 * queue.add('a');
 * queue.add('a');
 * queue.length; // => 1
 * await queue.get(); // => { item: 'a', shutdown: false }
 * queue.done('a');
 * ```
 */
export class WorkQueue<T> {
  readonly #identify: (item: T) => Identity;
  /** Exactly the entries that are dirty and not processing. */
  readonly #storage: Storage<Entry<T>>;
  /** All entries that are dirty or processing. */
  readonly #entries = new Map<Identity, Entry<T>>();
  readonly #processing = new LinkedList<Entry<T>>();
  /** Parked only while nothing can be handed out and the queue is not shut down. */
  readonly #waiters = new Waiters<GetResult<T>>();
  readonly #drain: Drain;
  readonly #meter: Meter | undefined;
  #isShuttingDown = false;

  /** What the queue is called; empty without a name. */
  readonly name: string;

  /** @throws RangeError when `metricsPeriodMs` is not a number of milliseconds, 1 or more; TypeError for an option of the wrong kind */
  constructor(options: WorkQueueOptions<T> = {}) {
    this.name = options.name ?? '';
    this.#identify = identityOf(options.keyOf);
    this.#storage = options.storage
      ? new KeyedStorage(checkStorage(options.storage), (item) => this.#queuedEntryOf(item))
      : new Ring();
    const processing = this.#processing;
    const storage = this.#storage;
    this.#drain = new Drain({
      get length() {
        return storage.length;
      },
      get processingCount() {
        return processing.length;
      },
    });
    const periodMs = checkMetricsPeriod(options.metricsPeriodMs);
    const metrics = instrumentsOf(options.name, options.metrics);
    const clock = options.clock ?? systemClock;
    this.#meter = metrics && new Meter({ metrics, clock, periodMs, work: processing });
  }

  /** How many items are queued. Those that are being processed do not count, whether they were added again or not. */
  get length(): number {
    return this.#storage.length;
  }

  /** Whether the queue has been shut down. */
  get shuttingDown(): boolean {
    return this.#isShuttingDown;
  }

  /**
   * Says that `item` needs work.
   *
   * An item that is queued already is not queued again. An item that is being processed is queued when it
   * is done, once, however often it is added. Ignored after shutdown.
   *
   * @throws TypeError for an object when there is no `keyOf`
   */
  add(item: T): void {
    if (this.#isShuttingDown) return;
    const identity = this.#identify(item);
    let entry = this.#entries.get(identity);
    if (entry === undefined) {
      entry = new Entry(identity, item);
      this.#entries.set(identity, entry);
    } else {
      entry.item = item;
      if (entry.isDirty) {
        if (!entry.isProcessing) this.#storage.touch(entry);
        return;
      }
    }
    entry.isDirty = true;
    this.#meter?.added(entry);
    if (!entry.isProcessing) this.#enqueue(entry);
  }

  /**
   * Resolves with the next item, as soon as there is one, or with the word that the queue is shut down and empty.
   *
   * Every item must be given back by {@link WorkQueue.done | done}. After shutdown, an item that was added
   * again while it was processed can still be had after its `done`, also when an earlier call said that the
   * queue is shut down: so a worker calls `get` after every `done`.
   *
   * A wait that is aborted by its signal takes no item.
   *
   * @throws the reason of the signal when it aborts first, and TypeError for a signal that is none
   */
  get(options?: GetOptions): Promise<GetResult<T>> {
    const signal = options?.signal;
    const refusal = refusalOf(signal);
    if (refusal !== undefined) return refusal;
    if (this.#storage.length > 0) return Promise.resolve(this.#take());
    if (this.#isShuttingDown) return Promise.resolve(shutdownResult);
    return this.#waiters.park(signal);
  }

  /**
   * Says that the work on `item` has ended. Queues it again when it was added meanwhile.
   *
   * Does nothing for an item that is not being processed.
   */
  done(item: T): void {
    const identity = this.#identify(item);
    const entry = this.#entries.get(identity);
    if (entry === undefined || !entry.isProcessing) return;
    entry.isProcessing = false;
    this.#processing.remove(entry);
    this.#meter?.done(entry);
    if (entry.isDirty) this.#enqueue(entry);
    else this.#entries.delete(identity);
    this.#drain.check();
  }

  /**
   * Accepts nothing new from now on. Does not wait for items that are being processed.
   *
   * What is queued is still handed out; then every `get` is told that the queue is shut down. Ends the wait
   * of {@link WorkQueue.shutDownWithDrain | shutDownWithDrain}. May be called any number of times.
   */
  shutDown(): void {
    this.#refuse();
    this.#drain.release();
  }

  /**
   * Accepts nothing new from now on, and resolves when no item is being processed.
   *
   * Items that are queued are waited for as long as workers fetch them, and not when nobody does. A call of
   * {@link WorkQueue.shutDown | shutDown} ends the wait. A worker that never calls `done` would keep it waiting for ever.
   *
   * @throws the reason of the signal when it aborts first, and TypeError for a signal that is none; the queue stays shut down
   */
  shutDownWithDrain(options: DrainOptions = {}): Promise<void> {
    const { signal } = options;
    const refusal = refusalOf(signal);
    this.#refuse();
    return refusal ?? this.#drain.wait(signal);
  }

  /**
   * What is in the queue at this moment, for people to look at.
   *
   * @throws RangeError when `limit` is not a whole number
   */
  describe(options: DescribeOptions = {}): QueueDescription<T> {
    const limit = checkLimit(options);
    const counts = {
      queued: this.#storage.length,
      processing: this.#processing.length,
      waiting: 0,
    };
    return {
      queued: firstItems(this.#queued(), limit),
      processing: firstItems(this.#processing, limit),
      waiting: [],
      counts,
    };
  }

  /** Takes items until shutdown. The loop body calls {@link WorkQueue.done | done} for each of them. */
  [Symbol.asyncIterator](): AsyncIterator<T> {
    return itemsUntilShutdown<T>(this);
  }

  *#queued(): Generator<Entry<T>, void, undefined> {
    if (this.#storage instanceof Ring) yield* this.#storage;
    else for (const entry of this.#entries.values()) if (!entry.isProcessing) yield entry;
  }

  #queuedEntryOf(item: T): Entry<T> | undefined {
    const entry = this.#entries.get(this.#identify(item));
    return entry?.isProcessing ? undefined : entry;
  }

  #enqueue(entry: Entry<T>): void {
    this.#storage.push(entry);
    while (this.#waiters.length > 0 && this.#storage.length > 0) this.#waiters.wake(this.#take());
  }

  #take(): GetResult<T> {
    const entry = this.#storage.pop();
    entry.isDirty = false;
    entry.isProcessing = true;
    this.#processing.append(entry);
    this.#meter?.got(entry, entry);
    return { item: entry.item, shutdown: false };
  }

  #refuse(): void {
    this.#isShuttingDown = true;
    this.#meter?.stop();
    this.#waiters.wakeAll(shutdownResult);
  }
}
