import { checkDuration } from '../src/check.ts';
import type { Clock, Timer } from '../src/clock.ts';

interface Armed {
  readonly dueMs: number;
  readonly sequence: number;
  readonly callback: () => void;
}

/** More timers at one time than a test means to set. */
const mostAtOnce = 100_000;

/** A {@link Clock} that stands still until the test moves it. Timers fire in the order of their times, equal times in the order they were set. */
export class FakeClock implements Clock {
  #nowMs: number;
  #sequence = 0;
  /** How many timers have fired since time moved. */
  #firedAtOnce = 0;
  readonly #armed = new Set<Armed>();

  /** @param startMs - what `now()` answers at first; default 0 */
  constructor(startMs: number = 0) {
    this.#nowMs = startMs;
  }

  /** Where the test has moved the time to, in milliseconds. */
  now(): number {
    return this.#nowMs;
  }

  /**
   * Sets a timer that fires when the test moves time far enough. Nothing keeps the process alive.
   *
   * @throws RangeError for a delay of `NaN`
   */
  setTimeout(callback: () => void, delayMs: number): Timer {
    if (Number.isNaN(delayMs))
      throw new RangeError('Cannot set a timer with NaN as delay: it must be milliseconds');
    const armed = {
      dueMs: this.#nowMs + Math.max(0, delayMs),
      sequence: this.#sequence++,
      callback,
    };
    this.#armed.add(armed);
    return { cancel: () => void this.#armed.delete(armed), unref: () => {} };
  }

  /** How many timers are set and have not fired. */
  get pending(): number {
    return this.#armed.size;
  }

  /** The time until the next timer fires, or `undefined` when none is set. */
  get untilNextMs(): number | undefined {
    const next = this.#next(Infinity);
    return next && next.dueMs - this.#nowMs;
  }

  /**
   * Moves time by `ms`, firing every timer that becomes due on the way, those included that the fired ones set.
   *
   * @throws RangeError when `ms` is negative or not finite: time does not go backwards
   */
  step(ms: number): void {
    const endMs = this.#nowMs + checkDuration('step', ms);
    for (let next = this.#next(endMs); next; next = this.#next(endMs)) this.#fire(next);
    this.#endAt(endMs);
  }

  /** The same as {@link step}, but lets pending promises settle before, between and after the timers. */
  async stepAsync(ms: number): Promise<void> {
    const endMs = this.#nowMs + checkDuration('step', ms);
    await this.settle();
    for (let next = this.#next(endMs); next; next = this.#next(endMs)) {
      this.#fire(next);
      await this.settle();
    }
    this.#endAt(endMs);
    await this.settle();
  }

  /** Lets every promise settle that can without time passing. */
  async settle(): Promise<void> {
    // One turn of the event loop runs all microtasks; a few cover work that was handed over by setImmediate.
    for (let turn = 0; turn < 4; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  /** What was called on the way may have moved time further. */
  #endAt(endMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, endMs);
  }

  #fire(armed: Armed): void {
    this.#armed.delete(armed);
    this.#firedAtOnce = armed.dueMs > this.#nowMs ? 1 : this.#firedAtOnce + 1;
    if (this.#firedAtOnce > mostAtOnce)
      throw new Error(
        `Cannot step on from ${this.#nowMs} ms: ${mostAtOnce} timers have fired at that very time, so one of them sets itself again without a delay`,
      );
    this.#nowMs = Math.max(this.#nowMs, armed.dueMs);
    armed.callback();
  }

  #next(endMs: number): Armed | undefined {
    let next: Armed | undefined;
    for (const armed of this.#armed) {
      if (armed.dueMs > endMs) continue;
      if (
        !next ||
        armed.dueMs < next.dueMs ||
        (armed.dueMs === next.dueMs && armed.sequence < next.sequence)
      )
        next = armed;
    }
    return next;
  }
}
