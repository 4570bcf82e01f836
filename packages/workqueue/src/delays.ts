import type { Clock, Timer } from '@kubeloop/ratelimiter';
import { type Delay, DelayHeap } from './delay-heap.ts';

/** Two moments closer than this are the same: floating-point times are not exact, and clocks are coarser. */
const toleranceMs = 0.001;

/** A timer that came too early is set again for this long at least, lest a coarse clock be asked again and again. */
const shortestRetryMs = 1;

/** Cancelled delays that are still in the heap are cleared away when there are this many more of them than of others. */
const maxStale = 64;

/** Things that wait for their time, on one timer, which exists only while something waits. */
export class Delays<E> {
  readonly #clock: Clock;
  readonly #onReady: (entries: readonly E[]) => void;
  /** Those that wait, and those that were cancelled and have not come to the top since. */
  #heap = new DelayHeap<E>();
  /** How many wait. */
  #size = 0;
  #sequence = 0;
  #timer: Timer | undefined;
  #timerAtMs = Infinity;

  /** @param onReady - called with all that became ready at a moment, in the order of their times */
  constructor(clock: Clock, onReady: (entries: readonly E[]) => void) {
    this.#clock = clock;
    this.#onReady = onReady;
  }

  /** How many wait. */
  get size(): number {
    return this.#size;
  }

  /**
   * Lets `entry` become ready at `atMs`; never synchronously. Of those that are ready at the same time the one that
   * was scheduled first comes first, or the one with the lower `sequence`, when it keeps that of an earlier delay.
   */
  schedule(entry: E, atMs: number, sequence: number = this.#sequence++): Delay<E> {
    // Whole nanoseconds, lest two ways to the same moment differ in the last bit, and so decide the order.
    const readyAtMs = Math.round(atMs * 1e6) / 1e6;
    const delay = { entry, readyAtMs, sequence, isLive: true };
    this.#size += 1;
    this.#heap.push(delay);
    if (readyAtMs < this.#timerAtMs) this.#arm(readyAtMs);
    return delay;
  }

  /** Ends the wait of `delay`. Does nothing when it has ended. */
  cancel(delay: Delay<E>): void {
    if (!delay.isLive) return;
    delay.isLive = false;
    this.#size -= 1;
    if (this.#size === 0) this.clear();
    else if (this.#heap.size > 2 * this.#size + maxStale) this.#rebuild();
  }

  /** Ends all waits and the timer. */
  clear(): void {
    for (const delay of this.#heap) delay.isLive = false;
    this.#heap = new DelayHeap();
    this.#size = 0;
    this.#disarm();
  }

  /** All that wait, in no particular order. */
  *[Symbol.iterator](): Generator<Delay<E>, void, undefined> {
    for (const delay of this.#heap) if (delay.isLive) yield delay;
  }

  /** The `limit` that are ready next, soonest first. */
  soonest(limit: number): readonly Delay<E>[] {
    const soonest: Delay<E>[] = [];
    if (limit === 0) return soonest;
    const heap = this.#heap.copy();
    for (let next = heap.pop(); next && soonest.length < limit; next = heap.pop())
      if (next.isLive) soonest.push(next);
    return soonest;
  }

  #arm(readyAtMs: number, leastMs: number = 0): void {
    this.#timer?.cancel();
    this.#timerAtMs = readyAtMs;
    const delayMs = Math.max(leastMs, readyAtMs - this.#clock.now());
    this.#timer = this.#clock.setTimeout(() => this.#fire(), delayMs);
  }

  #disarm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#timerAtMs = Infinity;
  }

  #fire(): void {
    const nowMs = this.#clock.now() + toleranceMs;
    const isEarly = nowMs < this.#timerAtMs;
    const ready: E[] = [];
    let next = this.#next();
    while (next !== undefined && next.readyAtMs <= nowMs) {
      this.#heap.pop();
      next.isLive = false;
      this.#size -= 1;
      ready.push(next.entry);
      next = this.#next();
    }
    if (next === undefined) this.#disarm();
    else this.#arm(next.readyAtMs, isEarly ? shortestRetryMs : 0);
    if (ready.length > 0) this.#onReady(ready);
  }

  /** The one that is ready next. Those that were cancelled are dropped as they surface. */
  #next(): Delay<E> | undefined {
    let next = this.#heap.peek();
    while (next?.isLive === false) {
      this.#heap.pop();
      next = this.#heap.peek();
    }
    return next;
  }

  #rebuild(): void {
    const heap = new DelayHeap<E>();
    for (const delay of this) heap.push(delay);
    this.#heap = heap;
  }
}
