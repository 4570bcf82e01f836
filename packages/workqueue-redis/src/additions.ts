import { checkDelay, checkKey, checkPriority } from '@kubeloop/workqueue/engine';
import type { AddOptions } from '@kubeloop/workqueue';
import type { Meter } from './meter.ts';
import type { Report } from './report.ts';
import type { Retries } from './retries.ts';
import type { Run } from './run.ts';
import type { Sender } from './sender.ts';
import type { Settings } from './settings.ts';
import type { Reply } from './transport.ts';

/** Options of {@link Additions}. */
export interface AdditionsOptions {
  readonly settings: Settings;
  readonly report: Report;
  readonly meter: Meter;
  readonly retries: Retries;
  readonly sender: Sender;
  /** What is under way in this process. */
  readonly runs: ReadonlyMap<string, Run>;
}

/** What is added, when, and with what count of failures. */
interface Addition {
  readonly key: string;
  readonly priority: number;
  readonly delayMs: number;
  readonly failures?: number;
}

const nothing: Promise<void> = Promise.resolve();

async function answered(call: Promise<Reply>): Promise<void> {
  await call;
}

/** What becomes of an addition: a call of the server, now or with a delay, or its end among those that were given up. */
export class Additions {
  readonly #options: AdditionsOptions;

  constructor(options: AdditionsOptions) {
    this.#options = options;
  }

  /** See `RedisQueue.add`. After shutdown, only what a run adds for its own key counts: it would be lost otherwise. */
  add(key: string, options: AddOptions, isShuttingDown: boolean): Promise<void> {
    const { runs, meter } = this.#options;
    checkKey(key);
    const priority = checkPriority(options.priority ?? 0);
    const afterMs = options.afterMs === undefined ? 0 : checkDelay('afterMs', options.afterMs);
    const run = runs.get(key);
    if (isShuttingDown && (run === undefined || run.isStale)) return nothing;
    meter.added(options.rateLimited === true || afterMs > 0);
    const added = options.rateLimited
      ? this.#retry(key, { ...options, priority }, run)
      : this.#send({ key, priority, delayMs: afterMs });
    run?.waitFor(added);
    return added;
  }

  /** See `RedisQueue.forget`. */
  forget(key: string): Promise<void> {
    const { retries, sender } = this.#options;
    checkKey(key);
    retries.forget(key);
    return answered(sender.call('forget', () => [key]));
  }

  /** In the process that works on the key, what it counts is what counts; elsewhere the server counts. */
  async #retry(key: string, options: AddOptions, run: Run | undefined): Promise<void> {
    const { retries, settings, sender, report } = this.#options;
    const isOurs = run !== undefined && !run.isStale;
    let failures = retries.count(key);
    if (!isOurs && settings.maxRetries > 0) {
      failures = Number(await sender.call('fail', () => [key])) - 1;
      retries.correct(key, failures);
    }
    if (failures >= settings.maxRetries) {
      report.count('parked');
      retries.forget(key);
      await sender.call('park', () => [key, `${failures}`]);
      return;
    }
    const delayMs = Math.min(retries.next(key), options.afterMs ?? Infinity);
    const addition = { key, priority: options.priority ?? 0, delayMs };
    await this.#send(isOurs ? { ...addition, failures: retries.count(key) } : addition);
  }

  #send({ key, priority, delayMs, failures }: Addition): Promise<void> {
    const { sender, settings } = this.#options;
    if (delayMs <= 0 && failures === undefined) return sender.add(key, priority);
    const rest = failures === undefined ? '' : `${failures}`;
    const dueMs = settings.clock.now() + delayMs;
    // Sent again, it waits for what is left.
    const leftUs = (): number =>
      Math.max(0, Math.min(Math.ceil((dueMs - settings.clock.now()) * 1000), longestUs));
    return answered(sender.call('add', () => [key, `${priority}`, leftUs().toFixed(0), rest]));
  }
}

/** A hundred years: what is longer would not be exact at the server. */
const longestUs = 100 * 365 * 24 * 3_600_000_000;
