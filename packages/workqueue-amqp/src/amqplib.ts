import { connect, type ChannelModel, type Channel, type ConsumeMessage } from 'amqplib';
import { AmqplibPublisher } from './amqplib-publisher.ts';
import type { AmqpTlsOptions } from './options.ts';
import type {
  Binding,
  Connect,
  Connection,
  ConnectionEvents,
  Control,
  ExchangeSpec,
  Publisher,
  QueueCounts,
  QueueSpec,
  SubscribeOptions,
  Subscription,
} from './transport.ts';

/** What the sockets get. */
export interface AmqplibOptions {
  /** Whole seconds; amqplib notices some deaths of a socket by missing heartbeats only. */
  readonly heartbeatMs: number;
  readonly tls: AmqpTlsOptions | undefined;
  /** What the broker shows of the connection. */
  readonly connectionName: string;
}

/** How long a broker may take to answer a new connection. A node that is frozen accepts it and never answers. */
const leastHandshakeMs = 2000;
const mostHandshakeMs = 5000;

/** How long a broker may take to answer the end of a connection. */
const closeMs = 2000;

/** What is used of the socket beneath a connection, which is not in the types. */
interface Destroyable {
  destroy(error: Error): void;
}

/** Connects by amqplib. */
export function amqplibConnect(options: AmqplibOptions): Connect {
  return async (url, events, signal) => {
    const address = new URL(url);
    address.searchParams.set('heartbeat', String(options.heartbeatMs / 1000));
    const socketOptions = {
      ...options.tls,
      // Not in the types of amqplib, which hands on to the socket what it does not know.
      signal,
      noDelay: true,
      timeout: Math.min(mostHandshakeMs, Math.max(leastHandshakeMs, options.heartbeatMs)),
      clientProperties: { connection_name: options.connectionName },
    };
    const model = await connect(address.href, socketOptions);
    return new AmqplibConnection(model, events);
  };
}

class AmqplibConnection implements Connection {
  readonly #model: ChannelModel;
  /** Resolves when the connection has ended. amqplib never answers a close of a channel whose connection ends meanwhile. */
  readonly #ended = Promise.withResolvers<void>();
  #isClosed = false;

  constructor(model: ChannelModel, events: ConnectionEvents) {
    this.#model = model;
    let failure: unknown;
    // An 'error' without a listener would end the process. Every one of them is followed by 'close'.
    model.on('error', (error) => void (failure = error));
    model.on('close', () => this.#ended.resolve());
    model.on('close', (error) => {
      if (!this.#isClosed)
        events.onClosed(error ?? failure ?? new Error('The connection was closed'));
    });
    model.on('blocked', () => events.onBlocked(true));
    model.on('unblocked', () => events.onBlocked(false));
  }

  get heartbeatMs(): number {
    // Not in the types: what both sides have agreed on, in seconds.
    const { heartbeat } = this.#model.connection as { readonly heartbeat?: number };
    return heartbeat ? heartbeat * 1000 : Infinity;
  }

  async openPublisher(onClosed: (error: unknown) => void): Promise<Publisher> {
    const channel = await this.#model.createConfirmChannel();
    return new AmqplibPublisher(channel, this.#ended.promise, (error) => {
      if (!this.#isClosed) onClosed(error);
    });
  }

  async openControl(): Promise<Control> {
    const channel = await this.#model.createChannel();
    channel.on('error', ignore);
    return new AmqplibControl(channel, this.#ended.promise);
  }

  async subscribe(options: SubscribeOptions): Promise<Subscription> {
    const channel = await this.#model.createChannel();
    const subscription = new AmqplibSubscription(channel, this.#ended.promise, {
      ...options,
      onClosed: (error) => {
        if (!this.#isClosed) options.onClosed(error);
      },
    });
    try {
      await subscription.start();
    } catch (error) {
      await subscription.close();
      throw error;
    }
    return subscription;
  }

  /** Of a broker that does not read any more, no answer to a close ever comes. */
  #destroy(): void {
    const { stream } = this.#model.connection as { readonly stream?: Destroyable };
    stream?.destroy(new Error('The broker does not answer'));
    this.#ended.resolve();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const timer = setTimeout(() => this.#destroy(), closeMs);
    await settled(() => this.#model.close(), this.#ended.promise);
    clearTimeout(timer);
  }
}

class AmqplibSubscription implements Subscription {
  readonly #channel: Channel;
  readonly #options: SubscribeOptions;
  readonly #ended: Promise<void>;
  #isClosed = false;

  constructor(channel: Channel, ended: Promise<void>, options: SubscribeOptions) {
    this.#channel = channel;
    this.#ended = ended;
    this.#options = options;
    let failure: unknown;
    channel.on('error', (error) => void (failure = error));
    channel.on('close', () => this.#end(failure));
  }

  async start(): Promise<void> {
    const { queue, prefetch } = this.#options;
    if (prefetch !== undefined) await this.#channel.prefetch(prefetch);
    await this.#channel.consume(queue, (message) => this.#take(message), {
      noAck: prefetch === undefined,
    });
  }

  ack(tag: number): void {
    if (this.#isClosed) return;
    try {
      // Of a message, amqplib reads this much: keeping all of it for each of 60,000 would cost memory.
      this.#channel.ack({ fields: { deliveryTag: tag } } as ConsumeMessage);
    } catch (error) {
      this.#end(error);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await settled(() => this.#channel.close(), this.#ended);
  }

  /** amqplib closes the whole connection when this throws, and calls it with `null` when the queue was deleted. */
  #take(message: ConsumeMessage | null): void {
    if (this.#isClosed) return;
    if (message === null) {
      this.#fail(new Error(`The broker ended the subscription of queue "${this.#options.queue}"`));
      return;
    }
    const { fields, properties, content } = message;
    try {
      this.#options.onDelivery({
        tag: fields.deliveryTag,
        body: content.toString('utf8'),
        isRedelivered: fields.redelivered,
        headers: properties.headers ?? {},
      });
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#end(error);
    void this.close();
  }

  #end(error: unknown): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#options.onClosed(error);
  }
}

class AmqplibControl implements Control {
  readonly #channel: Channel;
  readonly #ended: Promise<void>;

  constructor(channel: Channel, ended: Promise<void>) {
    this.#channel = channel;
    this.#ended = ended;
  }

  async declareQueue(spec: QueueSpec): Promise<void> {
    const isExclusive = spec.isExclusive ?? false;
    await this.#channel.assertQueue(spec.name, {
      durable: !isExclusive,
      exclusive: isExclusive,
      autoDelete: isExclusive,
      arguments: spec.arguments,
    });
  }

  async declareExchange(spec: ExchangeSpec): Promise<void> {
    await this.#channel.assertExchange(spec.name, spec.type, { durable: true });
  }

  async bind(binding: Binding): Promise<void> {
    await this.#channel.bindQueue(binding.queue, binding.exchange, binding.routingKey);
  }

  async countsOf(queue: string): Promise<QueueCounts> {
    const reply = await this.#channel.checkQueue(queue);
    return { messages: reply.messageCount, consumers: reply.consumerCount };
  }

  async checkExchange(name: string): Promise<void> {
    await this.#channel.checkExchange(name);
  }

  close(): Promise<void> {
    return settled(() => this.#channel.close(), this.#ended);
  }
}

function ignore(): void {
  // The call that failed tells.
}

/** Waits for what is closed either way. amqplib throws when it is closed already. */
async function settled(close: () => Promise<unknown>, ended: Promise<void>): Promise<void> {
  try {
    await Promise.race([close(), ended]);
  } catch {
    // It is closed.
  }
}
