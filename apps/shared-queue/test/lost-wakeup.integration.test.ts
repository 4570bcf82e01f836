import { expect, test } from 'vitest';

import type { Broker } from '../src/broker/broker.ts';
import { waitUntil } from '../src/broker/wait-until.ts';
import type { NaiveFault } from '../src/programs/naive-queue.ts';
import type { Progress } from '../src/programs/producer-config.ts';
import type { Verdict } from '../src/rig/checker.ts';
import { chooseSeed } from '../src/rig/seed.ts';
import { Rig } from '../src/rig/rig.ts';
import { sharedBrokerOrSkip } from '../src/testing/broker-or-skip.ts';
import { expectNothingAmiss, verdictFigures } from '../src/testing/expectations.ts';
import { recordFigures } from '../src/testing/figures.ts';

/** Adds 600 keys twice, the second time at every moment from the first add until long after its run. */
async function addTwice(
  broker: Broker,
  seed: number,
  naive?: NaiveFault,
): Promise<{ readonly verdict: Verdict; readonly left: number }> {
  const name = `twice-${naive === undefined ? 'real' : 'naive'}`;
  // So long that a pause of the machine or the broker is short beside it.
  const worker = { runMs: [100, 200] as const, concurrency: 100 };
  await using rig = new Rig({ broker, queue: { name, heartbeatMs: 2000, naive }, worker, seed });
  await rig.worker();
  const keys = { prefix: 'k', count: 600 };
  const producer = await rig.producer({ keys, againWithinMs: 2000 });
  await rig.finish(producer);
  const verdict = naive === undefined ? await rig.settled(60_000) : await rig.quiet();
  await rig.stopWorkers();
  return { verdict, left: await rig.left() };
}

test('a key that is added again at any moment of its first round has a run that starts later', async (context) => {
  const broker = await sharedBrokerOrSkip(context);
  const seed = chooseSeed();

  const { verdict, left } = await addTwice(broker, seed);

  recordFigures({ story: 'lost wake-up', seed, ...verdictFigures(verdict, left) });
  expectNothingAmiss(verdict, left);
  expect(verdict.adds).toHaveLength(1200);
}, 120_000);

test('the same story on a queue that drops adds while a key runs loses some', async (context) => {
  const broker = await sharedBrokerOrSkip(context);
  const seed = chooseSeed();

  const { verdict } = await addTwice(broker, seed, 'drops adds while running');

  recordFigures({ story: 'lost wake-up, control', seed, lost: verdict.lost.length });
  expect(verdict.lost.length).toBeGreaterThan(0);
}, 120_000);

test('every confirmed add of a producer that is killed in the middle of a burst runs, and its successor needs no cleaning up', async (context) => {
  const broker = await sharedBrokerOrSkip(context);
  const seed = chooseSeed();
  await using rig = new Rig({ broker, queue: { name: 'burst', heartbeatMs: 2000 }, seed });
  const keys = { prefix: 'k', count: 20_000 };
  await rig.worker();

  const producer = await rig.producer({ keys });
  await waitUntil(
    { what: '3000 adds are confirmed', timeoutMs: 30_000, intervalMs: 10 },
    () => producer.lines.length > 3000,
  );
  await producer.kill();
  const confirmedAtKill = producer.lines.length;
  const afterKill = await rig.settled(60_000);
  const successor = await rig.producer({ keys });
  const progress: Progress = await rig.finish(successor);
  const verdict = await rig.settled(60_000);
  await rig.stopWorkers();
  const left = await rig.left();

  recordFigures({
    story: 'kill the producer',
    seed,
    confirmedAtKill,
    runsAfterKill: afterKill.runs.length,
    ...verdictFigures(verdict, left),
  });
  expect(confirmedAtKill).toBeLessThan(20_000);
  expect(progress.confirmed).toBe(20_000);
  expectNothingAmiss(verdict, left);
  expect(new Set(verdict.runs.map(({ key }) => key)).size).toBe(20_000);
}, 180_000);
