import assert from 'node:assert/strict';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { isFake } from './check.ts';
import type { FakeTime, RealTime } from './options.ts';

/** How the tests of a contract wait. */
export interface Pace {
  /** Whether time stands still unless a test moves it. */
  readonly isFake: boolean;
  /** The time in milliseconds since some moment. */
  now(): number;
  /** Resolves as `promise` does, which must not take long. */
  soon<R>(what: string, promise: Promise<R>): Promise<R>;
  /** Resolves as soon as the condition holds, which must not take long. */
  until(what: string, condition: () => boolean): Promise<void>;
  /** Whether `promise` settles by itself. Answers as soon as it does. */
  settles(promise: Promise<unknown>): Promise<boolean>;
  /** Lets the engine take in what it was told. */
  calm(): Promise<void>;
  /** Lets so much time pass. */
  pass(ms: number): Promise<void>;
  /** Resolves as `promise` does, which must be neither before `dueMs` on this clock nor long after. */
  onTime<R>(what: string, promise: Promise<R>, dueMs: number): Promise<R>;
  /** Lets others run: as long as some work takes. */
  breathe(): Promise<void>;
}

/** The pace for one way in which time passes. */
export function paceOf(time: FakeTime | RealTime): Pace {
  return isFake(time) ? new FakePace(time) : new RealPace(time);
}

/** Turns of the event loop in which what needs no time has happened, if it is going to. */
const turnsToSettle = 20;
/** The same for what must happen: only a test that fails waits so long. */
const turnsToGiveUp = 5000;

class FakePace implements Pace {
  readonly isFake: boolean = true;
  readonly #time: FakeTime;
  #nowMs = 0;

  constructor(time: FakeTime) {
    this.#time = time;
  }

  now(): number {
    return this.#nowMs;
  }

  async soon<R>(what: string, promise: Promise<R>): Promise<R> {
    if (!(await settlesInTurns(promise, turnsToGiveUp)))
      assert.fail(`${what}: this was expected without time passing, and did not happen`);
    return promise;
  }

  async until(what: string, condition: () => boolean): Promise<void> {
    for (let turns = 0; turns < turnsToGiveUp && !condition(); turns += 1) await turn();
    assert.ok(condition(), `${what}: this was expected without time passing, and did not happen`);
  }

  settles(promise: Promise<unknown>): Promise<boolean> {
    return settlesInTurns(promise, turnsToSettle);
  }

  async calm(): Promise<void> {
    for (let turns = 0; turns < turnsToSettle; turns += 1) await turn();
  }

  async pass(ms: number): Promise<void> {
    await this.calm();
    await this.#time.advance(ms);
    this.#nowMs += ms;
    await this.calm();
  }

  async onTime<R>(what: string, promise: Promise<R>, dueMs: number): Promise<R> {
    const leftMs = dueMs - this.#nowMs;
    if (leftMs > 0) {
      const lastMs = Math.min(1, leftMs);
      await this.pass(leftMs - lastMs);
      assert.ok(
        !(await this.settles(promise)),
        `${what}: came early, ${lastMs} ms before its time`,
      );
      await this.pass(lastMs);
    }
    return this.soon(what, promise);
  }

  async breathe(): Promise<void> {
    await turn();
  }
}

async function settlesInTurns(promise: Promise<unknown>, turns: number): Promise<boolean> {
  const seen = { settled: false };
  const note = (): void => void (seen.settled = true);
  promise.then(note, note);
  for (let count = 0; count < turns && !seen.settled; count += 1) await turn();
  return seen.settled;
}

/** What two clocks may differ by when each of them rounds to a millisecond. */
const roundingMs = 2;
const defaultSettleMs = 100;
const defaultLimitMs = 10_000;
const pollMs = 2;

class RealPace implements Pace {
  readonly isFake: boolean = false;
  readonly #slackMs: number;
  readonly #settleMs: number;
  readonly #limitMs: number;

  constructor(time: RealTime) {
    this.#slackMs = time.slackMs;
    this.#settleMs = time.settleMs ?? defaultSettleMs;
    this.#limitMs = time.limitMs ?? defaultLimitMs;
  }

  now(): number {
    return performance.now();
  }

  soon<R>(what: string, promise: Promise<R>): Promise<R> {
    return this.#within(what, promise, this.#limitMs);
  }

  async until(what: string, condition: () => boolean): Promise<void> {
    const endMs = this.now() + this.#limitMs;
    while (!condition() && this.now() < endMs) await sleep(pollMs);
    assert.ok(condition(), `${what}: this did not happen within ${this.#limitMs} ms`);
  }

  settles(promise: Promise<unknown>): Promise<boolean> {
    return settlesWithin(promise, this.#settleMs);
  }

  calm(): Promise<void> {
    return sleep(this.#settleMs);
  }

  pass(ms: number): Promise<void> {
    return sleep(ms);
  }

  async onTime<R>(what: string, promise: Promise<R>, dueMs: number): Promise<R> {
    const leftMs = Math.max(0, dueMs - this.now());
    const result = await this.#within(what, promise, leftMs + this.#slackMs);
    const earlyMs = dueMs - this.now();
    assert.ok(earlyMs <= roundingMs, `${what}: came early, ${earlyMs} ms before its time`);
    return result;
  }

  async breathe(): Promise<void> {
    await sleep(1);
  }

  async #within<R>(what: string, promise: Promise<R>, limitMs: number): Promise<R> {
    if (!(await settlesWithin(promise, limitMs)))
      assert.fail(`${what}: this did not happen within ${Math.round(limitMs)} ms`);
    return promise;
  }
}

async function settlesWithin(promise: Promise<unknown>, limitMs: number): Promise<boolean> {
  const timer = new AbortController();
  const yes = (): boolean => true;
  const limit = sleep(limitMs, false, { signal: timer.signal }).catch(yes);
  const settled = await Promise.race([promise.then(yes, yes), limit]);
  timer.abort();
  return settled;
}
