import type {
  AddOptions,
  DescribeOptions,
  DrainOptions,
  GetOptions,
  PrioritizedGetResult,
  Queue,
} from '@kubeloop/workqueue';
import { amqplibConnect } from './amqplib.ts';
import type { AmqpQueueDescription, AmqpQueueInspection } from './description.ts';
import { Engine } from './engine.ts';
import type { AmqpQueueOptions } from './options.ts';
import { settingsOf } from './settings.ts';

/** Options of what waits for the broker. */
export interface AmqpWaitOptions {
  /** Ends the wait: the call rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A work queue that many processes share, durable on RabbitMQ.
 *
 * What the queues of `@kubeloop/workqueue` promise within one process, it promises among all processes that open the same name: a key
 * that is queued is not queued again, is handed to one worker at a time, and comes again when it was added while it was in work. And:
 *
 * - When `await add(key)` has resolved, the broker has the key on disk, and at least one run of it begins after that and is completed,
 *   whatever process or node of the broker's cluster ends, as long as some process works and a majority of nodes lives.
 * - A process owns some of the partitions that keys are hashed to, from its first `get` on. One that only adds owns none.
 * - A run whose key may be given to another process is told so by the signal that `get` returns beside the key. Its `done` then
 *   changes nothing there, and this process does not start the key again before that `done`.
 * - After a crash, keys run again that were done already: work must be idempotent.
 */
export class AmqpQueue implements Queue<string> {
  readonly #engine: Engine;

  private constructor(engine: Engine) {
    this.#engine = engine;
  }

  /**
   * Connects, declares what is missing at the broker, and refuses to run when what is there differs, naming the difference and
   * changing nothing. Each url is tried once; after the first success, they are tried for ever.
   *
   * @throws TypeError or RangeError for an option that does not fit; Error when the broker cannot be reached or has the queue differently; the reason of the signal
   */
  static async open(options: AmqpQueueOptions, wait: AmqpWaitOptions = {}): Promise<AmqpQueue> {
    const settings = settingsOf(options);
    const { heartbeatMs, identity, name } = settings;
    const connect = amqplibConnect({
      heartbeatMs,
      tls: options.tls,
      connectionName: `${name} ${identity}`,
    });
    const engine = new Engine({ settings, options, connect, epochNow: () => Date.now() });
    await engine.open(wait.signal);
    return new AmqpQueue(engine);
  }

  /** What the queue is called. */
  get name(): string {
    return this.#engine.name;
  }

  /** How many keys wait, here and at the broker. The latter is what the broker said last: reading this asks again. */
  get length(): number {
    return this.#engine.length;
  }

  /** Whether the queue has been shut down in this process. */
  get shuttingDown(): boolean {
    return this.#engine.isShuttingDown;
  }

  /**
   * Says that `key` needs work. Resolves when the broker has that for good; who need not know goes on at once. While the broker is
   * away or blocks publishers, additions are kept here, one for each key, those with a delay one for each call.
   *
   * Ignored after shutdown, except for a key that is being processed here.
   *
   * @throws TypeError for what is no string, RangeError for one that UTF-8 cannot carry, a priority that is not a whole number or a delay that is not finite; rejects when the queue is closed before it is confirmed
   */
  add(key: string, options?: AddOptions): Promise<void> {
    return this.#engine.add(key, options);
  }

  /**
   * Adds `key` after `delayMs` milliseconds; zero and less: at once. Resolves when the broker has that for good. Never early, as
   * far as the clocks of the processes agree. Added twice with a delay of more than a second, it comes twice. Delays of more than a
   * hundred years are cut to that.
   */
  addAfter(key: string, delayMs: number, options?: AddOptions): Promise<void> {
    return this.#engine.add(key, { ...options, afterMs: delayMs });
  }

  /**
   * Adds `key` after the delay that the rate limiter gives it, which counts as one more failure. The number of failures goes with the
   * key, so that another owner counts on. After more than `maxRetries`, the key goes to the park queue instead.
   */
  addRateLimited(key: string, options?: AddOptions): Promise<void> {
    return this.#engine.add(key, { ...options, rateLimited: true });
  }

  /** Lets the rate limiter of this process forget the failures of `key`. */
  forget(key: string): void {
    this.#engine.forget(key);
  }

  /** How many failures of `key` this process knows of: right in the process that works on it. */
  numRequeues(key: string): number {
    return this.#engine.numRequeues(key);
  }

  /**
   * Waits for a key to work on, which only this process has until `done`. The first call makes this process an owner of partitions.
   * The signal beside the key aborts when that cannot be promised any more. After shutdown, every call is told so at once.
   */
  get(options?: GetOptions): Promise<PrioritizedGetResult<string>> {
    return this.#engine.get(options);
  }

  /** Says that the work on `key` has ended. Does nothing for a key that is not being processed here. */
  done(key: string): void {
    this.#engine.done(key);
  }

  /** Resolves when all that was added here is confirmed. Rejects when the queue is closed before, or with the signal's reason. */
  flushed(options: AmqpWaitOptions = {}): Promise<void> {
    return this.#engine.flushed(options.signal);
  }

  /**
   * Hands out and accepts nothing from now on. Partitions go to other processes as soon as nothing of them is processed here, with all
   * that was not started, and the connections are closed once nothing is processed and all is confirmed. Ends the wait of a drain.
   */
  shutDown(): void {
    this.#engine.shutDown();
  }

  /**
   * Shuts down, and resolves when nothing is processed here, all is confirmed and acknowledged, and the connections are closed.
   *
   * @throws the reason of the signal when it aborts first; the queue stays shut down
   */
  shutDownWithDrain(options: DrainOptions = {}): Promise<void> {
    return this.#engine.drain(options.signal);
  }

  /**
   * Closes the connections at once. What is processed here becomes stale, and additions that are not confirmed are rejected. Ends the
   * wait of a drain.
   */
  close(): Promise<void> {
    return this.#engine.close();
  }

  /** Closes the connections at once. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** What this process has and knows at this moment. */
  describe(options?: DescribeOptions): AmqpQueueDescription {
    return this.#engine.describe(options);
  }

  /** Asks the broker how many messages there are. Rejects when it cannot be reached, or with the signal's reason. */
  inspect(options: AmqpWaitOptions = {}): Promise<AmqpQueueInspection> {
    return this.#engine.inspect(options.signal);
  }

  /** Takes keys until shutdown. The loop body calls {@link AmqpQueue.done | done}. */
  async *[Symbol.asyncIterator](): AsyncIterator<string> {
    for (;;) {
      const result = await this.get();
      if (result.shutdown) return;
      yield result.item;
    }
  }
}
