import { createRequire } from 'node:module';
import type { Clock, Timer } from '@kubeloop/ratelimiter';

/** What is used of mnemonist's heap. */
interface Heap<E> {
  readonly size: number;
  push(item: E): number;
  peek(): E | undefined;
  pop(): E | undefined;
  clear(): void;
}

interface HeapConstructor {
  new <E>(comparator: (a: E, b: E) => number): Heap<E>;
  nsmallest<E>(comparator: (a: E, b: E) => number, n: number, values: Iterable<E>): E[];
}

let loaded: HeapConstructor | undefined;

/**
 * mnemonist's heap. Its root takes 20 ms to import and its files cannot be imported as ES modules. It is loaded with the
 * first queue that has delays, since it takes a quarter of the time that the whole package takes to import.
 */
function minHeap(): HeapConstructor {
  // This file of mnemonist exports its Heap class, of which HeapConstructor is a part.
  loaded ??= createRequire(import.meta.url)('mnemonist/heap') as HeapConstructor;
  return loaded;
}

/** Something that waits for its time. Ended by {@link Delays.cancel} or by becoming ready. */
export interface Delay<E> {
  /** What waits. */
  readonly entry: E;
  /** When it is ready. */
  readonly readyAtMs: number;
  /** Tells those that are ready at the same time apart. */
  readonly sequence: number;
}

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
  #heap = new (minHeap())<Delay<E>>(byTime);
  /** Exactly those that wait. */
  readonly #live = new Set<Delay<E>>();
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
    return this.#live.size;
  }

  /**
   * Lets `entry` become ready at `atMs`; never synchronously. Of those that are ready at the same time the one that
   * was scheduled first comes first, or the one with the lower `sequence`, when it keeps that of an earlier delay.
   */
  schedule(entry: E, atMs: number, sequence: number = this.#sequence++): Delay<E> {
    // Whole nanoseconds, lest two ways to the same moment differ in the last bit, and so decide the order.
    const readyAtMs = Math.round(atMs * 1e6) / 1e6;
    const delay = { entry, readyAtMs, sequence };
    this.#live.add(delay);
    this.#heap.push(delay);
    if (readyAtMs < this.#timerAtMs) this.#arm(readyAtMs);
    return delay;
  }

  /** Ends the wait of `delay`. Does nothing when it has ended. */
  cancel(delay: Delay<E>): void {
    if (!this.#live.delete(delay)) return;
    if (this.#live.size === 0) this.clear();
    else if (this.#heap.size > 2 * this.#live.size + maxStale) this.#rebuild();
  }

  /** Ends all waits and the timer. */
  clear(): void {
    this.#live.clear();
    this.#heap.clear();
    this.#disarm();
  }

  /** All that wait, in no particular order. */
  [Symbol.iterator](): Iterator<Delay<E>> {
    return this.#live.values();
  }

  /** The `limit` that are ready next, soonest first. */
  soonest(limit: number): readonly Delay<E>[] {
    return limit === 0 ? [] : minHeap().nsmallest(byTime, limit, this.#live);
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
      this.#live.delete(next);
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
    while (next !== undefined && !this.#live.has(next)) {
      this.#heap.pop();
      next = this.#heap.peek();
    }
    return next;
  }

  #rebuild(): void {
    this.#heap = new (minHeap())<Delay<E>>(byTime);
    for (const delay of this.#live) this.#heap.push(delay);
  }
}

function byTime<E>(a: Delay<E>, b: Delay<E>): number {
  return a.readyAtMs - b.readyAtMs || a.sequence - b.sequence;
}
