import { driftError } from './drift.ts';
import { type Names, routingKeyOf } from './names.ts';
import {
  type Binding,
  type Connection,
  type Control,
  type ExchangeSpec,
  type QueueSpec,
  replyCodeOf,
} from './transport.ts';

/** What a shared queue is made of at the broker. */
export interface Topology {
  readonly queues: readonly QueueSpec[];
  readonly exchanges: readonly ExchangeSpec[];
  readonly bindings: readonly Binding[];
}

/** What the shape of a shared queue depends on. */
export interface TopologyOptions {
  readonly queueName: string;
  readonly names: Names;
  readonly partitions: number;
  readonly delayLevelsMs: readonly number[];
}

const quorum = { 'x-queue-type': 'quorum' } as const;

/**
 * How often the broker may deliver a message in vain. Every crash of an owner counts for all that it held, so a small number would
 * give up innocent keys; none at all is taken for zero by RabbitMQ 3.10, and for 20 by 4.x.
 */
const deliveryLimit = 1_000_000;

/**
 * - One quorum queue for each partition, of which one consumer at a time is fed. Not classic ones: with a single active consumer those of
 *   3.10 crash when a subscription is cancelled (rabbitmq-server issue 5460).
 * - One quorum queue for each level of delay. A time to live per message would hold short delays up behind long ones. At-least-once
 *   dead-lettering falls back to at-most-once silently unless the queue rejects what is too much.
 * - A queue that is always empty, whose length limit keeps the number of partitions: brokers compare that one when a queue is declared
 *   again, unlike arguments that they do not know.
 */
export function topologyOf(options: TopologyOptions): Topology {
  const { names, partitions, delayLevelsMs } = options;
  const indices = Array.from({ length: partitions }, (_, index) => index);
  return {
    exchanges: [
      { name: names.work, type: 'direct' },
      { name: names.members, type: 'fanout' },
      { name: names.park, type: 'fanout' },
      ...delayLevelsMs.map((levelMs): ExchangeSpec => ({
        name: names.delay(levelMs),
        type: 'fanout',
      })),
    ],
    queues: [
      { name: names.layout, arguments: { ...quorum, 'x-max-length': partitions } },
      ...indices.map((index) => partitionQueue(names, index)),
      { name: names.park, arguments: quorum },
      ...delayLevelsMs.map((levelMs) => delayQueue(names, levelMs)),
    ],
    bindings: [
      ...indices.map((index): Binding => ({
        exchange: names.work,
        queue: names.partition(index),
        routingKey: routingKeyOf(index),
      })),
      { exchange: names.park, queue: names.park, routingKey: '' },
      ...delayLevelsMs.map((levelMs): Binding => ({
        exchange: names.delay(levelMs),
        queue: names.delay(levelMs),
        routingKey: '',
      })),
    ],
  };
}

function partitionQueue(names: Names, index: number): QueueSpec {
  return {
    name: names.partition(index),
    arguments: {
      ...quorum,
      'x-single-active-consumer': true,
      'x-delivery-limit': deliveryLimit,
      'x-dead-letter-exchange': names.park,
    },
  };
}

function delayQueue(names: Names, levelMs: number): QueueSpec {
  return {
    name: names.delay(levelMs),
    arguments: {
      ...quorum,
      'x-message-ttl': levelMs,
      'x-dead-letter-exchange': names.work,
      'x-dead-letter-strategy': 'at-least-once',
      'x-overflow': 'reject-publish',
    },
  };
}

/**
 * Compares what is at the broker, and then adds what is missing. When something differs, nothing has been changed.
 *
 * @throws Error that names the difference
 */
export async function declareTopology(
  connection: Connection,
  options: TopologyOptions,
): Promise<void> {
  const topology = topologyOf(options);
  const desk = new Desk(connection);
  try {
    const missing = [];
    for (const spec of topology.queues) {
      if (await desk.hasQueue(spec.name)) await desk.ask((control) => control.declareQueue(spec));
      else missing.push(spec);
    }
    for (const spec of topology.exchanges)
      await desk.ask((control) => control.declareExchange(spec));
    for (const spec of missing) await desk.ask((control) => control.declareQueue(spec));
    for (const binding of topology.bindings) await desk.ask((control) => control.bind(binding));
  } catch (error) {
    throw driftError(options, error);
  } finally {
    await desk.close();
  }
}

/** Asks questions on a channel, and on another after an answer that closes it. */
class Desk {
  readonly #connection: Connection;
  #control: Control | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async ask<R>(question: (control: Control) => Promise<R>): Promise<R> {
    this.#control ??= await this.#connection.openControl();
    return question(this.#control);
  }

  async hasQueue(name: string): Promise<boolean> {
    try {
      await this.ask((control) => control.countsOf(name));
      return true;
    } catch (error) {
      if (replyCodeOf(error) !== 404) throw error;
      this.#control = undefined;
      return false;
    }
  }

  async close(): Promise<void> {
    await this.#control?.close();
  }
}
