import type { Clock } from './clock.ts';

/** How long one turn of the event loop may be held before the work is continued in a later one. */
const sliceMs = 10;

const turnsByClock = new WeakMap<Clock, Turns>();

/**
 * Shares the turns of the event loop between everything that works through long lists.
 *
 * All informers of a clock draw from one budget per turn, and those that wait are continued one per turn, in the order
 * in which they asked. So twenty informers that load at once hold a turn no longer than one does.
 */
export class Turns {
  readonly #clock: Clock;
  /** When the first look at this turn was taken; `undefined` until somebody looks. */
  #startedMs: number | undefined;
  readonly #waiting: (() => void)[] = [];
  #isArmed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The turns of a clock; the same object for the same clock. */
  static of(clock: Clock): Turns {
    let turns = turnsByClock.get(clock);
    if (!turns) {
      turns = new Turns(clock);
      turnsByClock.set(clock, turns);
    }
    return turns;
  }

  /** Whether the budget of this turn is used up, so that the caller had better await {@link next}. */
  get isOver(): boolean {
    const nowMs = this.#clock.now();
    if (this.#startedMs === undefined) {
      this.#startedMs = nowMs;
      this.#arm();
    }
    return nowMs - this.#startedMs >= sliceMs;
  }

  /** Resolves in a later turn of the event loop, after sockets and timers have had theirs. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#arm();
    });
  }

  #arm(): void {
    if (this.#isArmed) return;
    this.#isArmed = true;
    setImmediate(() => {
      this.#isArmed = false;
      this.#startedMs = undefined;
      this.#waiting.shift()?.();
      if (this.#waiting.length > 0) this.#arm();
    });
  }
}
