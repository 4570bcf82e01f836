import { Backoff, type Timer } from '@kubeloop/ratelimiter';
import type { AmqpConnectionState } from './description.ts';
import type { Report } from './report.ts';
import { withinTime } from './time-limit.ts';
import type { Settings } from './settings.ts';
import { UrlRing } from './url-ring.ts';
import type { Connect, Connection, ConnectionEvents } from './transport.ts';

/** Options of {@link Link}. */
export interface LinkOptions {
  readonly connect: Connect;
  readonly settings: Settings;
  readonly report: Report;
  /** What the connection is for, in reports. */
  readonly purpose: string;
  /** Sets up what is needed on a connection that was made. When it fails, the connection is made anew. */
  readonly onUp: (connection: Connection) => Promise<void>;
  /** Called when the connection is lost, also while it is set up. */
  readonly onDown: () => void;
  readonly onBlocked?: ((isBlocked: boolean) => void) | undefined;
}

/** How long to wait between attempts to connect: from a tenth of a second up to five seconds. */
const backoff = { initialMs: 100, maxMs: 5000, jitter: 0.5, resetAfterMs: 30_000 } as const;

const lostEarly = 'The connection was lost while it was set up';

/** How long it may take to set up what is needed on a connection. */
const setUpMs = 60_000;

/** One connection that is made again whenever it is lost, until it is closed. */
export class Link {
  readonly #options: LinkOptions;
  readonly #backoff: Backoff;
  #connection: Connection | undefined;
  #timer: Timer | undefined;
  /** Gives up the connection that is being made. */
  #making: AbortController | undefined;
  #state: AmqpConnectionState = 'connecting';
  #isUp = false;
  readonly #ring: UrlRing;
  /** Attempts that have failed since the last success. */
  #failures = 0;

  constructor(options: LinkOptions) {
    this.#options = options;
    const { clock, random } = options.settings;
    this.#ring = new UrlRing(options.settings.urls);
    this.#backoff = new Backoff({ ...backoff, clock, random });
  }

  /** How the connection is. */
  get state(): AmqpConnectionState {
    return this.#state;
  }

  /** The connection, while it is there and set up. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  /**
   * Makes the first connection. Each url is tried once.
   *
   * @throws what the last attempt failed with, when all fail
   */
  async open(): Promise<void> {
    const { urls } = this.#options.settings;
    for (let left = urls.length; ; left -= 1) {
      try {
        await this.#attempt();
        return;
      } catch (error) {
        if (left <= 1 || this.#state === 'closed') throw error;
      }
    }
  }

  /** Makes the first connection, however long it takes. */
  start(): void {
    void this.#again();
  }

  /** Breaks the connection, which is then made anew. */
  async reset(): Promise<void> {
    const connection = this.#connection;
    if (connection === undefined) return;
    this.#lose(connection);
    await connection.close();
  }

  /** Closes the connection for good. Never rejects. */
  async close(): Promise<void> {
    this.#state = 'closed';
    this.#timer?.cancel();
    this.#making?.abort(new Error('Cannot connect: the queue is closed'));
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.close();
  }

  async #attempt(): Promise<void> {
    const url = this.#ring.next();
    try {
      await this.#connect(url);
      this.#ring.worked(url);
      this.#failures = 0;
    } catch (error) {
      this.#ring.failed(url);
      this.#failures += 1;
      throw error;
    }
  }

  async #connect(url: string): Promise<void> {
    const { settings, onUp, onBlocked } = this.#options;
    const lost = Promise.withResolvers<never>();
    lost.promise.catch(() => {});
    let connection: Connection | undefined;
    connection = await this.#make(url, {
      onClosed: (error) => {
        lost.reject(new Error(lostEarly));
        if (connection) this.#lose(connection, error);
      },
      onBlocked: (isBlocked) => {
        if (this.#state === 'closed') return;
        this.#state = isBlocked ? 'blocked' : 'connected';
        onBlocked?.(isBlocked);
      },
    });
    try {
      if (this.#state === 'closed')
        throw new Error('Cannot use the connection: the queue is closed');
      this.#connection = connection;
      await withinTime(settings.clock, setUpMs, {
        promise: Promise.race([onUp(connection), lost.promise]),
        message: `The connection could not be set up within ${setUpMs} ms`,
      });
      // Also when it was closed from here, of which nothing else tells.
      if (this.#connection !== connection) throw new Error(lostEarly);
      this.#isUp = true;
      if (this.#state === 'connecting') this.#state = 'connected';
    } catch (error) {
      if (this.#connection === connection) {
        this.#connection = undefined;
        this.#options.onDown();
      }
      await connection.close();
      throw error;
    }
  }

  async #make(url: string, events: ConnectionEvents): Promise<Connection> {
    const making = new AbortController();
    this.#making = making;
    try {
      return await this.#options.connect(url, events, making.signal);
    } finally {
      this.#making = undefined;
    }
  }

  #lose(connection: Connection, error?: unknown): void {
    if (this.#connection !== connection) return;
    const wasUp = this.#isUp;
    this.#connection = undefined;
    this.#isUp = false;
    this.#state = 'connecting';
    const { report, purpose, onDown } = this.#options;
    report.count('disconnects');
    report.error(error, `${purpose}: the connection`);
    onDown();
    if (wasUp) this.#retryLater();
  }

  #retryLater(): void {
    if (this.#state === 'closed') return;
    const { clock, urls } = this.#options.settings;
    // Once for each round of all urls.
    const delayMs = this.#failures % urls.length === 0 ? this.#backoff.next() : 0;
    this.#timer = clock.setTimeout(() => void this.#again(), delayMs);
  }

  async #again(): Promise<void> {
    try {
      await this.#attempt();
    } catch (error) {
      if (this.#state === 'closed') return;
      this.#options.report.error(error, `${this.#options.purpose}: connecting`);
      this.#retryLater();
    }
  }
}
