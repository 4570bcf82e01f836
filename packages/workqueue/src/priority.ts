import {
  identityOf,
  type Identity,
  ItemExponentialFailureRateLimiter,
  type RateLimiter,
  systemClock,
  type Clock,
} from '@kubeloop/ratelimiter';
import { checkCount, checkDuration, checkPriority } from './check.ts';
import type {
  AddOptions,
  DescribeOptions,
  DrainOptions,
  GetOptions,
  PrioritizedGetResult,
  Queue,
  QueueDescription,
} from './contract.ts';
import { delayOf } from './delay-of.ts';
import { Delays } from './delays.ts';
import { Drain } from './drain.ts';
import { firstItems } from './first-items.ts';
import { itemsUntilShutdown } from './iterate.ts';
import { LinkedList } from './linked-list.ts';
import { instrumentsOf, Meter } from './meter.ts';
import { Flight, PriorityEntry } from './priority-entry.ts';
import { PriorityLevels } from './priority-levels.ts';
import type { WorkQueueOptions } from './queue.ts';
import { rejectWithReason } from './reject.ts';
import { Waiters } from './waiters.ts';

/** Options of {@link PriorityQueue}. */
export interface PriorityQueueOptions<T> extends Omit<WorkQueueOptions<T>, 'storage'> {
  /** Says how long a failed item waits; default: 5 ms doubling with each failure up to 1000 s. */
  readonly rateLimiter?: RateLimiter<T> | undefined;
  /**
   * How long an item may be passed over by more urgent ones, in milliseconds; default 30,000. After that, it
   * gets its turn among one in ten items that are handed out, oldest first. Zero turns this off, and then a
   * steady stream of urgent items starves all others.
   */
  readonly ageingMs?: number | undefined;
}

/** What is in a {@link PriorityQueue} at one moment. */
export interface PriorityQueueDescription<T> extends QueueDescription<T> {
  /** How many items are queued at each priority, highest first. */
  readonly levels: readonly { readonly priority: number; readonly length: number }[];
}

const shutdownResult = { item: undefined, shutdown: true } as const;
const defaultAgeingMs = 30_000;
/** One in so many items that are handed out is the oldest one, if it has aged. */
const agedTurn = 10;

/**
 * A queue of things that need work, the most urgent first.
 *
 * It has all that a {@link RateLimitingQueue} has: one piece of work per item however often it is added,
 * never two workers on one item, delays, rate limits, drain. And:
 *
 * - Every addition may have a priority, a whole number, 0 if not given. Higher goes first; items of the same
 *   priority in the order in which they became ready.
 * - There is one entry per item. Adding it again keeps the higher priority and the earlier time of the two. An
 *   item whose priority rises goes to the end of the new level. Adding at once takes back a delay.
 * - An item that waits for its delay does not count and holds up nothing, whatever its priority.
 * - An item that is added again while it is processed counts in `length` and keeps its place, and is handed
 *   out after `done`.
 * - Low priorities are not starved: see {@link PriorityQueueOptions.ageingMs | ageingMs}.
 * - After shutdown nothing new is accepted, what waits for its time is dropped, what is queued is still handed out.
 *
 * It behaves as controller-runtime's `pkg/controller/priorityqueue`, which neither drains nor ages and loses
 * what is queued at shutdown.
 *
 * @example
 * ```ts
 * import { PriorityQueue } from '@kubeloop/workqueue';
 *
 * const queue = new PriorityQueue<string>();
 * queue.add('nightly-report', { priority: -100 });
 * queue.add('order/17');
 * (await queue.get()).item; // => 'order/17'
 * queue.done('order/17');
 * ```
 */
export class PriorityQueue<T> implements Queue<T> {
  readonly #identify: (item: T) => Identity;
  readonly #clock: Clock;
  readonly #rateLimiter: RateLimiter<T>;
  readonly #ageingMs: number;
  /** All entries that are ready, delayed or in flight. */
  readonly #entries = new Map<Identity, PriorityEntry<T>>();
  /** Exactly the entries that are ready, those in flight included. */
  readonly #ready = new PriorityLevels<PriorityEntry<T>>();
  readonly #delays: Delays<PriorityEntry<T>>;
  readonly #flights = new LinkedList<Flight<T>>();
  /** Parked only while no ready entry is free and the queue is not shut down. */
  readonly #waiters = new Waiters<PrioritizedGetResult<T>>();
  readonly #drain: Drain;
  readonly #meter: Meter | undefined;
  #turn = 0;
  #isShuttingDown = false;

  /** What the queue is called; empty without a name. */
  readonly name: string;

  /** @throws RangeError for a duration out of its range */
  constructor(options: PriorityQueueOptions<T> = {}) {
    const { keyOf } = options;
    this.name = options.name ?? '';
    this.#identify = identityOf(keyOf);
    this.#clock = options.clock ?? systemClock;
    this.#rateLimiter =
      options.rateLimiter ??
      new ItemExponentialFailureRateLimiter<T>({ baseDelayMs: 5, maxDelayMs: 1_000_000, keyOf });
    this.#ageingMs = checkDuration('ageingMs', options.ageingMs ?? defaultAgeingMs);
    this.#delays = new Delays(this.#clock, (due) => this.#onDue(due));
    const ready = this.#ready;
    const flights = this.#flights;
    this.#drain = new Drain({
      get length() {
        return ready.length;
      },
      get processingCount() {
        return flights.length;
      },
    });
    const periodMs = checkDuration('metricsPeriodMs', options.metricsPeriodMs ?? 500, 1);
    const metrics = instrumentsOf(options.name, options.metrics);
    this.#meter = metrics && new Meter({ metrics, clock: this.#clock, periodMs, work: flights });
  }

  /** How many items are ready, those included that were added again while they are processed. Delayed items do not count. */
  get length(): number {
    return this.#ready.length;
  }

  /** Whether the queue has been shut down. */
  get shuttingDown(): boolean {
    return this.#isShuttingDown;
  }

  /**
   * Says that `item` needs work: at once or later, urgently or not. Merged with what is known of it: the
   * higher priority and the earlier time count. Ignored after shutdown.
   *
   * @throws TypeError for an object when there is no `keyOf`
   * @throws RangeError when the priority is not a whole number, or a delay not a finite one
   */
  add(item: T, options?: AddOptions): void {
    this.#merge(item, options);
    this.#handOut();
  }

  /** Adds several items with the same options. The rate limiter is asked for each of them. */
  addAll(items: Iterable<T>, options?: AddOptions): void {
    for (const item of items) this.#merge(item, options);
    this.#handOut();
  }

  /** Adds `item` after `delayMs` milliseconds; zero and less: at once. See {@link PriorityQueue.add}. */
  addAfter(item: T, delayMs: number, options?: AddOptions): void {
    this.add(item, { ...options, afterMs: delayMs });
  }

  /** Adds `item` after the delay that the rate limiter gives it, which counts as one more failure. See {@link PriorityQueue.add}. */
  addRateLimited(item: T, options?: AddOptions): void {
    this.add(item, { ...options, rateLimited: true });
  }

  /** Lets the rate limiter forget the failures of `item`. What is queued or waits for its time stays. */
  forget(item: T): void {
    this.#rateLimiter.forget(item);
  }

  /** How many failures of `item` the rate limiter has counted since it was last forgotten. */
  numRequeues(item: T): number {
    return this.#rateLimiter.numRequeues(item);
  }

  /**
   * Resolves with the most urgent item and its priority, as soon as there is one, or with the word that the
   * queue is shut down and nothing can be handed out.
   *
   * Every item must be given back by {@link PriorityQueue.done | done}; call `get` again after every `done`.
   * A wait that is aborted by its signal takes no item.
   */
  get(options?: GetOptions): Promise<PrioritizedGetResult<T>> {
    const signal = options?.signal;
    if (signal?.aborted) return rejectWithReason(signal);
    const entry = this.#next();
    if (entry) return Promise.resolve(this.#take(entry));
    if (this.#isShuttingDown) return Promise.resolve(shutdownResult);
    return this.#waiters.park(signal);
  }

  /** Says that the work on `item` has ended. If it was added meanwhile, it can be handed out again. Does nothing for an item that is not being processed. */
  done(item: T): void {
    const identity = this.#identify(item);
    const entry = this.#entries.get(identity);
    const flight = entry?.flight;
    if (entry === undefined || flight === undefined) return;
    entry.flight = undefined;
    this.#flights.remove(flight);
    this.#meter?.done(flight);
    if (entry.state === 'idle') this.#entries.delete(identity);
    else this.#handOut();
    this.#drain.check();
  }

  /** Accepts nothing new and drops all that wait for their time. Does not wait for items that are being processed. See {@link WorkQueue.shutDown}. */
  shutDown(): void {
    this.#refuse();
    this.#drain.release();
  }

  /** Accepts nothing new, drops all that wait for their time, and resolves when no item is being processed. See {@link WorkQueue.shutDownWithDrain}. */
  shutDownWithDrain(options: DrainOptions = {}): Promise<void> {
    const { signal } = options;
    this.#refuse();
    return signal?.aborted ? rejectWithReason(signal) : this.#drain.wait(signal);
  }

  /** What is in the queue at this moment, for people to look at. */
  describe(options: DescribeOptions = {}): PriorityQueueDescription<T> {
    const limit = checkCount('limit', options.limit ?? 100, 0);
    const nowMs = this.#clock.now();
    const waiting = this.#delays.soonest(limit).map(({ entry, readyAtMs }) => ({
      item: entry.item,
      readyInMs: Math.max(0, readyAtMs - nowMs),
    }));
    return {
      queued: firstItems(this.#ready, limit),
      processing: firstItems(this.#flights, limit),
      waiting,
      counts: {
        queued: this.#ready.length,
        processing: this.#flights.length,
        waiting: this.#delays.size,
      },
      levels: this.#ready.lengths,
    };
  }

  /** Takes items until shutdown. The loop body calls {@link PriorityQueue.done | done} for each of them. */
  [Symbol.asyncIterator](): AsyncIterator<T> {
    return itemsUntilShutdown<T>(this);
  }

  #merge(item: T, options: AddOptions | undefined): void {
    const priority = checkPriority(options?.priority ?? 0);
    if (this.#isShuttingDown) return;
    const delayMs = options ? delayOf(item, options, this.#rateLimiter) : 0;
    const entry = this.#entryOf(item);
    if (delayMs > 0) this.#meter?.retried();
    if (entry.state === 'idle') entry.priority = priority;
    else if (priority > entry.priority) this.#raise(entry, priority);
    if (entry.state === 'ready') return;
    if (delayMs > 0) this.#delay(entry, this.#clock.now() + delayMs);
    else this.#makeReady(entry);
  }

  #entryOf(item: T): PriorityEntry<T> {
    const identity = this.#identify(item);
    let entry = this.#entries.get(identity);
    if (entry === undefined) {
      entry = new PriorityEntry(identity, item);
      this.#entries.set(identity, entry);
    }
    entry.item = item;
    return entry;
  }

  #raise(entry: PriorityEntry<T>, priority: number): void {
    if (entry.state === 'ready') {
      this.#meter?.moved(entry.priority, priority);
      this.#ready.remove(entry);
      entry.priority = priority;
      this.#append(entry);
    } else entry.priority = priority;
  }

  #delay(entry: PriorityEntry<T>, readyAtMs: number): void {
    const known = entry.delay;
    if (known && known.readyAtMs <= readyAtMs) return;
    entry.delay = this.#delays.schedule(entry, readyAtMs);
    entry.state = 'delayed';
    if (known) this.#delays.cancel(known);
  }

  #makeReady(entry: PriorityEntry<T>): void {
    if (entry.delay) this.#delays.cancel(entry.delay);
    entry.delay = undefined;
    entry.state = 'ready';
    this.#append(entry);
    this.#meter?.added(entry, entry.priority);
  }

  #append(entry: PriorityEntry<T>): void {
    if (this.#ageingMs > 0) entry.sinceMs = this.#clock.now();
    this.#ready.append(entry);
  }

  #onDue(due: readonly PriorityEntry<T>[]): void {
    for (const entry of due) this.#makeReady(entry);
    this.#handOut();
  }

  #handOut(): void {
    while (this.#waiters.length > 0) {
      const entry = this.#next();
      if (entry === undefined) return;
      this.#waiters.wake(this.#take(entry));
    }
  }

  #next(): PriorityEntry<T> | undefined {
    return this.#ready.length === 0 ? undefined : (this.#aged() ?? this.#ready.first(isFree));
  }

  /** The entry that has been passed over for too long, if it is its turn. */
  #aged(): PriorityEntry<T> | undefined {
    if (this.#ageingMs === 0 || this.#turn < agedTurn - 1) return undefined;
    const oldest = this.#ready.oldest(isFree);
    return oldest && this.#clock.now() - oldest.sinceMs >= this.#ageingMs ? oldest : undefined;
  }

  #take(entry: PriorityEntry<T>): PrioritizedGetResult<T> {
    const { item, priority } = entry;
    this.#turn = (this.#turn + 1) % agedTurn;
    this.#ready.remove(entry);
    entry.state = 'idle';
    entry.flight = new Flight(item);
    this.#flights.append(entry.flight);
    this.#meter?.got(entry, entry.flight, priority);
    return { item, shutdown: false, priority };
  }

  #refuse(): void {
    this.#isShuttingDown = true;
    this.#meter?.stop();
    for (const { entry } of this.#delays) this.#drop(entry);
    this.#delays.clear();
    this.#waiters.wakeAll(shutdownResult);
  }

  #drop(entry: PriorityEntry<T>): void {
    entry.delay = undefined;
    entry.state = 'idle';
    if (entry.flight === undefined) this.#entries.delete(entry.identity);
  }
}

function isFree<T>(entry: PriorityEntry<T>): boolean {
  return entry.flight === undefined;
}
