import {
  identityOf,
  ItemExponentialFailureRateLimiter,
  type RateLimiter,
  systemClock,
} from '@kubeloop/ratelimiter';
import {
  checkDelay,
  checkDuration,
  checkLimit,
  checkMetricsPeriod,
  checkPriority,
  checkRateLimiter,
} from './check.ts';
import type {
  AddOptions,
  DescribeOptions,
  DrainOptions,
  GetOptions,
  PrioritizedGetResult,
  PriorityQueueDescription,
  Queue,
} from './contract.ts';
import { delayOf } from './delay-of.ts';
import { Drain } from './drain.ts';
import { itemsUntilShutdown } from './iterate.ts';
import { instrumentsOf, Meter } from './meter.ts';
import { PriorityStore } from './priority-store.ts';
import type { WorkQueueOptions } from './queue.ts';
import { refusalOf } from './reject.ts';
import { Waiters } from './waiters.ts';

/** Options of {@link PriorityQueue}. */
export interface PriorityQueueOptions<T> extends Omit<WorkQueueOptions<T>, 'storage'> {
  /** Says how long a failed item waits; default: 5 ms doubling with each failure up to 1000 s. One of yours needs the same `keyOf` as the queue. */
  readonly rateLimiter?: RateLimiter<T> | undefined;
  /**
   * How long an item may be passed over by more urgent ones, in milliseconds; default 30,000. After that, it
   * gets its turn among one in ten items that are handed out, oldest first. Zero turns this off, and then a
   * steady stream of urgent items starves all others.
   */
  readonly ageingMs?: number | undefined;
}

const shutdownResult = { item: undefined, shutdown: true } as const;
const defaultAgeingMs = 30_000;

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
  readonly #rateLimiter: RateLimiter<T>;
  readonly #store: PriorityStore<T>;
  /** Parked only while nothing can be handed out and the queue is not shut down. */
  readonly #waiters = new Waiters<PrioritizedGetResult<T>>();
  readonly #drain: Drain;
  readonly #meter: Meter | undefined;
  #isShuttingDown = false;

  /** What the queue is called; empty without a name. */
  readonly name: string;

  /** @throws RangeError for a duration out of its range; TypeError for an option of the wrong kind */
  constructor(options: PriorityQueueOptions<T> = {}) {
    const { keyOf } = options;
    this.name = options.name ?? '';
    this.#rateLimiter = options.rateLimiter
      ? checkRateLimiter(options.rateLimiter)
      : new ItemExponentialFailureRateLimiter<T>({ baseDelayMs: 5, maxDelayMs: 1_000_000, keyOf });
    const clock = options.clock ?? systemClock;
    this.#store = new PriorityStore<T>({
      identify: identityOf(keyOf),
      clock,
      ageingMs: checkDuration('ageingMs', options.ageingMs ?? defaultAgeingMs),
      onDue: () => this.#handOut(),
    });
    this.#drain = new Drain(this.#store);
    const periodMs = checkMetricsPeriod(options.metricsPeriodMs);
    const metrics = instrumentsOf(options.name, options.metrics);
    this.#meter = metrics && new Meter({ metrics, clock, periodMs, work: this.#store.flights });
    this.#store.meter = this.#meter;
  }

  /** How many items are ready, those included that were added again while they are processed. Delayed items do not count. */
  get length(): number {
    return this.#store.length;
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

  /**
   * Adds several items with the same options. The rate limiter is asked for each of them. When one is refused, those before it are added, and
   * those after it are not.
   *
   * @throws what {@link PriorityQueue.add | add} throws, and what the iterable does
   */
  addAll(items: Iterable<T>, options?: AddOptions): void {
    try {
      for (const item of items) this.#merge(item, options);
    } finally {
      // Also when one is refused: those before it are queued, and must not wait for the next addition.
      this.#handOut();
    }
  }

  /** Adds `item` after `delayMs` milliseconds; zero and less: at once. See {@link PriorityQueue.add}. */
  addAfter(item: T, delayMs: number, options?: AddOptions): void {
    this.add(item, { ...options, afterMs: checkDelay('delayMs', delayMs) });
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
   *
   * @throws the reason of the signal when it aborts first, and TypeError for a signal that is none
   */
  get(options?: GetOptions): Promise<PrioritizedGetResult<T>> {
    const signal = options?.signal;
    const refusal = refusalOf(signal);
    if (refusal !== undefined) return refusal;
    const taken = this.#store.take();
    if (taken) return Promise.resolve(taken);
    if (this.#isShuttingDown) return Promise.resolve(shutdownResult);
    return this.#waiters.park(signal);
  }

  /** Says that the work on `item` has ended. If it was added meanwhile, it can be handed out again. Does nothing for an item that is not being processed. */
  done(item: T): void {
    if (!this.#store.land(item)) return;
    this.#handOut();
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
    const refusal = refusalOf(signal);
    this.#refuse();
    return refusal ?? this.#drain.wait(signal);
  }

  /** What is in the queue at this moment, for people to look at. */
  describe(options: DescribeOptions = {}): PriorityQueueDescription<T> {
    return this.#store.describe(checkLimit(options));
  }

  /** Takes items until shutdown. The loop body calls {@link PriorityQueue.done | done} for each of them. */
  [Symbol.asyncIterator](): AsyncIterator<T> {
    return itemsUntilShutdown<T>(this);
  }

  #merge(item: T, options: AddOptions | undefined): void {
    const priority = checkPriority(options?.priority ?? 0);
    if (options?.afterMs !== undefined) checkDelay('afterMs', options.afterMs);
    if (this.#isShuttingDown) return;
    this.#store.merge(item, priority, options ? delayOf(item, options, this.#rateLimiter) : 0);
  }

  #handOut(): void {
    while (this.#waiters.length > 0) {
      const taken = this.#store.take();
      if (taken === undefined) return;
      this.#waiters.wake(taken);
    }
  }

  #refuse(): void {
    this.#isShuttingDown = true;
    this.#meter?.stop();
    this.#store.dropDelayed();
    this.#waiters.wakeAll(shutdownResult);
  }
}
