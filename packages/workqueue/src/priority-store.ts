import type { Clock, Identity } from '@kubeloop/ratelimiter';
import type { PrioritizedGetResult, PriorityQueueDescription } from './contract.ts';
import type { Delay } from './delay-heap.ts';
import { Delays } from './delays.ts';
import { firstItems } from './first-items.ts';
import { LinkedList } from './linked-list.ts';
import type { Meter } from './meter.ts';
import { Flight, PriorityEntry } from './priority-entry.ts';
import { PriorityLevels } from './priority-levels.ts';

/** Options of {@link PriorityStore}. */
export interface PriorityStoreOptions<T> {
  readonly identify: (item: T) => Identity;
  readonly clock: Clock;
  /** After how long an entry that is passed over has aged; zero for never. */
  readonly ageingMs: number;
  /** Called when entries have become ready by the passing of time. */
  readonly onDue: () => void;
}

/** One in so many items that are handed out is the oldest one, if it has aged. */
const agedTurn = 10;

/** What a priority queue knows of its items: one entry for each, and in what order they are to be handed out. */
export class PriorityStore<T> {
  /** Exactly what was handed out and is not done. */
  readonly flights: LinkedList<Flight<T>> = new LinkedList();
  /** Told of every move, once it is set. */
  meter: Meter | undefined;
  readonly #identify: (item: T) => Identity;
  readonly #clock: Clock;
  readonly #ageingMs: number;
  /** All entries that are ready, delayed or in flight. */
  readonly #entries = new Map<Identity, PriorityEntry<T>>();
  /** Exactly the entries that are ready, those in flight included. */
  readonly #ready = new PriorityLevels<PriorityEntry<T>>();
  /** Exactly the entries that are delayed. */
  readonly #delays: Delays<PriorityEntry<T>>;
  /** Counts what is handed out, to find the turn of those that have aged. */
  #turn = 0;

  constructor(options: PriorityStoreOptions<T>) {
    this.#identify = options.identify;
    this.#clock = options.clock;
    this.#ageingMs = options.ageingMs;
    this.#delays = new Delays(options.clock, (due) => {
      for (const entry of due) this.#makeReady(entry);
      options.onDue();
    });
  }

  /** How many entries are ready. */
  get length(): number {
    return this.#ready.length;
  }

  /** How many items are in flight. */
  get processingCount(): number {
    return this.flights.length;
  }

  /** Takes in an addition, merged with what is known of the item: the higher priority and the earlier time count. */
  merge(item: T, priority: number, delayMs: number): void {
    if (delayMs > 0) this.meter?.retried();
    const entry = this.#entryOf(item);
    if (entry.state === 'idle') entry.priority = priority;
    else if (priority > entry.priority) this.#raise(entry, priority);
    if (entry.state === 'ready') return;
    if (delayMs > 0) this.#delay(entry, this.#clock.now() + delayMs);
    else this.#makeReady(entry);
  }

  /** Takes out the entry to hand out now, if there is one. */
  take(): PrioritizedGetResult<T> | undefined {
    const entry = this.#next();
    if (entry === undefined) return undefined;
    const { item, priority } = entry;
    this.#turn = (this.#turn + 1) % agedTurn;
    this.#ready.remove(entry);
    entry.state = 'idle';
    entry.flight = new Flight(item);
    this.flights.append(entry.flight);
    this.meter?.got(entry, entry.flight, priority);
    return { item, shutdown: false, priority };
  }

  /** Ends the flight of `item`. Returns whether it was in flight. */
  land(item: T): boolean {
    const identity = this.#identify(item);
    const entry = this.#entries.get(identity);
    const flight = entry?.flight;
    if (entry === undefined || flight === undefined) return false;
    entry.flight = undefined;
    this.flights.remove(flight);
    this.meter?.done(flight);
    if (entry.state === 'idle') this.#entries.delete(identity);
    return true;
  }

  /** Drops all that waits for its time. */
  dropDelayed(): void {
    for (const { entry } of this.#delays) {
      entry.delay = undefined;
      entry.state = 'idle';
      if (entry.flight === undefined) this.#entries.delete(entry.identity);
    }
    this.#delays.clear();
  }

  /** What is in here, each list cut at `limit`. */
  describe(limit: number): PriorityQueueDescription<T> {
    const nowMs = this.#clock.now();
    const waiting = this.#delays.soonest(limit).map(({ entry, readyAtMs }) => ({
      item: entry.item,
      readyInMs: Math.max(0, readyAtMs - nowMs),
    }));
    return {
      queued: firstItems(this.#ready, limit),
      processing: firstItems(this.flights, limit),
      waiting,
      counts: {
        queued: this.#ready.length,
        processing: this.flights.length,
        waiting: this.#delays.size,
      },
      levels: this.#ready.lengths,
    };
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
      this.meter?.moved(entry.priority, priority);
      this.#ready.remove(entry);
      entry.priority = priority;
      this.#append(entry);
    } else {
      entry.priority = priority;
      const known = entry.delay;
      if (known) this.#reschedule(entry, this.#delays.schedule(entry, known.readyAtMs));
    }
  }

  /** An earlier time keeps the place among those of the same time, as the place in a level is kept. */
  #delay(entry: PriorityEntry<T>, readyAtMs: number): void {
    const known = entry.delay;
    if (known && known.readyAtMs <= readyAtMs) return;
    this.#reschedule(entry, this.#delays.schedule(entry, readyAtMs, known?.sequence));
    entry.state = 'delayed';
  }

  #reschedule(entry: PriorityEntry<T>, delay: Delay<PriorityEntry<T>>): void {
    if (entry.delay) this.#delays.cancel(entry.delay);
    entry.delay = delay;
  }

  #makeReady(entry: PriorityEntry<T>): void {
    if (entry.delay) this.#delays.cancel(entry.delay);
    entry.delay = undefined;
    entry.state = 'ready';
    this.#append(entry);
    this.meter?.added(entry, entry.priority);
  }

  #append(entry: PriorityEntry<T>): void {
    if (this.#ageingMs > 0) entry.sinceMs = this.#clock.now();
    this.#ready.append(entry);
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
}

/** What is in flight is not handed out a second time. */
function isFree<T>(entry: PriorityEntry<T>): boolean {
  return entry.flight === undefined;
}
