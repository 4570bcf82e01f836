import { checkKey } from '@kubeloop/workqueue/engine';
import type { GetOptions, PrioritizedGetResult } from '@kubeloop/workqueue';
import type { Getters } from './getters.ts';
import { Leases, type Moment } from './leases.ts';
import type { Link } from './link.ts';
import type { Meter } from './meter.ts';
import type { Report } from './report.ts';
import type { Retries } from './retries.ts';
import { Run, type Taken } from './run.ts';
import type { Sender } from './sender.ts';
import type { Settings } from './settings.ts';
import { Taking } from './taking.ts';
import type { Connection } from './transport.ts';

/** Options of {@link Working}. */
export interface WorkingOptions {
  readonly settings: Settings;
  readonly epochNow: () => number;
  readonly report: Report;
  readonly meter: Meter;
  readonly retries: Retries;
  readonly link: Link;
  readonly sender: Sender;
  readonly getters: Getters;
  /** How many keys are left at the server. */
  readonly onLeft: (left: number) => void;
}

/** What is worked on in this process. */
export class Working {
  readonly #options: WorkingOptions;
  readonly #leases: Leases;
  readonly #taking: Taking;
  /** What is under way, stale or not: never two of a key. */
  readonly #runs = new Map<string, Run>();
  /** What the server has not heard the end of. */
  readonly #held = new Set<Taken>();
  #idle: PromiseWithResolvers<void> | undefined;
  #isClosed = false;

  constructor(options: WorkingOptions) {
    this.#options = options;
    const { settings, epochNow, link, report, getters, onLeft } = options;
    this.#leases = new Leases({
      clock: settings.clock,
      epochNow,
      leaseMs: settings.leaseMs,
      renew: (runs) => this.#renew(runs),
      onStale: (runs) => {
        for (const _ of runs) report.count('staleRuns');
      },
    });
    this.#taking = new Taking({
      settings,
      link,
      report,
      getters,
      now: () => this.#leases.now(),
      unwanted: () => [...this.#runs].filter(([, run]) => run.isStale).map(([key]) => key),
      onTaken: (taken, sent) => {
        for (const each of taken) this.#start(each, sent);
      },
      onLeft,
    });
  }

  /** What is under way, longest first. */
  get runs(): ReadonlyMap<string, Run> {
    return this.#runs;
  }

  /** See `Queue.get`. */
  async get(options: GetOptions): Promise<PrioritizedGetResult<string>> {
    const result = this.#options.getters.wait(options);
    this.#taking.wake();
    return result;
  }

  /** Others say that there is work, now or after so many microseconds. */
  hear(afterUs: number): void {
    if (afterUs <= 0) this.#taking.wake();
    else this.#taking.wakeAfter(afterUs / 1000);
  }

  /** There is a connection again: what it means for the leases is asked first. */
  onReady(): void {
    void this.#leases.renewNow();
    this.#taking.wake();
  }

  /** Puts back what was taken for this process by an answer that never came. */
  async recover(connection: Connection): Promise<void> {
    const { identity } = this.#options.settings;
    const fences = [...this.#held].map(({ fence }) => fence);
    await connection.call('recover', [identity, ...fences]);
  }

  /** See `Queue.done`. */
  async done(key: string): Promise<void> {
    checkKey(key);
    const run = this.#runs.get(key);
    if (run === undefined) return;
    this.#runs.delete(key);
    this.#options.meter.done(run);
    const wasStale = run.isStale;
    const ended = this.#end(run);
    // From now on it may be taken here again.
    if (wasStale) this.#taking.wake();
    await ended;
    this.#held.delete(run.taken);
    if (this.#held.size > 0) return;
    this.#idle?.resolve();
    this.#idle = undefined;
  }

  /** Resolves when nothing is under way or on its way here, and the server has heard the end of all. For when no `get` waits any more. */
  async whenIdle(): Promise<void> {
    if (this.#held.size > 0 && !this.#isClosed) {
      this.#idle ??= Promise.withResolvers<void>();
      await this.#idle.promise;
    }
    await this.#taking.whenIdle();
  }

  /** Gives all up, and leaves no timer. */
  close(): void {
    this.#isClosed = true;
    this.#leases.abandon('the queue is closed');
    this.#leases.stop();
    this.#taking.stop();
    this.#options.meter.stop();
    this.#idle?.resolve();
    this.#idle = undefined;
  }

  #start(taken: Taken, sent: Moment): void {
    const { getters, meter, retries, settings } = this.#options;
    const known = this.#runs.get(taken.key);
    // The server gives a key twice only when it has lost what it knew.
    known?.becomeStale('the server has given the key away again');
    if (known || getters.size === 0 || this.#isClosed || !this.#leases.isValid(sent)) {
      this.#giveBack(taken);
      return;
    }
    retries.correct(taken.key, taken.failures);
    const run = new Run(taken, settings.clock.now());
    this.#runs.set(taken.key, run);
    this.#held.add(taken);
    this.#leases.add(run, sent);
    meter.began(run);
    const { key: item, priority } = taken;
    getters.serve({ item, shutdown: false, priority, signal: run.signal });
  }

  /** A stale run changes nothing, except that a key which nobody else has got yet is there for others at once. */
  async #end(run: Run): Promise<void> {
    const added = run.added();
    // Its lease goes on until the server has what it added.
    if (added) await added;
    this.#leases.delete(run);
    if (run.isStale) this.#giveBack(run.taken);
    else await this.#send('done', run.taken);
  }

  #giveBack(taken: Taken): void {
    if (!this.#isClosed) void this.#send('giveBack', taken);
  }

  async #send(script: 'done' | 'giveBack', { key, fence }: Taken): Promise<void> {
    const { sender, settings, report } = this.#options;
    try {
      await sender.call(script, () => [key, fence, settings.identity]);
    } catch (error) {
      // The lease ends by itself.
      report.error(error, 'ending a run');
    }
  }

  async #renew(runs: readonly Run[]): Promise<ReadonlySet<string>> {
    const { link, settings } = this.#options;
    const lengthUs = Math.round(settings.leaseMs * 1000);
    const pairs = runs.flatMap(({ taken }) => [taken.key, taken.fence]);
    const lost = await link.call('renew', [`${lengthUs}`, settings.identity, ...pairs]);
    // What the script returns.
    return new Set(lost as readonly string[]);
  }
}
