import { AmqpQueue, type AmqpQueueOptions } from '@kubeloop/workqueue-amqp';
import { expect, onTestFinished, test } from 'vitest';

import type { Broker } from '../src/broker/broker.ts';
import { sharedBrokerOrSkip } from '../src/testing/broker-or-skip.ts';
import { RawConnection } from '../src/testing/raw.ts';

async function open(broker: Broker, options: Partial<AmqpQueueOptions>): Promise<AmqpQueue> {
  const queue = await AmqpQueue.open({ name: 'drift', urls: broker.urls, ...options });
  onTestFinished(async () => queue.close());
  return queue;
}

/** Everything that the broker has, with arguments. */
async function everything(broker: Broker): Promise<string> {
  const queues = await broker.control(['list_queues', 'name', 'type', 'durable', 'arguments']);
  const exchanges = await broker.control(['list_exchanges', 'name', 'type']);
  const bindings = await broker.control(['list_bindings']);
  const lines = [queues, exchanges, bindings].flatMap((text) => text.split('\n'));
  // Queues in which processes hear of each other come and go with them.
  return lines
    .filter((line) => !line.includes('.members.'))
    .sort()
    .join('\n');
}

test('a queue with another number of partitions is refused, both numbers are named, and nothing changes', async (context) => {
  const broker = await sharedBrokerOrSkip(context);
  await open(broker, { name: 'cut', partitions: 8 });
  const before = await everything(broker);

  const refused = open(broker, { name: 'cut', partitions: 16 });

  await expect(refused).rejects.toThrow(/Cannot open queue "cut": .*16 partitions.* 8 /u);
  expect(await everything(broker)).toBe(before);
}, 120_000);

test('a queue whose partition is of another type at the broker is refused, the difference is named, and nothing changes', async (context) => {
  const broker = await sharedBrokerOrSkip(context);
  await using raw = await RawConnection.open(broker.node.url);
  const channel = await raw.model.createChannel();
  await channel.assertQueue('wq.classic.v1.n4.p2', {
    durable: true,
    arguments: {
      'x-single-active-consumer': true,
      'x-dead-letter-exchange': 'wq.classic.v1.n4.park',
    },
  });
  const before = await everything(broker);

  const refused = open(broker, { name: 'classic', partitions: 4 });

  await expect(refused).rejects.toThrow(
    /Cannot open queue "classic": x-[a-z-]+ of the queue "wq\.classic\.v1\.n4\.p2"/u,
  );
  expect(await everything(broker)).toBe(before);
}, 120_000);

test('a queue whose partition has other arguments at the broker is refused, the difference is named, and nothing changes', async (context) => {
  const broker = await sharedBrokerOrSkip(context);
  await using raw = await RawConnection.open(broker.node.url);
  const channel = await raw.model.createChannel();
  const quorumType = { 'x-queue-type': 'quorum', 'x-single-active-consumer': true };
  await channel.assertQueue('wq.limited.v1.n4.p0', {
    durable: true,
    arguments: { ...quorumType, 'x-delivery-limit': 4 },
  });
  const before = await everything(broker);

  const refused = open(broker, { name: 'limited', partitions: 4 });

  await expect(refused).rejects.toThrow(
    /Cannot open queue "limited": .*queue "wq\.limited\.v1\.n4\.p0"/u,
  );
  expect(await everything(broker)).toBe(before);
}, 120_000);

test('a queue that is as it was left is opened again', async (context) => {
  const broker = await sharedBrokerOrSkip(context);
  const first = await open(broker, { name: 'same', partitions: 8 });
  await first.close();
  const before = await everything(broker);

  const second = await open(broker, { name: 'same', partitions: 8 });

  await second.add('a');
  expect(await everything(broker)).toBe(before);
}, 120_000);
