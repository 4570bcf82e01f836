import { abortable, checkSignal, openError } from '@kubeloop/workqueue/engine';
import type {
  AddOptions,
  DescribeOptions,
  GetOptions,
  PrioritizedGetResult,
} from '@kubeloop/workqueue';
import { Additions } from './additions.ts';
import { BrokerCounts } from './broker-counts.ts';
import { Consuming } from './consuming.ts';
import { describe } from './describe.ts';
import type { AmqpQueueDescription, AmqpQueueInspection } from './description.ts';
import { Gauges } from './gauges.ts';
import { Membership } from './membership.ts';
import { Messages } from './message.ts';
import type { AmqpQueueOptions } from './options.ts';
import { Publishing } from './publishing.ts';
import { queueInstruments } from './queue-instruments.ts';
import { Report } from './report.ts';
import { Retries } from './retries.ts';
import type { Settings } from './settings.ts';
import type { Connect, Connection } from './transport.ts';

/** Options of {@link Engine}. */
export interface EngineOptions {
  readonly settings: Settings;
  readonly options: Pick<AmqpQueueOptions, 'rateLimiter' | 'metrics' | 'onError'>;
  readonly connect: Connect;
  /** The time of day, in milliseconds since 1970. */
  readonly epochNow: () => number;
}

/** How long to wait for those who share the work to say so, before the first subscriptions. */
const helloMs = 300;

/** A shared queue over any transport. Its methods are those of `AmqpQueue`. */
export class Engine {
  readonly #settings: Settings;
  readonly #report: Report;
  readonly #retries: Retries;
  readonly #publishing: Publishing;
  readonly #membership: Membership;
  readonly #consuming: Consuming;
  readonly #additions: Additions;
  readonly #counts: BrokerCounts;
  readonly #gauges: Gauges;
  #isConsuming = false;
  /** While the others are waited for: look whether all have answered. */
  readonly #greetings = new Set<() => void>();
  #isShuttingDown = false;
  #isClosed = false;
  #closing: Promise<void> | undefined;
  #released: PromiseWithResolvers<void> | undefined;
  /** Resolves at the end of `close`. */
  readonly #closed: PromiseWithResolvers<void> = Promise.withResolvers<void>();

  constructor({ settings, options, connect, epochNow }: EngineOptions) {
    this.#settings = settings;
    this.#report = new Report(options.onError, options.metrics?.amqp(settings.name));
    this.#retries = new Retries(options.rateLimiter, settings.clock);
    const { names, partitions, delayLevelsMs } = settings;
    const messages = new Messages(names, partitions, delayLevelsMs);
    const report = this.#report;
    const retries = this.#retries;
    this.#publishing = new Publishing({
      connect,
      settings,
      report,
      onUp: (connection) => this.#joinIfConsuming(connection),
    });
    this.#counts = new BrokerCounts(settings, () => this.#publishing.link.connection);
    const { outbox } = this.#publishing;
    this.#membership = new Membership({
      settings,
      report,
      say: (message) => this.#publishing.say(message),
      announcement: () => this.#consuming.announcement,
      onChanged: () => {
        this.#checkGreetings();
        this.#consuming.decide();
      },
      onDeaf: () => void this.#publishing.link.reset(),
      onHandOver: (partition) => this.#consuming.holdings[partition]?.handOver(),
    });
    const instruments = queueInstruments(options.metrics, settings.name, report);
    this.#consuming = new Consuming({
      connect,
      settings,
      epochNow,
      report,
      retries,
      messages,
      metrics: instruments.here,
      send: (message) => outbox.send(message),
      others: () => this.#membership.others,
      onChanged: () => this.#changed(),
      onBroken: () => void this.#publishing.restore(),
      onHandOver: (partition, heir) => this.#membership.handOver(partition, heir),
      onTick: () => this.#tick(),
    });
    const consuming = this.#consuming;
    const { runs } = consuming.consumer;
    this.#gauges = new Gauges({ settings, report, outbox, consuming });
    this.#additions = new Additions({
      settings,
      epochNow,
      report,
      retries,
      messages,
      outbox,
      runs,
      onRetried: instruments.retried,
    });
  }

  get name(): string {
    return this.#settings.name;
  }

  get length(): number {
    return this.#consuming.consumer.length + this.#counts.messages;
  }

  get isShuttingDown(): boolean {
    return this.#isShuttingDown;
  }

  async open(signal: AbortSignal | undefined): Promise<void> {
    checkSignal(signal);
    signal?.throwIfAborted();
    try {
      await abortable(this.#publishing.open(), signal);
    } catch (error) {
      await this.#publishing.close(error);
      throw signal?.aborted ? error : openError(this.name, error);
    }
    this.#gauges.start();
  }

  add(key: string, options: AddOptions = {}): Promise<void> {
    const added = this.#additions.add(key, options, this.#isShuttingDown);
    this.#counts.disturb();
    return added;
  }

  forget(key: string): void {
    this.#additions.forget(key);
  }

  numRequeues(key: string): number {
    return this.#retries.count(key);
  }

  get(options?: GetOptions): Promise<PrioritizedGetResult<string>> {
    this.#consume();
    return this.#consuming.consumer.get(options);
  }

  done(key: string): void {
    this.#consuming.consumer.done(key);
    this.#counts.disturb();
  }

  flushed(signal: AbortSignal | undefined): Promise<void> {
    checkSignal(signal);
    return abortable(this.#publishing.outbox.flushed(), signal);
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
    const ended = Promise.race([this.#closing, this.#released.promise, this.#closed.promise]);
    await abortable(ended, signal);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#isShuttingDown = true;
    this.#checkGreetings();
    const { consumer } = this.#consuming;
    consumer.shutDown();
    const error = new Error(`Cannot publish to queue "${this.name}": the queue is closed`);
    this.#membership.leave();
    await this.#consuming.close();
    await this.#publishing.close(error);
    this.#gauges.stop();
    this.#closed.resolve();
  }

  describe(options: DescribeOptions = {}): AmqpQueueDescription {
    return describe({
      settings: this.#settings,
      consuming: this.#consuming,
      publishing: this.#publishing,
      members: this.#membership.others.map(({ id }) => id),
      isConsuming: this.#isConsuming,
      limit: options.limit ?? 100,
    });
  }

  async inspect(signal: AbortSignal | undefined): Promise<AmqpQueueInspection> {
    checkSignal(signal);
    return abortable(this.#inspect(), signal);
  }

  async #inspect(): Promise<AmqpQueueInspection> {
    const { connection } = this.#publishing.link;
    if (connection && !this.#membership.isListening) await this.#greet(connection, false);
    this.#membership.expire();
    const announced = [...this.#membership.others, this.#consuming.announcement];
    return this.#counts.inspect(announced);
  }

  #consume(): void {
    if (this.#isConsuming || this.#isShuttingDown) return;
    this.#isConsuming = true;
    void this.#join();
  }

  /** Says hello, and begins when the others have had the time to answer. */
  async #join(): Promise<void> {
    const { connection } = this.#publishing.link;
    try {
      if (connection) await this.#greet(connection, true);
    } catch (error) {
      this.#report.error(error, 'listening to other processes');
    }
    if (!this.#isShuttingDown) this.#consuming.start();
  }

  /** Waits until those have answered who are subscribed to the first partition; not for long. */
  async #greet(connection: Connection, joins: boolean): Promise<void> {
    await this.#membership.listen(connection, { joins });
    const consumers = await this.#counts.consumersOf(0);
    const { promise, resolve } = Promise.withResolvers<void>();
    const check = (): void => {
      const heard = this.#membership.others.filter(({ subscribed }) => subscribed.includes(0));
      if (this.#isShuttingDown || heard.length >= consumers) resolve();
    };
    this.#greetings.add(check);
    const timer = this.#settings.clock.setTimeout(resolve, helloMs);
    check();
    await promise;
    timer.cancel();
    this.#greetings.delete(check);
  }

  #checkGreetings(): void {
    for (const check of this.#greetings) check();
  }

  async #joinIfConsuming(connection: Connection): Promise<void> {
    const joins = this.#isConsuming && !this.#isShuttingDown;
    if (joins || this.#membership.isListening) await this.#membership.listen(connection, { joins });
  }

  #changed(): void {
    this.#counts.disturb();
    if (!this.#isShuttingDown) this.#membership.announce();
  }

  #tick(): void {
    this.#membership.expire();
    if (!this.#isShuttingDown) this.#membership.announce();
  }

  #refuse(): void {
    if (this.#closing) return;
    this.#isShuttingDown = true;
    this.#checkGreetings();
    this.#consuming.consumer.shutDown();
    this.#membership.leave();
    this.#consuming.release();
    this.#closing = this.#end().catch((error: unknown) => this.#report.error(error, 'closing'));
  }

  /** Ends when nothing is under way and nothing unconfirmed. */
  async #end(): Promise<void> {
    await this.#consuming.consumer.whenIdle();
    try {
      await this.#publishing.outbox.flushed();
    } catch {
      // It is closed: those who added are told.
    }
    await this.#consuming.whenReleased();
    if (!this.#isClosed) await this.close();
  }
}
