import { isDeepStrictEqual } from 'node:util';
import { checkMethods, checkOptions } from './checks.ts';
import { copyOf, lazyPartsOf } from './lazy-parts.ts';

/** One timer, as {@link MutationDetectorClock} gives. */
export interface MutationDetectorTimer {
  /** Makes sure that it does not fire any more. */
  cancel(): void;
  /** Lets the process end although it is pending. */
  unref(): void;
}

/** Where the detector takes its time from; the `Clock` of `@kubeloop/ratelimiter` fits. */
export interface MutationDetectorClock {
  /** Milliseconds from any fixed moment; never goes back. */
  now(): number;
  /** Calls back once after a delay. */
  setTimeout(callback: () => void, delayMs: number): MutationDetectorTimer;
}

/** A cached object that was changed in place. */
export interface Mutation<T> {
  /** The object as it is now. */
  readonly obj: T;
  /** What it was when it was given to the detector. */
  readonly original: T;
}

/** Options of a {@link MutationDetector}. */
export interface MutationDetectorOptions<T> {
  /**
   * Called once for each object that was found changed; what it throws is thrown by `check` after the others were reported, and
   * ends `run`.
   */
  readonly onMutation: (mutation: Mutation<T>) => void;
  /** Time between two checks, in milliseconds; default 1000, as in client-go. Above zero, at most 2147483647. */
  readonly periodMs?: number | undefined;
  /** How long an object is watched, in milliseconds; default 120000, as in client-go. Above zero, at most 2147483647. */
  readonly retainMs?: number | undefined;
  /** Where time comes from; default: the process. */
  readonly clock?: MutationDetectorClock | undefined;
}

interface Watched<T> {
  readonly obj: T;
  readonly original: T;
  readonly sinceMs: number;
}

/**
 * Finds out that somebody changed an object which is shared, by comparing it with a copy made earlier.
 *
 * For tests and for hunting a bug, with freezing off: a copy of every object is held, and all are compared in every
 * period, in one turn of the event loop. Freezing is cheaper and points at the guilty line.
 *
 * @example
 *   new Store({ freeze: false, transform: (obj) => (detector.add(obj), obj) });
 */
export class MutationDetector<T extends object> {
  readonly #onMutation: (mutation: Mutation<T>) => void;
  readonly #periodMs: number;
  readonly #retainMs: number;
  readonly #clock: MutationDetectorClock;
  /** In the order they were given, so that the oldest come first. */
  #watched: Watched<T>[] = [];

  /**
   * @param options - only `onMutation` is required
   * @throws TypeError or RangeError when an option cannot be used
   */
  constructor(options: MutationDetectorOptions<T>) {
    checkOptions('Cannot make a mutation detector', options);
    checkMethods('the options of a mutation detector', options, ['onMutation']);
    checkMethods('the clock', options.clock, ['now', 'setTimeout']);
    this.#onMutation = options.onMutation;
    this.#periodMs = positive('periodMs', options.periodMs ?? 1000);
    this.#retainMs = positive('retainMs', options.retainMs ?? 120_000);
    this.#clock = options.clock ?? processClock;
  }

  /** Watches an object from now on. It must be plain data, so that it can be copied. */
  add(obj: T): void {
    this.#watched.push({ obj, original: copyOf(obj), sinceMs: this.#clock.now() });
  }

  /** Compares all watched objects now; then stops watching those which were changed or have been watched long enough. */
  check(): void {
    const deadline = this.#clock.now() - this.#retainMs;
    const mutations: Watched<T>[] = [];
    this.#watched = this.#watched.filter((watched) => {
      const changed = !isSame(watched.obj, watched.original);
      if (changed) {
        mutations.push(watched);
      }
      return !changed && watched.sinceMs > deadline;
    });
    const errors: unknown[] = [];
    for (const { obj, original } of mutations) {
      try {
        this.#onMutation({ obj, original });
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) {
      throw errors.length === 1 ? errors[0] : new AggregateError(errors, 'Several mutations');
    }
  }

  /**
   * Checks once in every period until the signal is aborted, and once more then. Rejects when `onMutation` throws. After
   * it has settled no timer is left; its timer never keeps the process alive.
   */
  async run(options: { readonly signal: AbortSignal }): Promise<void> {
    while (!options.signal.aborted) {
      await this.#sleep(options.signal);
      this.check();
    }
  }

  #sleep(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        timer.cancel();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = this.#clock.setTimeout(end, this.#periodMs);
      timer.unref();
      signal.addEventListener('abort', end);
    });
  }
}

/** What nobody has read has not been changed either, so it is not decoded to be compared. */
function isSame(obj: unknown, original: unknown): boolean {
  const lazy = typeof obj === 'object' && obj !== null ? lazyPartsOf(obj) : undefined;
  // Copied as the original was, since a copy has lost the classes of what it is a copy of.
  if (!lazy) return isDeepStrictEqual(structuredClone(obj), original);
  // The original is a copy of an object, and therefore one.
  const [now, before] = [obj, original] as [Record<string, unknown>, Record<string, unknown>];
  const names = Object.keys(now);
  return (
    names.length === Object.keys(before).length &&
    names.every(
      (name) =>
        Object.hasOwn(before, name) && (lazy.isPending(name) || isSame(now[name], before[name])),
    )
  );
}

/** Globals are looked up at each call, so that any library of fake timers works. */
const processClock: MutationDetectorClock = {
  now: () => performance.now(),
  setTimeout(callback, delayMs) {
    const timer = setTimeout(callback, delayMs);
    return { cancel: () => clearTimeout(timer), unref: () => void timer.unref() };
  },
};

/** A longer timer of Node.js fires at once. */
const longestTimerMs = 2 ** 31 - 1;

function positive(option: string, value: number): number {
  if (typeof value !== 'number') {
    throw new TypeError(`Cannot make a mutation detector: ${option} must be a number`);
  }
  if (!(value > 0 && value <= longestTimerMs)) {
    throw new RangeError(
      `Cannot make a mutation detector: ${option} is ${value}, but must be above zero and at most ${longestTimerMs}`,
    );
  }
  return value;
}
