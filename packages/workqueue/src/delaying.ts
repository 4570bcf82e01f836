import { identityOf, systemClock, type Clock, type Identity } from '@kubeloop/ratelimiter';
import { checkDelay, checkLimit } from './check.ts';
import type { AddOptions, DescribeOptions, DrainOptions, QueueDescription } from './contract.ts';
import type { Delay } from './delay-heap.ts';
import { Delays } from './delays.ts';
import { instrumentsOf } from './meter.ts';
import type { QueueMetrics } from './metrics.ts';
import { WorkQueue, type WorkQueueOptions } from './queue.ts';

/** Options of {@link DelayingQueue}: those of {@link WorkQueue}. */
export type DelayingQueueOptions<T> = WorkQueueOptions<T>;

/** An item that waits for its time. */
interface Waiting<T> {
  readonly identity: Identity;
  /** The item of the newest addition. */
  item: T;
}

/**
 * A {@link WorkQueue} to which items can be added later.
 *
 * - Never early. Items whose time has come are added in the order of their times.
 * - An item that is delayed twice is added once, at the earlier time, whichever was asked for first.
 * - A plain `add` does not take back a delay: the item may be handed out twice. (A {@link PriorityQueue}
 *   merges the two.)
 * - Shutdown drops all that wait.
 *
 * One timer runs while items wait, and none else; it keeps the process alive.
 * It behaves as `TypedDelayingInterface` in client-go's `util/workqueue/delaying_queue.go`.
 *
 * @example
 * ```ts
 * import { DelayingQueue } from '@kubeloop/workqueue';
 *
 * const queue = new DelayingQueue<string>();
 * queue.addAfter('a', 20);
 * queue.length; // => 0
 * await queue.get(); // => { item: 'a', shutdown: false }
 * queue.done('a');
 * ```
 */
export class DelayingQueue<T> extends WorkQueue<T> {
  readonly #identify: (item: T) => Identity;
  readonly #clock: Clock;
  readonly #metrics: QueueMetrics | undefined;
  /** Exactly the items that wait, each with its one delay. */
  readonly #waiting = new Map<Identity, Delay<Waiting<T>>>();
  readonly #delays: Delays<Waiting<T>>;

  /** @throws RangeError when `metricsPeriodMs` is not a number of milliseconds, 1 or more; TypeError for an option of the wrong kind */
  constructor(options: DelayingQueueOptions<T> = {}) {
    const metrics = instrumentsOf(options.name, options.metrics);
    super(metrics ? { ...options, metrics: { queue: () => metrics } } : options);
    this.#metrics = metrics;
    this.#identify = identityOf(options.keyOf);
    this.#clock = options.clock ?? systemClock;
    this.#delays = new Delays(this.#clock, (ready) => this.#addReady(ready));
  }

  /**
   * Says that `item` needs work: at once, or after `afterMs`. See {@link WorkQueue.add}.
   *
   * @throws TypeError for an object when there is no `keyOf`
   * @throws RangeError when `afterMs` is not a finite number
   */
  override add(item: T, options?: AddOptions): void {
    const delayMs = options?.afterMs;
    if (delayMs !== undefined && checkDelay('afterMs', delayMs) > 0)
      return this.addAfter(item, delayMs);
    super.add(item);
    this.#refresh(item);
  }

  /**
   * Adds `item` after `delayMs` milliseconds; zero and less: at once. Ignored after shutdown.
   *
   * @throws TypeError for an object when there is no `keyOf`
   * @throws RangeError when `delayMs` is not a finite number
   */
  addAfter(item: T, delayMs: number): void {
    checkDelay('delayMs', delayMs);
    if (this.shuttingDown) return;
    this.#metrics?.retries.inc();
    if (delayMs > 0) this.#schedule(item, this.#clock.now() + delayMs);
    else this.#addNow(item);
  }

  /** Accepts nothing new and drops all that wait for their time. See {@link WorkQueue.shutDown}. */
  override shutDown(): void {
    this.#dropWaiting();
    super.shutDown();
  }

  /** Accepts nothing new, drops all that wait for their time, and resolves when no item is being processed. See {@link WorkQueue.shutDownWithDrain}. */
  override shutDownWithDrain(options?: DrainOptions): Promise<void> {
    this.#dropWaiting();
    return super.shutDownWithDrain(options);
  }

  /** What is in the queue at this moment, with what waits for its time. See {@link WorkQueue.describe}. */
  override describe(options: DescribeOptions = {}): QueueDescription<T> {
    const described = super.describe(options);
    const limit = checkLimit(options);
    const nowMs = this.#clock.now();
    const waiting = this.#delays.soonest(limit).map(({ entry, readyAtMs }) => ({
      item: entry.item,
      readyInMs: Math.max(0, readyAtMs - nowMs),
    }));
    return { ...described, waiting, counts: { ...described.counts, waiting: this.#delays.size } };
  }

  #schedule(item: T, readyAtMs: number): void {
    const identity = this.#identify(item);
    const known = this.#waiting.get(identity);
    if (known) {
      known.entry.item = item;
      if (known.readyAtMs <= readyAtMs) return;
    }
    const entry = known?.entry ?? { identity, item };
    // The new one first, so that the timer is not taken down and set up again.
    this.#waiting.set(identity, this.#delays.schedule(entry, readyAtMs));
    if (known) this.#delays.cancel(known);
  }

  #addReady(ready: readonly Waiting<T>[]): void {
    for (const { identity, item } of ready) {
      this.#waiting.delete(identity);
      super.add(item);
    }
  }

  #addNow(item: T): void {
    super.add(item);
    this.#refresh(item);
  }

  /** What waits is handed out as the newest addition had it. */
  #refresh(item: T): void {
    if (this.#waiting.size === 0 || typeof item !== 'object') return;
    const known = this.#waiting.get(this.#identify(item));
    if (known) known.entry.item = item;
  }

  #dropWaiting(): void {
    this.#waiting.clear();
    this.#delays.clear();
  }
}
