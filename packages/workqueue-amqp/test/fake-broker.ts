import type { Clock } from '@kubeloop/ratelimiter';
import type {
  Binding,
  Connect,
  Connection,
  ConnectionEvents,
  Control,
  Delivery,
  ExchangeSpec,
  OutMessage,
  Publisher,
  QueueCounts,
  QueueSpec,
  SubscribeOptions,
  Subscription,
} from '../src/transport.ts';

interface Message {
  readonly out: OutMessage;
  isRedelivered: boolean;
}

class BrokerError extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(`Operation failed: ${code} (${message})`);
    this.code = code;
  }
}

/** A broker in memory: as much of RabbitMQ as a shared queue uses. Nothing happens synchronously. */
export class FakeBroker {
  readonly queues: Map<string, FakeQueue> = new Map<string, FakeQueue>();
  readonly exchanges: Map<string, ExchangeSpec> = new Map<string, ExchangeSpec>();
  readonly bindings: Binding[] = [];
  readonly connections: Set<FakeConnection> = new Set();
  readonly clock: Clock;
  /** Everything that was published, in order. */
  readonly published: OutMessage[] = [];
  /** Whether connections are refused. */
  isDown: boolean = false;
  /** Whether messages are swallowed without a word. */
  isMute: boolean = false;
  /** What publishers that are opened now answer: `nack` for ever. */
  refuses: boolean = false;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  readonly connect: Connect = async (_url, events) => {
    await Promise.resolve();
    if (this.isDown) throw new Error('connect ECONNREFUSED');
    const connection = new FakeConnection(this, events);
    this.connections.add(connection);
    return connection;
  };

  /** Cuts all connections, as a broker does that is killed. Messages stay. */
  cut(...connections: readonly FakeConnection[]): void {
    const all = connections.length > 0 ? connections : [...this.connections];
    for (const connection of all) connection.cut();
  }

  /** The queue, which must be there. */
  queue(name: string): FakeQueue {
    const queue = this.queues.get(name);
    if (!queue) throw new BrokerError(404, `NOT_FOUND - no queue '${name}' in vhost '/'`);
    return queue;
  }

  declareQueue(spec: QueueSpec): void {
    const known = this.queues.get(spec.name);
    if (!known) {
      this.queues.set(spec.name, new FakeQueue(spec, this));
      return;
    }
    const names = new Set([...Object.keys(spec.arguments), ...Object.keys(known.spec.arguments)]);
    for (const name of names) {
      const [wanted, found] = [spec.arguments[name], known.spec.arguments[name]];
      if (wanted !== found)
        throw new BrokerError(
          406,
          `PRECONDITION_FAILED - inequivalent arg '${name}' for queue '${spec.name}' in vhost '/': received the value '${wanted}' of type 'longstr' but current is the value '${found}' of type 'longstr'`,
        );
    }
  }

  /** Returns whether a queue took the message. */
  route(out: OutMessage): boolean {
    this.published.push(out);
    const exchange = this.exchanges.get(out.exchange);
    const isFanout = exchange?.type === 'fanout';
    const targets = this.bindings.filter(
      (binding) =>
        binding.exchange === out.exchange && (isFanout || binding.routingKey === out.routingKey),
    );
    for (const { queue } of targets) this.queues.get(queue)?.push({ out, isRedelivered: false });
    return targets.some(({ queue }) => this.queues.has(queue));
  }
}

export class FakeQueue {
  readonly spec: QueueSpec;
  readonly #broker: FakeBroker;
  readonly #ready: Message[] = [];
  readonly consumers: FakeSubscription[] = [];
  #isDelivering = false;

  constructor(spec: QueueSpec, broker: FakeBroker) {
    this.spec = spec;
    this.#broker = broker;
  }

  get counts(): QueueCounts {
    return { messages: this.#ready.length, consumers: this.consumers.length };
  }

  /** The bodies that wait, in order. */
  get bodies(): string[] {
    return this.#ready.map(({ out }) => out.body);
  }

  push(message: Message): void {
    this.#ready.push(message);
    const ttl = this.spec.arguments['x-message-ttl'];
    if (typeof ttl === 'number') this.#broker.clock.setTimeout(() => this.#expire(message), ttl);
    this.deliverSoon();
  }

  giveBack(messages: readonly Message[]): void {
    for (const message of messages) message.isRedelivered = true;
    this.#ready.unshift(...messages);
    this.deliverSoon();
  }

  deliverSoon(): void {
    if (this.#isDelivering) return;
    this.#isDelivering = true;
    setImmediate(() => {
      this.#isDelivering = false;
      this.#deliver();
    });
  }

  #deliver(): void {
    const isSingle = this.spec.arguments['x-single-active-consumer'] === true;
    for (const consumer of isSingle ? this.consumers.slice(0, 1) : [...this.consumers])
      while (this.#ready.length > 0 && consumer.hasRoom) {
        const message = this.#ready.shift();
        if (message) consumer.deliver(message);
      }
  }

  #expire(message: Message): void {
    const index = this.#ready.indexOf(message);
    if (index === -1) return;
    this.#ready.splice(index, 1);
    const exchange = this.spec.arguments['x-dead-letter-exchange'];
    if (typeof exchange === 'string') this.#broker.route({ ...message.out, exchange });
  }
}

export class FakeConnection implements Connection {
  readonly broker: FakeBroker;
  readonly heartbeatMs: number = Infinity;
  readonly #events: ConnectionEvents;
  readonly subscriptions: Set<FakeSubscription> = new Set();
  readonly publishers: Set<FakePublisher> = new Set();
  readonly exclusive: string[] = [];
  isOpen: boolean = true;
  /** Whether questions get no answer, as when the peer is gone without a word. */
  isSilent: boolean = false;

  constructor(broker: FakeBroker, events: ConnectionEvents) {
    this.broker = broker;
    this.#events = events;
  }

  block(isBlocked: boolean): void {
    this.#events.onBlocked(isBlocked);
  }

  cut(): void {
    if (!this.isOpen) return;
    const { subscriptions, publishers } = this;
    this.#end();
    for (const subscription of subscriptions) subscription.fail();
    for (const publisher of publishers) publisher.fail();
    this.#events.onClosed(new Error('Socket closed'));
  }

  async reply<R>(answer: () => R): Promise<R> {
    await new Promise((resolve) => setImmediate(resolve));
    if (this.isSilent) return new Promise<R>(() => {});
    if (!this.isOpen) throw new Error('Channel ended, no reply will be forthcoming');
    return answer();
  }

  openPublisher(onClosed: (error: unknown) => void): Promise<Publisher> {
    return this.reply(() => {
      const publisher = new FakePublisher(this, onClosed);
      this.publishers.add(publisher);
      return publisher;
    });
  }

  openControl(): Promise<Control> {
    return this.reply(() => new FakeControl(this));
  }

  subscribe(options: SubscribeOptions): Promise<Subscription> {
    return this.reply(() => {
      const queue = this.broker.queue(options.queue);
      const subscription = new FakeSubscription(queue, options, this);
      this.subscriptions.add(subscription);
      queue.consumers.push(subscription);
      queue.deliverSoon();
      return subscription;
    });
  }

  async close(): Promise<void> {
    if (!this.isOpen) return;
    this.#end();
    for (const subscription of this.subscriptions) await subscription.close();
    for (const publisher of this.publishers) await publisher.close();
  }

  #end(): void {
    this.isOpen = false;
    this.broker.connections.delete(this);
    for (const name of this.exclusive) this.broker.queues.delete(name);
  }
}

class FakeControl implements Control {
  readonly #connection: FakeConnection;
  #isOpen = true;

  constructor(connection: FakeConnection) {
    this.#connection = connection;
  }

  declareQueue(spec: QueueSpec): Promise<void> {
    return this.#ask((broker) => {
      broker.declareQueue(spec);
      if (spec.isExclusive) this.#connection.exclusive.push(spec.name);
    });
  }

  declareExchange(spec: ExchangeSpec): Promise<void> {
    return this.#ask((broker) => void broker.exchanges.set(spec.name, spec));
  }

  bind(binding: Binding): Promise<void> {
    return this.#ask((broker) => {
      const isSame = (other: Binding): boolean => JSON.stringify(other) === JSON.stringify(binding);
      if (!broker.bindings.some(isSame)) broker.bindings.push(binding);
    });
  }

  countsOf(queue: string): Promise<QueueCounts> {
    return this.#ask((broker) => broker.queue(queue).counts);
  }

  checkExchange(name: string): Promise<void> {
    return this.#ask((broker) => {
      if (!broker.exchanges.has(name)) throw new BrokerError(404, `NOT_FOUND - no exchange`);
    });
  }

  async close(): Promise<void> {
    this.#isOpen = false;
  }

  #ask<R>(question: (broker: FakeBroker) => R): Promise<R> {
    return this.#connection.reply(() => {
      if (!this.#isOpen) throw new Error('Channel closed');
      try {
        return question(this.#connection.broker);
      } catch (error) {
        this.#isOpen = false;
        throw error;
      }
    });
  }
}

export class FakePublisher implements Publisher {
  readonly #connection: FakeConnection;
  readonly #onClosed: (error: unknown) => void;
  readonly #refuses: boolean;
  readonly #unsettled = new Set<(error?: unknown) => void>();
  #isCut = false;

  constructor(connection: FakeConnection, onClosed: (error: unknown) => void) {
    this.#connection = connection;
    this.#onClosed = onClosed;
    this.#refuses = connection.broker.refuses;
  }

  publish(message: OutMessage, onSettled: (error?: unknown) => void): void {
    this.#unsettled.add(onSettled);
    const { broker } = this.#connection;
    if (broker.isMute && !message.isFleeting) return;
    setImmediate(() => {
      if (this.#isCut) return;
      // What was sent before the channel closed arrives, although nobody hears of it.
      if (!this.#unsettled.delete(onSettled)) broker.route(message);
      else if (this.#refuses && !message.isFleeting) onSettled(new Error('message nacked'));
      else
        onSettled(broker.route(message) || message.isFleeting ? undefined : new Error('no route'));
    });
  }

  fail(): void {
    this.#isCut = true;
    void this.close();
    this.#onClosed(undefined);
  }

  async close(): Promise<void> {
    const unsettled = [...this.#unsettled];
    this.#unsettled.clear();
    for (const settle of unsettled) settle(new Error('Channel closed'));
  }
}

export class FakeSubscription implements Subscription {
  readonly #queue: FakeQueue;
  readonly #options: SubscribeOptions;
  readonly #connection: FakeConnection;
  readonly unacknowledged: Map<number, Message> = new Map<number, Message>();
  #tag = 0;
  #isOpen = true;

  constructor(queue: FakeQueue, options: SubscribeOptions, connection: FakeConnection) {
    this.#queue = queue;
    this.#options = options;
    this.#connection = connection;
  }

  get hasRoom(): boolean {
    return this.#isOpen && this.unacknowledged.size < (this.#options.prefetch ?? Infinity);
  }

  deliver(message: Message): void {
    this.#tag += 1;
    const { out, isRedelivered } = message;
    if (this.#options.prefetch !== undefined) this.unacknowledged.set(this.#tag, message);
    if (this.#connection.isSilent) return;
    const delivery: Delivery = {
      tag: this.#tag,
      body: out.body,
      isRedelivered,
      headers: out.headers ?? {},
    };
    this.#options.onDelivery(delivery);
  }

  ack(tag: number): void {
    if (!this.#isOpen) return;
    if (!this.unacknowledged.delete(tag)) throw new Error(`Acknowledged twice: ${tag}`);
    this.#queue.deliverSoon();
  }

  /** The broker closes the channel. */
  fail(error?: unknown): void {
    if (!this.#isOpen) return;
    this.#end();
    this.#options.onClosed(error);
  }

  async close(): Promise<void> {
    await Promise.resolve();
    if (this.#isOpen) this.#end();
  }

  #end(): void {
    this.#isOpen = false;
    this.#connection.subscriptions.delete(this);
    this.#queue.consumers.splice(this.#queue.consumers.indexOf(this), 1);
    const messages = [...this.unacknowledged.values()];
    this.unacknowledged.clear();
    this.#queue.giveBack(messages);
  }
}
