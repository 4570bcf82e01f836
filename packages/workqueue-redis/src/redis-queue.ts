import type {
  AddOptions,
  DescribeOptions,
  DrainOptions,
  GetOptions,
  PrioritizedGetResult,
  Queue,
} from '@kubeloop/workqueue';
import { redisConnect } from './redis-client.ts';
import type { RedisQueueDescription, RedisQueueInspection } from './description.ts';
import { Engine } from './engine.ts';
import type { RedisQueueOptions } from './options.ts';
import { settingsOf } from './settings.ts';

/** Options of what waits for the server. */
export interface RedisWaitOptions {
  /** Ends the wait: the call rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A work queue that many processes share, exact on Redis or Valkey.
 *
 * What the queues of `@kubeloop/workqueue` promise within one process, it promises among all processes that open the same name: a key
 * that is queued is not queued again, is handed to one worker at a time, and comes again when it was added while it was in work. And:
 *
 * - When `await add(key)` has resolved, the server has the key. Whether that outlives the server is the server's: with `appendonly yes`
 *   and `appendfsync always` it is on disk, with `everysec` the last second may be lost, and at a fail-over to a replica what that had
 *   not got yet is lost.
 * - A key in work is kept for its process by a lease, which is renewed as long as the process is heard of. When a lease may have run
 *   out, the signal that `get` returns beside the key aborts. `done` of that run then changes nothing, by a fence at the server, and
 *   this process does not start the key again before that `done`.
 * - After a crash, keys run again that were done already: work must be idempotent.
 */
export class RedisQueue implements Queue<string> {
  readonly #engine: Engine;

  private constructor(engine: Engine) {
    this.#engine = engine;
  }

  /**
   * Connects, and refuses to run when the queue is there in another layout, or when the server would drop keys for want of memory.
   * The url is tried once; after the first success, it is tried for ever.
   *
   * @throws TypeError or RangeError for an option that does not fit; Error when the server cannot be reached or does not fit; the reason of the signal
   */
  static async open(options: RedisQueueOptions, wait: RedisWaitOptions = {}): Promise<RedisQueue> {
    const settings = settingsOf(options);
    const connect = redisConnect({
      url: settings.url,
      names: settings.names,
      connectionName: `${settings.name} ${settings.identity}`,
      connectTimeoutMs: settings.answerMs,
      tls: options.tls,
    });
    const engine = new Engine({ settings, options, connect, epochNow: Date.now });
    await engine.open(wait.signal);
    return new RedisQueue(engine);
  }

  /** What the queue is called. */
  get name(): string {
    return this.#engine.name;
  }

  /** How many keys can be handed out, as the server said last: reading this asks again. */
  get length(): number {
    return this.#engine.length;
  }

  /** Whether the queue has been shut down in this process. */
  get shuttingDown(): boolean {
    return this.#engine.isShuttingDown;
  }

  /**
   * Says that `key` needs work. Resolves when the server has that; who need not know goes on at once. While the server is away,
   * additions are kept here, one for each key, those with a delay one for each call, and sent when it is back.
   *
   * Ignored after shutdown, except for a key that is being processed here.
   *
   * @throws TypeError for what is no string, RangeError for one that UTF-8 cannot carry, a priority that is not a whole number or a delay that is not finite; rejects when the queue is closed before the server has answered
   */
  add(key: string, options?: AddOptions): Promise<void> {
    return this.#engine.add(key, options);
  }

  /**
   * Adds `key` after `delayMs` milliseconds by the clock of the server; zero and less: at once. Never early. Added twice, it comes at
   * the earlier time, once. Delays of more than a hundred years are cut to that.
   */
  addAfter(key: string, delayMs: number, options?: AddOptions): Promise<void> {
    return this.#engine.add(key, { ...options, afterMs: delayMs });
  }

  /**
   * Adds `key` after the delay that the rate limiter gives it, which counts as one more failure. Failures are counted at the server, so
   * that every process counts on. After more than `maxRetries`, the key is parked instead.
   */
  addRateLimited(key: string, options?: AddOptions): Promise<void> {
    return this.#engine.add(key, { ...options, rateLimited: true });
  }

  /** Forgets the failures of `key`, here and at the server. Resolves when the server has that. */
  forget(key: string): Promise<void> {
    return this.#engine.forget(key);
  }

  /** How many failures of `key` there are, in all processes: right while this process works on it, else what it knew last. */
  numRequeues(key: string): number {
    return this.#engine.numRequeues(key);
  }

  /**
   * Waits for a key to work on, which only this process has until `done`. The signal beside the key aborts when that cannot be promised
   * any more. After shutdown, every call is told so at once.
   */
  get(options?: GetOptions): Promise<PrioritizedGetResult<string>> {
    return this.#engine.get(options);
  }

  /**
   * Says that the work on `key` has ended. Does nothing for a key that is not being processed here. Resolves when the server has that,
   * and never rejects because of the server: a key whose end it never hears of comes again when its lease ends.
   */
  done(key: string): Promise<void> {
    return this.#engine.done(key);
  }

  /** Resolves when the server has answered all calls of this process. Rejects when the queue is closed before, or with the signal's reason. */
  flushed(options: RedisWaitOptions = {}): Promise<void> {
    return this.#engine.flushed(options.signal);
  }

  /**
   * Hands out and accepts nothing from now on. What is queued stays for other processes. The connection is closed once nothing is
   * processed here and the server has answered all. Ends the wait of a drain.
   */
  shutDown(): void {
    this.#engine.shutDown();
  }

  /**
   * Shuts down, and resolves when nothing is processed here, the server has answered all, and the connection is closed.
   *
   * @throws the reason of the signal when it aborts first; the queue stays shut down
   */
  shutDownWithDrain(options: DrainOptions = {}): Promise<void> {
    return this.#engine.drain(options.signal);
  }

  /**
   * Closes the connection at once. What is processed here becomes stale, and comes to others when its lease ends. Additions that the
   * server has not answered are rejected. Ends the wait of a drain.
   */
  close(): Promise<void> {
    return this.#engine.close();
  }

  /** Closes the connection at once. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** What this process has and knows at this moment. */
  describe(options?: DescribeOptions): RedisQueueDescription {
    return this.#engine.describe(options);
  }

  /** Asks the server how many keys there are of each kind. Rejects when it cannot be reached, or with the signal's reason. */
  inspect(options: RedisWaitOptions = {}): Promise<RedisQueueInspection> {
    return this.#engine.inspect(options.signal);
  }

  /** Takes keys until shutdown. The loop body calls {@link RedisQueue.done | done}. */
  async *[Symbol.asyncIterator](): AsyncIterator<string> {
    for (;;) {
      const result = await this.get();
      if (result.shutdown) return;
      yield result.item;
    }
  }
}
