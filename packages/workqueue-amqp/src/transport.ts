/** The headers of a message: numbers and strings only. */
export type Headers = Readonly<Record<string, number | string>>;

/** A message to publish. It is persistent, and comes back when no queue takes it. */
export interface OutMessage {
  readonly exchange: string;
  readonly routingKey: string;
  readonly body: string;
  readonly headers?: Headers | undefined;
  /** Kept on no disk and given to nobody when nobody listens: for what is said again anyway. */
  readonly isFleeting?: boolean | undefined;
}

/** A message as it arrives. */
export interface Delivery {
  /** Names the message on its subscription; 1 and up. */
  readonly tag: number;
  readonly body: string;
  /** Whether it was delivered before, to this process or another. */
  readonly isRedelivered: boolean;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** A channel that publishes. */
export interface Publisher {
  /** Publishes. `onSettled` is called exactly once: without an error when the broker has taken the message for good. Never throws. */
  publish(message: OutMessage, onSettled: (error?: unknown) => void): void;
  /** Closes the channel. What is not confirmed is settled with an error. Never rejects. */
  close(): Promise<void>;
}

/** A channel that consumes one queue. */
export interface Subscription {
  /** Acknowledges a message. Does nothing when the subscription has ended. */
  ack(tag: number): void;
  /** Gives all unacknowledged messages back and ends; `onClosed` is not called. Never rejects. */
  close(): Promise<void>;
}

/** What to subscribe to. */
export interface SubscribeOptions {
  readonly queue: string;
  /** How many messages may be unacknowledged; none are acknowledged when undefined, because they are as they arrive. */
  readonly prefetch: number | undefined;
  readonly onDelivery: (delivery: Delivery) => void;
  /** Called once when the subscription has ended and was not closed here; without an error when the connection ended, which tells why. */
  readonly onClosed: (error: unknown) => void;
}

/** A queue as it is declared. */
export interface QueueSpec {
  readonly name: string;
  readonly arguments: Readonly<Record<string, number | string | boolean>>;
  /** Gone with the connection, and for no other. */
  readonly isExclusive?: boolean | undefined;
}

/** An exchange as it is declared. */
export interface ExchangeSpec {
  readonly name: string;
  readonly type: 'direct' | 'fanout';
}

/** Binds a queue to an exchange. */
export interface Binding {
  readonly exchange: string;
  readonly queue: string;
  readonly routingKey: string;
}

/** A channel for questions and declarations. The broker closes it with the first error. */
export interface Control {
  declareQueue(spec: QueueSpec): Promise<void>;
  declareExchange(spec: ExchangeSpec): Promise<void>;
  bind(binding: Binding): Promise<void>;
  /** Rejects when there is no such queue. */
  countsOf(queue: string): Promise<QueueCounts>;
  /** Rejects when there is no such exchange. Changes nothing: a round trip. */
  checkExchange(name: string): Promise<void>;
  /** Never rejects. */
  close(): Promise<void>;
}

/** What the broker counts of a queue. */
export interface QueueCounts {
  /** Messages that are not delivered. */
  readonly messages: number;
  readonly consumers: number;
}

/** A connection to a broker. */
export interface Connection {
  /** The heartbeat that both sides have agreed on: the broker may want a shorter one. */
  readonly heartbeatMs: number;
  /** `onClosed` is called once when the channel has ended and was not closed here; without an error when the connection ended. */
  openPublisher(onClosed: (error: unknown) => void): Promise<Publisher>;
  openControl(): Promise<Control>;
  subscribe(options: SubscribeOptions): Promise<Subscription>;
  /** Closes everything; `onClosed` is not called. Never rejects. */
  close(): Promise<void>;
}

/** What a connection tells. */
export interface ConnectionEvents {
  /** Called once when the connection has ended and was not closed here. */
  readonly onClosed: (error: unknown) => void;
  /** The broker takes no messages for now, or takes them again. */
  readonly onBlocked: (isBlocked: boolean) => void;
}

/** Connects to one url. Gives up when the signal aborts, which it does not any more once there is a connection. */
export type Connect = (
  url: string,
  events: ConnectionEvents,
  signal: AbortSignal,
) => Promise<Connection>;

/** The number that the broker gives to an error, such as 404 or 406. */
export function replyCodeOf(error: unknown): number | undefined {
  const code: unknown = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'number' ? code : undefined;
}
