import type { Timer } from '@kubeloop/ratelimiter';
import type { Getters } from './getters.ts';
import type { Moment } from './leases.ts';
import type { Link } from './link.ts';
import type { Report } from './report.ts';
import type { Taken } from './run.ts';
import type { Settings } from './settings.ts';
import type { Reply } from './transport.ts';

/** Options of {@link Taking}. */
export interface TakingOptions {
  readonly settings: Settings;
  readonly link: Link;
  readonly report: Report;
  readonly getters: Getters;
  readonly now: () => Moment;
  /** Keys that must not be given to this process yet, because a stale run of them is under way here. */
  readonly unwanted: () => readonly string[];
  /** What the server gave, asked for at that moment. */
  readonly onTaken: (taken: readonly Taken[], sent: Moment) => void;
  /** How many keys are left at the server. */
  readonly onLeft: (left: number) => void;
}

/** What the script `take` answers. */
interface Answer {
  readonly left: number;
  /** When the next delay or lease ends, in microseconds from now; -1: there is none. */
  readonly nextUs: number;
  readonly reaped: number;
  readonly taken: readonly Taken[];
}

function answerOf(reply: Reply): Answer {
  // What the script returns.
  const [left, nextUs, reaped, taken] = reply as [number, number, number, string[][]];
  return {
    left,
    nextUs,
    reaped,
    taken: taken.map(([key = '', fence = '', priority = '0', failures = '0']) => ({
      key,
      fence,
      priority: Number(priority),
      failures: Number(failures),
    })),
  };
}

/**
 * Asks the server for as many keys as `get`s wait, and no more: what is here and not in work would be missed elsewhere.
 *
 * When there are too few, it asks again when others say that there is work, when the next delay or lease ends, and else once in a while.
 */
export class Taking {
  readonly #options: TakingOptions;
  #isBusy = false;
  /** What is being asked for; never rejects. */
  #asking: Promise<void> = Promise.resolve();
  /** Somebody said meanwhile that there is work. */
  #isAgain = false;
  #timer: Timer | undefined;
  #wakeMs = Infinity;

  constructor(options: TakingOptions) {
    this.#options = options;
  }

  /** There may be work, or somebody new who wants it. */
  wake(): void {
    this.#isAgain = true;
    if (this.#isBusy || this.#options.getters.size === 0) return;
    this.#isBusy = true;
    this.#asking = this.#takeAll();
  }

  /** There will be work after so many milliseconds. */
  wakeAfter(delayMs: number): void {
    if (this.#options.getters.size === 0) return;
    const { clock } = this.#options.settings;
    const atMs = clock.now() + delayMs;
    if (atMs >= this.#wakeMs) return;
    this.#timer?.cancel();
    this.#wakeMs = atMs;
    this.#timer = clock.setTimeout(() => {
      this.stop();
      this.wake();
    }, delayMs);
  }

  /** Resolves when nothing that was asked for is on its way. */
  whenIdle(): Promise<void> {
    return this.#asking;
  }

  /** Leaves no timer. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#wakeMs = Infinity;
  }

  async #takeAll(): Promise<void> {
    const { getters, report } = this.#options;
    // Those who ask in the same turn of the event loop are served by one call.
    await Promise.resolve();
    try {
      while (getters.size > 0 && this.#isAgain) await this.#take(getters.size);
    } catch (error) {
      // The new connection wakes us; a refusal is tried again after a while.
      if (this.#options.link.state === 'closed') return;
      report.error(error, 'taking keys');
      this.wakeAfter(this.#options.settings.pollMs);
    } finally {
      this.#isBusy = false;
    }
  }

  async #take(wanted: number): Promise<void> {
    const { settings, link, report, now, unwanted, onTaken, onLeft } = this.#options;
    if (link.state !== 'connected') {
      this.#isAgain = false;
      return;
    }
    this.#isAgain = false;
    const sent = now();
    const lengthUs = Math.round(settings.leaseMs * 1000);
    const args = [`${lengthUs}`, `${wanted}`, settings.identity, ...unwanted()];
    const { left, nextUs, reaped, taken } = answerOf(await link.call('take', args));
    for (let count = 0; count < reaped; count += 1) report.count('expiries');
    onLeft(left);
    onTaken(taken, sent);
    if (taken.length === wanted) this.#isAgain = true;
    else this.wakeAfter(Math.min(settings.pollMs, nextUs < 0 ? Infinity : nextUs / 1000));
  }
}
