import { abortable, checkCount, checkSignal, openError } from '@kubeloop/workqueue/engine';
import type {
  AddOptions,
  DescribeOptions,
  GetOptions,
  PrioritizedGetResult,
} from '@kubeloop/workqueue';
import { Additions } from './additions.ts';
import { Counts } from './counts.ts';
import type { RedisQueueDescription, RedisQueueInspection } from './description.ts';
import { Getters } from './getters.ts';
import { checkServer } from './layout.ts';
import { Link } from './link.ts';
import { Meter } from './meter.ts';
import type { RedisQueueOptions } from './options.ts';
import { Report } from './report.ts';
import { Retries } from './retries.ts';
import { Sender } from './sender.ts';
import type { Settings } from './settings.ts';
import type { Connect, Connection } from './transport.ts';
import { Working } from './working.ts';

/** Options of {@link Engine}. */
export interface EngineOptions {
  readonly settings: Settings;
  readonly options: Pick<RedisQueueOptions, 'rateLimiter' | 'metrics' | 'onError'>;
  readonly connect: Connect;
  /** The time of day, in milliseconds since 1970. */
  readonly epochNow: () => number;
}

/** A shared queue over any transport. Its methods are those of `RedisQueue`. */
export class Engine {
  readonly #settings: Settings;
  readonly #report: Report;
  readonly #retries: Retries;
  readonly #link: Link;
  readonly #sender: Sender;
  readonly #getters = new Getters();
  readonly #working: Working;
  readonly #additions: Additions;
  readonly #counts: Counts;
  #isShuttingDown = false;
  #closing: Promise<void> | undefined;
  #released: PromiseWithResolvers<void> | undefined;

  constructor({ settings, options, connect, epochNow }: EngineOptions) {
    this.#settings = settings;
    const report = new Report(options.onError, options.metrics?.redis(settings.name));
    this.#report = report;
    const { clock } = settings;
    const meter = new Meter(options.metrics?.queue?.(settings.name), report, clock);
    const retries = new Retries(options.rateLimiter, clock);
    this.#retries = retries;
    const link = new Link({
      connect,
      settings,
      report,
      onUp: (connection) => this.#setUp(connection),
      onReady: () => this.#onReady(),
      onWake: (afterUs) => this.#working.hear(afterUs),
    });
    this.#link = link;
    const sender = new Sender(link, report, clock);
    this.#sender = sender;
    this.#counts = new Counts(link, report);
    this.#working = new Working({
      settings,
      epochNow,
      report,
      meter,
      retries,
      link,
      sender,
      getters: this.#getters,
      onLeft: (left) => this.#counts.setQueued(left),
    });
    const { runs } = this.#working;
    this.#additions = new Additions({ settings, report, meter, retries, sender, runs });
  }

  get name(): string {
    return this.#settings.name;
  }

  get length(): number {
    return this.#counts.fresh.queued;
  }

  get isShuttingDown(): boolean {
    return this.#isShuttingDown;
  }

  async open(signal: AbortSignal | undefined): Promise<void> {
    checkSignal(signal);
    try {
      await abortable(this.#link.open(), signal);
    } catch (error) {
      this.#link.close();
      throw signal?.aborted ? error : openError(this.name, error);
    }
  }

  add(key: string, options: AddOptions = {}): Promise<void> {
    const added = this.#additions.add(key, options, this.#isShuttingDown);
    // Who does not wait for it must not end the process, and what is lost is told.
    added.catch((error: unknown) => this.#report.error(error, 'adding a key'));
    return added;
  }

  forget(key: string): Promise<void> {
    const forgotten = this.#additions.forget(key);
    forgotten.catch((error: unknown) => this.#report.error(error, 'forgetting a key'));
    return forgotten;
  }

  numRequeues(key: string): number {
    return this.#retries.count(key);
  }

  get(options: GetOptions = {}): Promise<PrioritizedGetResult<string>> {
    return this.#working.get(options);
  }

  done(key: string): Promise<void> {
    return this.#working.done(key);
  }

  async flushed(signal: AbortSignal | undefined): Promise<void> {
    checkSignal(signal);
    await abortable(this.#sender.flushed(), signal);
  }

  shutDown(): void {
    this.#refuse();
    this.#released?.resolve();
    this.#released = undefined;
  }

  async drain(signal: AbortSignal | undefined): Promise<void> {
    checkSignal(signal);
    this.#refuse();
    this.#released ??= Promise.withResolvers<void>();
    await abortable(Promise.race([this.#closing, this.#released.promise]), signal);
  }

  close(): Promise<void> {
    this.#isShuttingDown = true;
    this.#getters.shutDown();
    this.#working.close();
    this.#sender.close(new Error(`Cannot use queue "${this.name}": it is closed`));
    this.#link.close();
    return Promise.resolve();
  }

  describe(options: DescribeOptions = {}): RedisQueueDescription {
    const limit = checkCount('limit', options.limit ?? 100, 0);
    const runs = [...this.#working.runs.values()];
    const { queued, delayed } = this.#counts.last;
    return {
      name: this.name,
      identity: this.#settings.identity,
      connection: this.#link.state,
      outbox: this.#sender.size,
      getters: this.#getters.size,
      stale: runs.filter((run) => run.isStale).length,
      queued: [],
      processing: runs.slice(0, limit).map(({ taken }) => taken.key),
      waiting: [],
      counts: { queued, processing: runs.length, waiting: delayed },
    };
  }

  async inspect(signal: AbortSignal | undefined): Promise<RedisQueueInspection> {
    checkSignal(signal);
    return abortable(this.#counts.ask(), signal);
  }

  async #setUp(connection: Connection): Promise<void> {
    await checkServer(this.name, connection, this.#report);
    await this.#working.recover(connection);
  }

  #onReady(): void {
    this.#working.onReady();
    this.#sender.resend();
  }

  #refuse(): void {
    if (this.#closing) return;
    this.#isShuttingDown = true;
    this.#getters.shutDown();
    this.#closing = this.#end();
  }

  /** Ends when nothing is under way and nothing unconfirmed. */
  async #end(): Promise<void> {
    await this.#working.whenIdle();
    try {
      await this.#sender.flushed();
    } catch {
      // It is closed: those who added are told.
    }
    await this.close();
  }
}
