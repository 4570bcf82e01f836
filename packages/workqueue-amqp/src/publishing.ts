import { Backoff, type Timer } from '@kubeloop/ratelimiter';
import { ConfirmWatch } from './confirm-watch.ts';
import { Link } from './link.ts';
import { Outbox } from './outbox.ts';
import type { Report } from './report.ts';
import type { Settings } from './settings.ts';
import { declareTopology } from './topology.ts';
import type { Connect, Connection, OutMessage, Publisher } from './transport.ts';

/** Options of {@link Publishing}. */
export interface PublishingOptions {
  readonly connect: Connect;
  readonly settings: Settings;
  readonly report: Report;
  /** Called after every connection, once keys can be published. */
  readonly onUp: (connection: Connection) => Promise<void>;
}

/** As many as keep a broker busy: with 2000 it confirmed 20,000 a second. */
const maxInFlight = 2000;
/** How long to wait before a fresh channel for one that refused: the leader of a queue is elected within 0.2 s. */
const reopenBackoff = { initialMs: 20, maxMs: 2000, jitter: 0.5, resetAfterMs: 10_000 } as const;

/**
 * The connection that publishes. It is not the one that consumes: a broker that is short of memory blocks connections that have
 * published, and what is acknowledged makes room.
 */
export class Publishing {
  readonly outbox: Outbox;
  readonly #options: PublishingOptions;
  readonly #link: Link;
  readonly #backoff: Backoff;
  #publisher: Publisher | undefined;
  #wasUp = false;
  #isRestoring = false;
  readonly #watch: ConfirmWatch;
  #timer: Timer | undefined;

  constructor(options: PublishingOptions) {
    this.#options = options;
    const { clock, random } = options.settings;
    this.#backoff = new Backoff({ ...reopenBackoff, clock, random });
    this.outbox = new Outbox({
      maxInFlight,
      onRefused: (error) => {
        options.report.count('nacks');
        this.#watch.stir();
        // A queue may have been deleted.
        void this.restore();
        this.#reopenLater(error);
      },
    });
    this.#link = new Link({
      connect: options.connect,
      settings: options.settings,
      report: options.report,
      purpose: 'publishing',
      onUp: (connection) => this.#up(connection),
      onDown: () => this.#down(),
      onBlocked: (isBlocked) => this.outbox.pause(isBlocked),
    });
    this.#watch = this.#makeWatch(options);
  }

  /** The connection beneath. */
  get link(): Link {
    return this.#link;
  }

  /** Makes the first connection. */
  open(): Promise<void> {
    return this.#link.open();
  }

  /** Publishes what may get lost. Does nothing without a connection that takes it. */
  say(message: OutMessage): void {
    if (this.#link.state === 'blocked') return;
    this.#publisher?.publish({ ...message, isFleeting: true }, () => {});
  }

  /** Closes the connection. What is not confirmed is rejected. Never rejects. */
  async close(error: unknown): Promise<void> {
    this.#timer?.cancel();
    this.#watch.stop();
    this.outbox.close(error);
    await this.#link.close();
  }

  #makeWatch({ settings, report }: PublishingOptions): ConfirmWatch {
    const { outbox } = this;
    const link = this.#link;
    return new ConfirmWatch({
      clock: settings.clock,
      heartbeatMs: settings.heartbeatMs,
      watched: {
        get isWaiting() {
          return outbox.size > 0 && link.state !== 'blocked';
        },
        get confirmed() {
          return outbox.confirmed;
        },
      },
      onStuck: (stuckMs) => {
        const error = new Error(`The broker has confirmed nothing for ${Math.round(stuckMs)} ms`);
        report.error(error, 'publishing: a message');
        void link.reset();
      },
    });
  }

  async #up(connection: Connection): Promise<void> {
    if (!this.#wasUp) await this.#declare(connection);
    await this.#open(connection);
    this.#watch.start();
    if (this.#wasUp) void this.restore();
    this.#wasUp = true;
    await this.#options.onUp(connection);
  }

  #declare(connection: Connection): Promise<void> {
    const { names, partitions, delayLevelsMs, name } = this.#options.settings;
    return declareTopology(connection, { queueName: name, names, partitions, delayLevelsMs });
  }

  /** Brings back what was deleted. Never rejects. What waits to be published does not wait for that: a queue whose leader is dead answers late. */
  async restore(): Promise<void> {
    const { connection } = this.#link;
    if (connection === undefined || this.#isRestoring) return;
    this.#isRestoring = true;
    try {
      await this.#declare(connection);
    } catch (error) {
      if (this.#link.connection === connection)
        this.#options.report.error(error, 'publishing: declaring what was deleted');
    } finally {
      this.#isRestoring = false;
    }
  }

  #down(): void {
    this.#watch.stop();
    this.#timer?.cancel();
    this.#publisher = undefined;
    this.outbox.detach();
    this.outbox.pause(false);
  }

  async #open(connection: Connection): Promise<void> {
    let publisher: Publisher | undefined;
    publisher = await connection.openPublisher((error) => {
      if (publisher !== undefined && publisher === this.#publisher) this.#reopenLater(error);
    });
    if (this.#link.connection !== connection) return;
    this.#publisher = publisher;
    this.outbox.attach(publisher);
  }

  /**
   * A channel that refused once may refuse for ever: one that was opened while the leader of a queue died keeps sending to the dead
   * one until that node is back (rabbitmq-server pull request 9241). A fresh one works at once.
   */
  #reopenLater(error: unknown): void {
    const { report, settings } = this.#options;
    report.error(error, 'publishing: a message');
    const old = this.#publisher;
    this.#publisher = undefined;
    this.outbox.detach();
    void old?.close();
    const connection = this.#link.connection;
    if (connection === undefined) return;
    this.#timer?.cancel();
    this.#timer = settings.clock.setTimeout(
      () => void this.#reopen(connection),
      this.#backoff.next(),
    );
  }

  async #reopen(connection: Connection): Promise<void> {
    if (this.#link.connection !== connection) return;
    this.#options.report.count('reopens');
    try {
      await this.#open(connection);
    } catch (error) {
      if (this.#link.connection === connection) this.#reopenLater(error);
    }
  }
}
