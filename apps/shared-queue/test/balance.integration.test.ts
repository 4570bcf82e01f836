import { setTimeout as sleep } from 'node:timers/promises';

import { seededRandom } from '@kubeloop/chaos/random';
import { expect, test } from 'vitest';

import { waitUntil } from '../src/broker/wait-until.ts';
import { monotonicMs } from '../src/rig/monotonic.ts';
import { chooseSeed } from '../src/rig/seed.ts';
import { describe } from '../src/rig/questions.ts';
import { Rig } from '../src/rig/rig.ts';
import { sharedBrokerOrSkip } from '../src/testing/broker-or-skip.ts';
import { expectNothingAmiss, verdictFigures } from '../src/testing/expectations.ts';
import { recordFigures } from '../src/testing/figures.ts';
import { quorum, RawConnection } from '../src/testing/raw.ts';

const partitions = 16;
const heartbeatMs = 2000;
const graceMs = 1500;

/** How many partitions each living worker owns. */
async function shares(rig: Rig): Promise<number[]> {
  const descriptions = await Promise.all(rig.living.map(async (worker) => describe(worker)));
  return descriptions.map(
    (each) => each.partitions.filter(({ state }) => state === 'owned').length,
  );
}

/** Waits until all partitions are owned, evenly, and says how long that took and who owned how many. */
async function even(rig: Rig, timeoutMs: number): Promise<{ ms: number; owned: string }> {
  const started = monotonicMs();
  let owned: number[] = [];
  const detail = (): string => `They own ${owned.join(', ')}`;
  const what = 'the partitions are shared out evenly';
  await waitUntil({ what, timeoutMs, intervalMs: 100, detail }, async () => {
    owned = await shares(rig);
    const fair = partitions / owned.length;
    const isAll = owned.reduce((sum, count) => sum + count, 0) === partitions;
    return isAll && owned.every((count) => Math.abs(count - fair) <= 1);
  });
  return { ms: monotonicMs() - started, owned: owned.join(' ') };
}

test('workers that start one after the other share the partitions evenly, and again when one is killed, under load', async (context) => {
  const broker = await sharedBrokerOrSkip(context);
  const seed = chooseSeed();
  const queue = { name: 'balance', heartbeatMs, takeoverGraceMs: graceMs, partitions };
  await using rig = new Rig({ broker, queue, worker: { runMs: [20, 60] }, seed });
  const producer = await rig.producer({ keys: { prefix: 'k', count: 500 }, ratePerS: 100 });

  for (let started = 0; started < 4; started += 1) {
    if (started > 0) await sleep(2000);
    await rig.worker();
  }
  // Ten seconds, and ten more for a machine that is busy.
  const afterStart = await even(rig, 20_000);
  await seededRandom(seed).pick(rig.living).kill();
  const afterKill = await even(rig, 25_000 + graceMs);
  await rig.finish(producer);
  const verdict = await rig.settled(60_000);
  await rig.stopWorkers();
  const left = await rig.left();

  recordFigures({
    story: 'balance',
    seed,
    heartbeatMs,
    evenAfterLastStartMs: afterStart.ms,
    sharesOfFour: afterStart.owned,
    evenAfterKillMs: afterKill.ms,
    sharesOfThree: afterKill.owned,
    ...verdictFigures(verdict, left),
  });
  expectNothingAmiss(verdict, left);
  expect(afterStart.owned.split(' ')).toHaveLength(4);
  expect(afterKill.owned.split(' ')).toHaveLength(3);
}, 180_000);

test('the broker by itself leaves all queues with the first who subscribed', async (context) => {
  const broker = await sharedBrokerOrSkip(context);
  await using first = await RawConnection.open(broker.node.url);
  await using second = await RawConnection.open(broker.node.url);
  const received = { first: 0, second: 0 };

  for (const [name, { model }] of [
    ['first', first],
    ['second', second],
  ] as const) {
    const channel = await model.createChannel();
    for (let index = 0; index < partitions; index += 1) {
      const queue = `unshared-${index}`;
      await channel.assertQueue(queue, quorum({ 'x-single-active-consumer': true }));
      await channel.consume(queue, () => void (received[name] += 1), { noAck: true });
    }
  }
  const channel = await first.model.createConfirmChannel();
  for (let index = 0; index < partitions; index += 1)
    channel.sendToQueue(`unshared-${index}`, Buffer.from('a'));
  await channel.waitForConfirms();

  await expect.poll(() => received, { timeout: 10_000 }).toEqual({ first: partitions, second: 0 });
}, 60_000);
