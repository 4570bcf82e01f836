import { AmqpQueue, partitionOf } from '@kubeloop/workqueue-amqp';
import { expect, test } from 'vitest';

import type { Broker } from '../src/broker/broker.ts';
import { waitUntil } from '../src/broker/wait-until.ts';
import { chooseSeed } from '../src/rig/seed.ts';
import { messagesLeft } from '../src/rig/rig.ts';
import { startBrokerOrSkip } from '../src/testing/broker-or-skip.ts';
import { recordFigures } from '../src/testing/figures.ts';
import { quorum, RawConnection, takeAll } from '../src/testing/raw.ts';

const partitions = 16;
const keys: readonly string[] = Array.from({ length: 2000 }, (_, index) => `default/key-${index}`);

/** Adds every key once, without taking any. */
async function addAll(broker: Broker): Promise<void> {
  const queue = await AmqpQueue.open({ name: 'mapped', urls: broker.urls, partitions });
  await Promise.all(keys.map(async (key) => queue.add(key)));
  await queue.close();
}

test('a key goes to the same partition before and after restarts of the broker, in every process', async (context) => {
  await using broker = await startBrokerOrSkip(context);

  await addAll(broker);
  await broker.node.stop();
  await broker.node.start();
  await addAll(broker);
  await broker.node.kill();
  await broker.node.start();
  await addAll(broker);

  const what = 'the broker has all that was added';
  await waitUntil({ what, timeoutMs: 30_000, intervalMs: 500 }, async () => {
    const left = await messagesLeft(broker, 'mapped').catch(() => 0);
    return left === 3 * keys.length;
  });
  const wrong: string[] = [];
  const copies = new Map<string, number>();
  for (let index = 0; index < partitions; index += 1) {
    for (const key of await takeAll(broker.node.url, `wq.mapped.v1.n${partitions}.p${index}`)) {
      if (partitionOf(key, partitions) !== index) wrong.push(key);
      copies.set(key, (copies.get(key) ?? 0) + 1);
    }
  }
  recordFigures({ story: 'mapping', seed: 0, keys: copies.size, moved: wrong.length });
  expect(wrong).toEqual([]);
  expect([...new Set(copies.values())]).toEqual([3]);
  expect(copies.size).toBe(keys.length);
}, 180_000);

/** Where the consistent-hash exchange of the broker puts each key. */
async function hashed(broker: Broker): Promise<Map<string, number>> {
  await using connection = await RawConnection.open(broker.node.url);
  const channel = await connection.model.createConfirmChannel();
  await channel.assertExchange('ring', 'x-consistent-hash');
  for (let index = 0; index < partitions; index += 1) {
    await channel.assertQueue(`ring-${index}`, quorum());
    await channel.bindQueue(`ring-${index}`, 'ring', '1');
  }
  for (const key of keys) channel.publish('ring', key, Buffer.from(key), { persistent: true });
  await channel.waitForConfirms();
  const where = new Map<string, number>();
  for (let index = 0; index < partitions; index += 1)
    for (const key of await takeAll(broker.node.url, `ring-${index}`)) where.set(key, index);
  return where;
}

test('the hash of the broker moves more than half of the keys when the broker restarts', async (context) => {
  const plugins = ['rabbitmq_consistent_hash_exchange'];
  await using broker = await startBrokerOrSkip(context, { plugins });

  const before = await hashed(broker);
  await broker.node.stop();
  await broker.node.start();
  const after = await hashed(broker);

  const moved = keys.filter((key) => before.get(key) !== after.get(key)).length;
  recordFigures({ story: 'mapping, control', seed: chooseSeed(), keys: keys.length, moved });
  expect(before.size).toBe(keys.length);
  expect(moved).toBeGreaterThan(keys.length / 2);
}, 180_000);
