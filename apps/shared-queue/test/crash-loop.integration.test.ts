import { once } from 'node:events';

import { expect, test } from 'vitest';

import { waitUntil } from '../src/broker/wait-until.ts';
import { chooseSeed } from '../src/rig/seed.ts';
import { Rig } from '../src/rig/rig.ts';
import { sharedBrokerOrSkip } from '../src/testing/broker-or-skip.ts';
import { expectNothingAmiss, verdictFigures } from '../src/testing/expectations.ts';
import { recordFigures } from '../src/testing/figures.ts';
import { quorum, RawConnection } from '../src/testing/raw.ts';

const crashes = 25;

test('keys whose owner crashes 25 times while it has them are all run by the next', async (context) => {
  const broker = await sharedBrokerOrSkip(context);
  const seed = chooseSeed();
  const queue = { name: 'crashes', heartbeatMs: 2000, takeoverGraceMs: 0, partitions: 4 };
  await using rig = new Rig({ broker, queue, seed });
  const keys = { prefix: 'k', count: 100 };
  await rig.finish(await rig.producer({ keys }));

  for (let crash = 0; crash < crashes; crash += 1) {
    const owner = await rig.worker({ concurrency: 100, runMs: [600_000, 600_000] });
    const what = `the owner has all keys before crash ${crash}`;
    await waitUntil(
      { what, timeoutMs: 30_000, intervalMs: 10, detail: () => owner.lastOutput },
      () => {
        const started = owner.lines.filter(({ word }) => word === 'S').length;
        return started === keys.count;
      },
    );
    await owner.kill();
  }
  await rig.worker();
  const verdict = await rig.settled(60_000);
  await rig.stopWorkers();
  const left = await rig.left();

  recordFigures({ story: 'crash loop', seed, crashes, ...verdictFigures(verdict, left) });
  expectNothingAmiss(verdict, left);
  const completed = verdict.runs.filter(({ isComplete }) => isComplete);
  expect(new Set(completed.map(({ key }) => key)).size).toBe(100);
}, 240_000);

test('a delivery limit of four loses innocent messages after five crashes', async (context) => {
  const broker = await sharedBrokerOrSkip(context);
  const limited = quorum({ 'x-delivery-limit': 4 });
  await using producer = await RawConnection.open(broker.node.url);
  const channel = await producer.model.createConfirmChannel();
  await channel.assertQueue('limited', limited);
  for (let index = 0; index < 100; index += 1)
    channel.sendToQueue('limited', Buffer.from(`k${index}`), { persistent: true });
  await channel.waitForConfirms();

  for (let crash = 0; crash < 5; crash += 1) {
    const owner = await RawConnection.open(broker.node.url);
    const holding = await owner.model.createChannel();
    let held = 0;
    await holding.consume('limited', () => void (held += 1));
    await expect.poll(() => held, { timeout: 10_000 }).toBe(100);
    const closed = once(owner.model, 'close');
    await owner.model.close();
    await closed;
  }

  const messagesIn = async (): Promise<number> =>
    (await channel.checkQueue('limited')).messageCount;
  await expect.poll(messagesIn, { timeout: 10_000 }).toBe(0);
}, 120_000);
