import type { Clock } from '@kubeloop/ratelimiter';
import { TokenBucket } from '@kubeloop/ratelimiter';
import { RecentMap } from './recent-map.ts';

/** How many objects and groups are remembered; as many as client-go's correlator has (`tools/record/events_cache.go`). */
export const longestMemory = 4096;

interface AggregatorLimits {
  readonly maxNotes?: number;
  readonly intervalMs?: number;
}

interface SpamLimits {
  readonly burst?: number;
  readonly refillMs?: number;
}

interface Group {
  readonly notes: Set<string>;
  lastMs: number;
}

/**
 * Puts events together that differ by their notes alone: of more than nine notes within ten minutes of each other, those
 * from the tenth on become one event. The rule and the numbers are those of client-go's `EventAggregator`.
 */
export class Aggregator {
  readonly #clock: Clock;
  readonly #groups = new RecentMap<Group>(longestMemory);
  readonly #maxNotes: number;
  readonly #intervalMs: number;

  constructor(clock: Clock, { maxNotes = 10, intervalMs = 600_000 }: AggregatorLimits = {}) {
    this.#clock = clock;
    this.#maxNotes = maxNotes;
    this.#intervalMs = intervalMs;
  }

  /** Whether an event is one too many of its group. */
  isOneTooMany(group: string, note: string): boolean {
    const nowMs = this.#clock.now();
    const known = this.#groups.get(group);
    const isFresh = known !== undefined && nowMs - known.lastMs <= this.#intervalMs;
    const { notes } = isFresh ? known : { notes: new Set<string>() };
    const isOneTooMany = !notes.has(note) && notes.size + 1 >= this.#maxNotes;
    if (!isOneTooMany) notes.add(note);
    this.#groups.set(group, { notes, lastMs: nowMs });
    return isOneTooMany;
  }
}

/** Allows an object 25 writes of events at once, and then one in five minutes; as client-go's `EventSourceObjectSpamFilter`. */
export class SpamFilter {
  readonly #clock: Clock;
  readonly #burst: number;
  readonly #refillMs: number;
  readonly #buckets = new RecentMap<TokenBucket>(longestMemory);

  constructor(clock: Clock, { burst = 25, refillMs = 300_000 }: SpamLimits = {}) {
    this.#clock = clock;
    this.#burst = burst;
    this.#refillMs = refillMs;
  }

  /** Takes one of the object's writes; whether there was one left. */
  allow(object: string): boolean {
    const bucket = this.#buckets.get(object) ?? this.#newBucket();
    this.#buckets.set(object, bucket);
    return bucket.allow();
  }

  #newBucket(): TokenBucket {
    return new TokenBucket({ qps: 1000 / this.#refillMs, burst: this.#burst, clock: this.#clock });
  }
}
