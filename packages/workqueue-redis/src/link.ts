import { Backoff, type Timer } from '@kubeloop/ratelimiter';
import type { RedisConnectionState } from './description.ts';
import type { Report } from './report.ts';
import type { ScriptName } from './scripts.ts';
import type { Settings } from './settings.ts';
import { type Connect, type Connection, type Reply, UnavailableError } from './transport.ts';

/** Options of {@link Link}. */
export interface LinkOptions {
  readonly connect: Connect;
  readonly settings: Settings;
  readonly report: Report;
  /** Sets up what is needed on a connection that was made. When it fails, the connection is made anew. */
  readonly onUp: (connection: Connection) => Promise<void>;
  /** Called when a connection is there and set up. */
  readonly onReady: () => void;
  /** Called when others say that there is work, now or after so many microseconds. */
  readonly onWake: (afterUs: number) => void;
}

/** How long to wait between attempts to connect: from a tenth of a second up to five seconds. */
const backoff = { initialMs: 100, maxMs: 5000, jitter: 0.5, resetAfterMs: 30_000 } as const;

/** One connection that is made again whenever it is lost, until it is closed. */
export class Link {
  readonly #options: LinkOptions;
  readonly #backoff: Backoff;
  #connection: Connection | undefined;
  #retry: Timer | undefined;
  /** Ends the attempt to connect that is under way. */
  #limit: AbortController | undefined;
  #state: RedisConnectionState = 'connecting';
  /** How many calls have no answer yet, and how many answers there were. */
  #unanswered = 0;
  #answers = 0;
  #watch: Timer | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
    const { clock, random } = options.settings;
    this.#backoff = new Backoff({ ...backoff, clock, random });
  }

  /** How the connection is. */
  get state(): RedisConnectionState {
    return this.#state;
  }

  /** Makes the first connection, by one attempt. @throws what it failed with */
  async open(): Promise<void> {
    await this.#attempt();
  }

  /** Runs a script on the connection that is there. Rejects at once when there is none. */
  async call(script: ScriptName, args: readonly string[]): Promise<Reply> {
    const connection = this.#connection;
    if (connection === undefined || this.#state !== 'connected')
      throw new Error('Cannot call the server: there is no connection');
    this.#unanswered += 1;
    this.#watchAnswers();
    try {
      const reply = await connection.call(script, args);
      this.#answers += 1;
      return reply;
    } catch (error) {
      if (error instanceof UnavailableError) this.#lose(connection, error);
      throw error;
    } finally {
      this.#unanswered -= 1;
    }
  }

  /** Closes the connection for good. */
  close(): void {
    this.#state = 'closed';
    this.#retry?.cancel();
    this.#limit?.abort(new Error('Cannot connect: the queue is closed'));
    this.#watch?.cancel();
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.close();
  }

  /** Makes a connection and sets it up, within the time that an answer may take: a server that is frozen accepts and says nothing. */
  async #attempt(): Promise<void> {
    const { clock, answerMs } = this.#options.settings;
    const limit = new AbortController();
    this.#limit = limit;
    const error = new Error(`The server has not answered for ${answerMs} ms`);
    const timer = clock.setTimeout(() => limit.abort(error), answerMs);
    try {
      await this.#connect(limit.signal);
    } finally {
      timer.cancel();
      this.#limit = undefined;
    }
    this.#options.onReady();
  }

  async #connect(limit: AbortSignal): Promise<void> {
    const { connect, onUp, onWake } = this.#options;
    const lost: unknown[] = [];
    let connection: Connection | undefined;
    const onClosed = (error: unknown): void => {
      lost.push(error);
      if (connection !== undefined) this.#lose(connection, error);
    };
    const made = await connect({ onWake, onClosed }, limit);
    connection = made;
    limit.addEventListener('abort', () => made.close(), { once: true });
    const check = (): void => {
      limit.throwIfAborted();
      if (this.#state === 'closed') throw new Error('Cannot connect: the queue is closed');
      if (lost.length > 0) throw lost[0];
    };
    try {
      check();
      await onUp(made);
      check();
    } catch (error) {
      made.close();
      throw limit.aborted ? limit.reason : error;
    }
    this.#connection = made;
    this.#state = 'connected';
  }

  #lose(connection: Connection, error: unknown): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    this.#state = 'connecting';
    this.#watch?.cancel();
    this.#watch = undefined;
    connection.close();
    const { report } = this.#options;
    report.count('disconnects');
    report.error(error, 'the connection');
    this.#retryLater();
  }

  #retryLater(): void {
    if (this.#state === 'closed') return;
    const { clock } = this.#options.settings;
    this.#retry = clock.setTimeout(() => void this.#again(), this.#backoff.next());
  }

  async #again(): Promise<void> {
    try {
      await this.#attempt();
    } catch (error) {
      if (this.#state === 'closed') return;
      this.#options.report.error(error, 'connecting');
      this.#retryLater();
    }
  }

  /** Gives a connection up on which nothing was answered for a while: the other side may be gone without a word. */
  #watchAnswers(): void {
    if (this.#watch !== undefined) return;
    const before = this.#answers;
    const connection = this.#connection;
    const { clock, answerMs } = this.#options.settings;
    const look = (): void => {
      this.#watch = undefined;
      if (connection === undefined || this.#unanswered === 0) return;
      if (this.#answers === before)
        this.#lose(connection, new Error(`The server has not answered for ${answerMs} ms`));
      else this.#watchAnswers();
    };
    this.#watch = clock.setTimeout(look, answerMs);
    this.#watch.unref();
  }
}
