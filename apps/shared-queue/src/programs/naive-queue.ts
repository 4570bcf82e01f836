import { RateLimitingQueue } from '@kubeloop/workqueue';
import type { PrioritizedGetResult } from '@kubeloop/workqueue';
import { connect, type ChannelModel, type ConfirmChannel, type ConsumeMessage } from 'amqplib';

/**
 * What is wrong with a naive queue: it acknowledges what it has only received (`acks early`), takes a key that is added while it runs
 * for a duplicate (`drops adds while running`), or keeps messages in memory only (`keeps nothing on disk`). `trusts the broker` has
 * none of these faults and lacks only a lease: it goes on with what it was once given, whatever happened since.
 */
export type NaiveFault =
  | 'acks early'
  | 'drops adds while running'
  | 'keeps nothing on disk'
  | 'trusts the broker';

/** What a naive queue is opened with. */
export interface NaiveQueueOptions {
  readonly name: string;
  readonly urls: string | readonly string[];
  readonly heartbeatMs?: number | undefined;
  readonly fault: NaiveFault;
}

/** The messages that stand for one key: the one held, and the one that arrived while it ran. */
interface Token {
  held: ConsumeMessage;
  next: ConsumeMessage | undefined;
}

/**
 * A shared queue as one writes it in an afternoon: one queue of the broker with one active consumer. Tests run their story on it and
 * must find the fault, which shows that they would find it in the real one too. It does not reconnect.
 */
export class NaiveQueue {
  readonly #options: NaiveQueueOptions;
  readonly #connection: ChannelModel;
  readonly #channel: ConfirmChannel;
  readonly #local = new RateLimitingQueue<string>();
  readonly #tokens = new Map<string, Token>();
  readonly #processing = new Set<string>();
  #consuming: Promise<void> | undefined;
  #outbox = 0;

  /** Connects and declares the queue. */
  static async open(options: NaiveQueueOptions): Promise<NaiveQueue> {
    const { urls, heartbeatMs = 10_000 } = options;
    const url = new URL(typeof urls === 'string' ? urls : (urls[0] ?? ''));
    url.searchParams.set('heartbeat', `${heartbeatMs / 1000}`);
    const connection = await connect(url.href);
    connection.on('error', () => undefined); // A close follows, which is told below.
    const queue = new NaiveQueue(options, connection, await connection.createConfirmChannel());
    await queue.#declare();
    return queue;
  }

  private constructor(
    options: NaiveQueueOptions,
    connection: ChannelModel,
    channel: ConfirmChannel,
  ) {
    this.#options = options;
    this.#connection = connection;
    this.#channel = channel;
    channel.on('error', (error) => console.log(`The channel failed: ${error.message}`));
    connection.on('close', () => console.log('The connection is closed'));
  }

  /** Resolves when the broker has confirmed the message. */
  async add(key: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#outbox += 1;
    const persistent = this.#options.fault !== 'keeps nothing on disk';
    this.#channel.sendToQueue(this.#queue, Buffer.from(key), { persistent }, (error) => {
      this.#outbox -= 1;
      if (error === null) resolve();
      else reject(error instanceof Error ? error : new Error('The broker refused the message'));
    });
    await promise;
  }

  /** Kept in this process. */
  addAfter(key: string, delayMs: number): void {
    this.#local.addAfter(key, delayMs);
  }

  /** Kept in this process. */
  addRateLimited(key: string): void {
    this.#local.addRateLimited(key);
  }

  /** Forgets the failures of a key. */
  forget(key: string): void {
    this.#local.forget(key);
  }

  /** Failures of a key in this process. */
  numRequeues(key: string): number {
    return this.#local.numRequeues(key);
  }

  /** The next key; the first call subscribes. */
  async get(): Promise<PrioritizedGetResult<string>> {
    this.#consuming ??= this.#consume();
    await this.#consuming;
    const result = await this.#local.get();
    if (!result.shutdown) this.#processing.add(result.item);
    return result;
  }

  /** Acknowledges what stood for the key. */
  done(key: string): void {
    this.#processing.delete(key);
    const token = this.#tokens.get(key);
    if (token !== undefined) {
      this.#ack(token.held);
      if (token.next === undefined) this.#tokens.delete(key);
      else this.#tokens.set(key, { held: token.next, next: undefined });
    }
    this.#local.done(key);
  }

  /** Resolves when everything is confirmed. */
  async flushed(): Promise<void> {
    await this.#channel.waitForConfirms();
  }

  /** Ends without waiting for what runs. */
  async shutDownWithDrain(): Promise<void> {
    this.#local.shutDown();
    await this.#connection.close();
  }

  /** What the rig asks for. */
  describe(): { readonly outbox: number } {
    return { outbox: this.#outbox };
  }

  get #queue(): string {
    return `wq.${this.#options.name}.naive`;
  }

  async #declare(): Promise<void> {
    if (this.#options.fault === 'keeps nothing on disk') {
      await this.#channel.assertQueue(this.#queue, { durable: false });
      return;
    }
    await this.#channel.assertQueue(this.#queue, {
      durable: true,
      arguments: { 'x-queue-type': 'quorum', 'x-single-active-consumer': true },
    });
  }

  async #consume(): Promise<void> {
    await this.#channel.prefetch(60_000);
    const noAck = this.#options.fault === 'acks early';
    await this.#channel.consume(this.#queue, (message) => this.#receive(message), { noAck });
  }

  #receive(message: ConsumeMessage | null): void {
    if (message === null) return;
    const key = message.content.toString();
    const token = this.#tokens.get(key);
    const isRunning = this.#processing.has(key);
    if (token === undefined) this.#tokens.set(key, { held: message, next: undefined });
    else if (!isRunning || token.next !== undefined) this.#ack(message);
    else if (this.#options.fault === 'drops adds while running') {
      this.#ack(message);
      return;
    } else token.next = message;
    this.#local.add(key);
  }

  #ack(message: ConsumeMessage): void {
    if (this.#options.fault === 'acks early') return;
    try {
      this.#channel.ack(message);
    } catch {
      // The channel is closed: the broker delivers the message again, which is what a naive queue counts on.
    }
  }
}
