import { checkDuration, checkFactor } from './check.ts';
import { systemClock, type Clock } from './clock.ts';
import { identityOf, type Identity, type KeyOf } from './identity.ts';
import { nanosecondsOf } from './nanoseconds.ts';

/** Options of {@link ItemBackoff}. */
export interface ItemBackoffOptions<T> {
  /** The first delay of an item, in milliseconds. */
  readonly initialMs: number;
  /** The longest delay, in milliseconds. */
  readonly maxMs: number;
  /** How much of a delay may be added to the next one at random, as a factor. Default 0: none. */
  readonly jitter?: number | undefined;
  /** Whether an item has been quiet for so long that its series starts over, and that `gc` drops it. Default: for more than `2 · maxMs`. */
  readonly hasExpired?: HasExpired | undefined;
  /** Names the key of an item; needed for items that are objects. Default: primitives stand for themselves. */
  readonly keyOf?: KeyOf<T> | undefined;
  /** Where time comes from; default: the process's clock. */
  readonly clock?: Clock | undefined;
  /** Random numbers from 0 up to 1, 1 excluded; default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** Tells from the time of an event, the time of the last {@link ItemBackoff.next} and `maxMs` whether an item has expired. */
export type HasExpired = (eventMs: number, lastUpdateMs: number, maxMs: number) => boolean;

interface Entry {
  delayMs: number;
  lastUpdateMs: number;
}

/**
 * A doubling delay for each item, which starts over after a quiet time and is asked whether it has passed.
 *
 * It suits loops that look at many things in turn and skip those that failed lately. The semantics are those of
 * `Backoff` in client-go (`util/flowcontrol/backoff.go`). Times are those of the clock.
 *
 * Items are remembered until `gc`, `reset` or `delete`: call `gc` now and then.
 */
export class ItemBackoff<T> {
  readonly #initialMs: number;
  readonly #maxMs: number;
  readonly #jitter: number;
  readonly #hasExpired: HasExpired;
  readonly #identify: (item: T) => Identity;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #entries = new Map<Identity, Entry>();

  /** @throws RangeError for a delay or jitter out of its range */
  constructor(options: ItemBackoffOptions<T>) {
    this.#initialMs = checkDuration('initialMs', options.initialMs);
    this.#maxMs = checkDuration('maxMs', options.maxMs);
    this.#jitter = checkFactor('jitter', options.jitter ?? 0, 0);
    this.#hasExpired = options.hasExpired ?? expiredAfterTwiceTheMaximum;
    this.#identify = identityOf(options.keyOf);
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
  }

  /** How many items are remembered. */
  get size(): number {
    return this.#entries.size;
  }

  /** The present delay of `item` in milliseconds; zero when it is unknown. */
  get(item: T): number {
    return this.#entries.get(this.#identify(item))?.delayMs ?? 0;
  }

  /**
   * Moves `item` to its next delay: the first one when it is unknown or has expired, else twice the present
   * one, at most `maxMs`.
   *
   * @param eventMs - when the failure happened; default: now
   */
  next(item: T, eventMs: number = this.#clock.now()): void {
    const identity = this.#identify(item);
    const entry = this.#entries.get(identity);
    const lastUpdateMs = this.#clock.now();
    if (!entry || this.#isExpired(entry, eventMs)) {
      const delayMs = this.#initialMs + this.#jitterOf(this.#initialMs);
      this.#entries.set(identity, { delayMs, lastUpdateMs });
    } else {
      entry.delayMs = Math.min(entry.delayMs * 2 + this.#jitterOf(entry.delayMs), this.#maxMs);
      entry.lastUpdateMs = lastUpdateMs;
    }
  }

  /** Whether less time than the delay of `item` has passed from `eventMs` until now. `false` when it is unknown or has expired. */
  isInBackOffSince(item: T, eventMs: number): boolean {
    const entry = this.#entries.get(this.#identify(item));
    if (!entry || this.#isExpired(entry, eventMs)) return false;
    return nanosecondsBetween(eventMs, this.#clock.now()) < nanosecondsOf(entry.delayMs);
  }

  /** Whether `eventMs` is less than the delay of `item` after its last {@link ItemBackoff.next | next}. `false` when it is unknown or has expired. */
  isInBackOffSinceUpdate(item: T, eventMs: number): boolean {
    const entry = this.#entries.get(this.#identify(item));
    if (!entry || this.#isExpired(entry, eventMs)) return false;
    return nanosecondsBetween(entry.lastUpdateMs, eventMs) < nanosecondsOf(entry.delayMs);
  }

  /** Lets `item` start over. */
  reset(item: T): void {
    this.#entries.delete(this.#identify(item));
  }

  /** Ends the tracking of `item`, which is the same as {@link ItemBackoff.reset | reset}. */
  delete(item: T): void {
    this.reset(item);
  }

  /** Drops all items that have expired. */
  gc(): void {
    const nowMs = this.#clock.now();
    for (const [identity, entry] of this.#entries)
      if (this.#isExpired(entry, nowMs)) this.#entries.delete(identity);
  }

  #isExpired(entry: Entry, eventMs: number): boolean {
    return this.#hasExpired(eventMs, entry.lastUpdateMs, this.#maxMs);
  }

  /** In whole nanoseconds, as in client-go: what is left off would double with every delay. */
  #jitterOf(delayMs: number): number {
    if (this.#jitter === 0) return 0;
    return Math.trunc(this.#random() * this.#jitter * nanosecondsOf(delayMs)) / 1e6;
  }
}

function expiredAfterTwiceTheMaximum(
  eventMs: number,
  lastUpdateMs: number,
  maxMs: number,
): boolean {
  return nanosecondsBetween(lastUpdateMs, eventMs) > 2 * nanosecondsOf(maxMs);
}

function nanosecondsBetween(fromMs: number, toMs: number): number {
  return nanosecondsOf(toMs) - nanosecondsOf(fromMs);
}
