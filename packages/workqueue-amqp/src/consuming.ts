import type { QueueMetricsProvider } from '@kubeloop/workqueue';
import type { Timer } from '@kubeloop/ratelimiter';
import { Consumer } from './consumer.ts';
import { Lease } from './lease.ts';
import { Link } from './link.ts';
import type { Announcement } from './membership.ts';
import { Renewals } from './renewals.ts';
import type { Messages } from './message.ts';
import type { Report } from './report.ts';
import type { Retries } from './retries.ts';
import { Holding } from './holding.ts';
import type { Settings } from './settings.ts';
import { Shares } from './shares.ts';
import { withinTime } from './time-limit.ts';
import type { Connect, Connection, Control, OutMessage } from './transport.ts';

/** Options of {@link Consuming}. */
export interface ConsumingOptions {
  readonly connect: Connect;
  readonly settings: Settings;
  readonly epochNow: () => number;
  readonly report: Report;
  readonly retries: Retries;
  readonly messages: Messages;
  readonly metrics: QueueMetricsProvider | undefined;
  /** Publishes, and resolves when that is confirmed. */
  readonly send: (message: OutMessage) => Promise<void>;
  /** What the others said of themselves last. */
  readonly others: () => readonly Announcement[];
  /** Called when this process has something new to say of itself. */
  readonly onChanged: () => void;
  /** Called when a partition is given up with nothing of it under way. */
  readonly onHandOver: (partition: number, heir: string) => void;
  /** Called when a partition was lost although there is a connection. */
  readonly onBroken: () => void;
  /** Called four times per heartbeat. */
  readonly onTick: () => void;
}

/** A broker that wants a shorter heartbeat gives work to others sooner. */
function leaseMs(connection: Connection, settings: Settings): number {
  return Math.min(settings.heartbeatMs, connection.heartbeatMs);
}

/** How long a close waits for channels to close. */
const closePatienceMs = 1000;

/** The connection that consumes, and the partitions that are consumed. */
export class Consuming {
  readonly consumer: Consumer;
  readonly lease: Lease;
  readonly holdings: readonly Holding[];
  readonly #options: ConsumingOptions;
  readonly #link: Link;
  readonly #renewals: Renewals;
  /** The owner behind whom this process has lined up, by partition. */
  readonly #behind = new Map<number, string>();
  /** How often a subscription was made again after a loss: who had lined up behind it is before it now. */
  #losses = 0;
  #isReleasing = false;
  #isDeciding = false;
  #timer: Timer | undefined;
  /** Until the next question to the broker. */
  #asking: Timer | undefined;

  constructor(options: ConsumingOptions) {
    this.#options = options;
    const { settings, epochNow, report, retries, messages, metrics, send } = options;
    const { clock } = settings;
    this.lease = new Lease({
      clock,
      epochNow,
      onExpired: () => this.consumer.expire(),
    });
    this.holdings = Array.from({ length: settings.partitions }, (_, index) => this.#holding(index));
    this.consumer = new Consumer({
      settings,
      epochNow,
      report,
      retries,
      lease: this.lease,
      holdings: this.holdings,
      metrics,
      messages,
      send,
    });
    this.#renewals = new Renewals({ settings, epochNow, report, messages, send });
    this.#link = new Link({
      connect: options.connect,
      settings,
      report,
      purpose: 'consuming',
      onUp: (connection) => this.#up(connection),
      onDown: () => this.#down(),
    });
  }

  /** The connection beneath. */
  get link(): Link {
    return this.#link;
  }

  /** What this process says of itself. */
  get announcement(): Announcement {
    const subscribed = this.holdings.filter(
      ({ state }) => state === 'standby' || state === 'owned',
    );
    return {
      id: this.#options.settings.identity,
      losses: this.#losses,
      subscribed: subscribed.map(({ index }) => index),
      owned: subscribed.filter(({ state }) => state === 'owned').map(({ index }) => index),
    };
  }

  /** Connects, however long it takes, and begins to consume. */
  start(): void {
    this.#link.start();
    this.#tickLater();
  }

  /** Compares what is with what is to be, and takes the steps between. */
  decide(): void {
    const connection = this.#link.connection;
    if (!connection || this.#isReleasing || this.#isDeciding) return;
    this.#isDeciding = true;
    const shares = this.#shares();
    for (const holding of this.holdings) {
      holding.own(shares.isMine(holding.index));
      this.#step(connection, holding, shares);
    }
    this.#isDeciding = false;
  }

  /** Gives all partitions up, each as soon as nothing of it is under way. */
  release(): void {
    this.#isReleasing = true;
    for (const holding of this.holdings) {
      holding.stop();
      holding.release();
    }
  }

  /** Resolves when all partitions are given up. */
  async whenReleased(): Promise<void> {
    await Promise.all(this.holdings.map((holding) => holding.whenNone()));
  }

  /** Closes the connection. Never rejects. */
  async close(): Promise<void> {
    this.#isReleasing = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    const abandoned = this.holdings.map((holding) => holding.abandon());
    // So that acknowledgements go before, if there is somebody to hear them.
    const patience = Promise.withResolvers<void>();
    const timer = this.#options.settings.clock.setTimeout(patience.resolve, closePatienceMs);
    await Promise.race([Promise.all(abandoned), patience.promise]);
    timer.cancel();
    await this.#link.close();
    this.#asking?.cancel();
    this.lease.drop();
    for (const holding of this.holdings) holding.stop();
  }

  #holding(index: number): Holding {
    return new Holding(index, this.#options.settings, {
      onDelivery: (holding, table, delivery) => this.consumer.deliver(holding, table, delivery),
      onEnded: (holding, table, error) => {
        this.#options.report.error(error, `consuming: partition ${holding.index}`);
        this.consumer.lose(holding, table);
        // Not with the connection, but alone: its queue may have been deleted.
        if (error !== undefined) this.#options.onBroken();
      },
      onReleased: ({ takeover }) => {
        if (!takeover.isWaiting && !this.consumer.hasRuns(index)) this.#handOver(index);
      },
      onFilled: (holding, table) => this.consumer.armAll(holding, table),
      onChanged: () => {
        this.decide();
        this.#options.onChanged();
      },
    });
  }

  #step(connection: Connection, holding: Holding, shares: Shares): void {
    const { index } = holding;
    const behind = this.#behind.get(index);
    const step = shares.step({
      index,
      isSubscribed: holding.isOpen,
      isInGrace: holding.takeover.isWaiting,
      behind,
    });
    if (step === 'release') {
      this.#options.report.count('yields');
      holding.release();
    } else if (step === 'subscribe' && holding.isIdle) {
      const owner = shares.ownerOf(index);
      if (owner === undefined) this.#behind.delete(index);
      else this.#behind.set(index, owner);
      if (holding.wasLost) this.#losses += 1;
      void holding.subscribe(connection);
    }
  }

  #shares(): Shares {
    const { settings, others } = this.#options;
    return new Shares(settings.identity, settings.partitions, others());
  }

  #handOver(index: number): void {
    const heir = this.#shares().heirOf(index);
    if (heir !== undefined) this.#options.onHandOver(index, heir);
  }

  async #up(connection: Connection): Promise<void> {
    const control = await connection.openControl();
    await this.#ask(connection, control);
    void this.#keepAsking(connection, control);
    this.decide();
  }

  #down(): void {
    this.lease.drop();
    for (const holding of this.holdings) holding.drop();
  }

  async #ask(connection: Connection, control: Control): Promise<void> {
    const { settings, epochNow } = this.#options;
    const sentMs = settings.clock.now();
    const sentEpochMs = epochNow();
    await control.checkExchange(settings.names.work);
    this.lease.extend(sentMs, sentEpochMs, leaseMs(connection, settings));
  }

  async #keepAsking(connection: Connection, control: Control): Promise<void> {
    const { settings, report } = this.#options;
    try {
      for (;;) {
        await new Promise<void>((resolve) => {
          this.#asking = settings.clock.setTimeout(resolve, leaseMs(connection, settings) / 4);
          this.#asking.unref();
        });
        if (this.#link.connection !== connection) return;
        await withinTime(settings.clock, 2 * leaseMs(connection, settings), {
          promise: this.#ask(connection, control),
          message: 'The broker does not answer',
        });
      }
    } catch (error) {
      if (this.#link.connection !== connection) return;
      report.error(error, 'consuming: asking the broker');
      await this.#link.reset();
    }
  }

  #tickLater(): void {
    const { clock, heartbeatMs } = this.#options.settings;
    const period = Math.min(heartbeatMs / 4, this.#options.settings.ackTimeoutMs / 20);
    this.#timer = clock.setTimeout(() => {
      this.#tickLater();
      for (const { table } of this.holdings) if (table) this.#renewals.renew(table);
      this.decide();
      this.#options.onTick();
    }, period);
    this.#timer.unref();
  }
}
