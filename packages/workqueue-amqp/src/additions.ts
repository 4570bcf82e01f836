import { checkDelay, checkKey, checkPriority } from '@kubeloop/workqueue/engine';
import type { AddOptions } from '@kubeloop/workqueue';
import { type Facts, type Messages, plainFacts } from './message.ts';
import type { Outbox } from './outbox.ts';
import type { Report } from './report.ts';
import type { Retries } from './retries.ts';
import type { Run } from './run.ts';
import type { Settings } from './settings.ts';

/** Options of {@link Additions}. */
export interface AdditionsOptions {
  readonly settings: Settings;
  readonly epochNow: () => number;
  readonly report: Report;
  readonly retries: Retries;
  readonly messages: Messages;
  readonly outbox: Outbox;
  /** What is under way in this process. */
  readonly runs: ReadonlyMap<string, Run>;
  /** Called for every addition with a delay. */
  readonly onRetried: () => void;
}

const nothing: Promise<void> = Promise.resolve();

/** A hundred years: the time of day after much longer ones would be no safe number. */
const longestMs = 100 * 365 * 24 * 3_600_000;

/** What becomes of an addition: a publish at once, a publish with a delay, a word to the run that is under way, or the park queue. */
export class Additions {
  readonly #options: AdditionsOptions;

  constructor(options: AdditionsOptions) {
    this.#options = options;
  }

  /** See `AmqpQueue.add`. After shutdown, only what a run adds for its own key counts: it would be lost otherwise. */
  add(key: string, options: AddOptions, isShuttingDown: boolean): Promise<void> {
    const { runs, outbox, messages } = this.#options;
    checkKey(key);
    const priority = checkPriority(options.priority ?? 0);
    const afterMs = options.afterMs === undefined ? 0 : checkDelay('afterMs', options.afterMs);
    const run = runs.get(key);
    if (isShuttingDown && (run === undefined || run.isStale)) return nothing;
    if (options.rateLimited || afterMs > 0) this.#options.onRetried();
    if (options.rateLimited) return this.#retry(key, options, run);
    if (afterMs > 0) return this.#later(key, afterMs, priority);
    const facts = priority === 0 ? plainFacts : { ...plainFacts, priority };
    const confirmed = outbox.add(key, messages.work(key, facts));
    run?.waitFor(confirmed);
    return confirmed;
  }

  /** See `AmqpQueue.forget`. */
  forget(key: string): void {
    this.#options.retries.forget(key);
    const run = this.#options.runs.get(key);
    if (run) run.token.attempts = 0;
  }

  #retry(key: string, options: AddOptions, run: Run | undefined): Promise<void> {
    const { retries, settings, outbox, messages, report } = this.#options;
    const priority = options.priority ?? 0;
    const attempts = retries.count(key);
    if (attempts >= settings.maxRetries) {
      report.count('parked');
      retries.forget(key);
      const parked = outbox.send(messages.park(key, { ...plainFacts, attempts, priority }));
      run?.waitFor(parked);
      return parked;
    }
    const delayMs = Math.min(retries.next(key), options.afterMs ?? Infinity);
    return this.#later(key, delayMs, priority);
  }

  #later(key: string, givenMs: number, priority: number): Promise<void> {
    const { settings, epochNow, outbox, messages, runs, retries } = this.#options;
    const delayMs = Math.min(givenMs, longestMs);
    const run = runs.get(key);
    const shortestMs = settings.delayLevelsMs[0] ?? 0;
    if (run?.canKeep && delayMs < shortestMs) {
      run.keepUntil(settings.clock.now() + Math.max(0, delayMs), priority);
      return nothing;
    }
    const isOwner = run !== undefined && !run.isStale;
    const facts: Facts = {
      // Those who do not own the key have their own view of it, and do not spread it.
      attempts: isOwner ? retries.count(key) : 0,
      counter: retries.counter,
      priority,
      dueEpochMs: delayMs > 0 ? epochNow() + delayMs + settings.epochGrainMs : 0,
      leftMs: Math.max(0, delayMs),
      renewal: undefined,
    };
    const confirmed = outbox.send(messages.later(key, facts));
    run?.waitFor(confirmed);
    return confirmed;
  }
}
