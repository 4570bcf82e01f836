import { expect, test } from 'vitest';

import type { Broker } from '../src/broker/broker.ts';
import type { Verdict } from '../src/rig/checker.ts';
import { chooseSeed } from '../src/rig/seed.ts';
import { Rig } from '../src/rig/rig.ts';
import { sharedBrokerOrSkip } from '../src/testing/broker-or-skip.ts';
import { expectNothingAmiss, verdictFigures } from '../src/testing/expectations.ts';
import { recordFigures } from '../src/testing/figures.ts';

interface Backlog {
  readonly keys: number;
  readonly window: number;
}

/** Three producers add the same keys, each in another order, before there is a worker. */
async function addThrice(
  broker: Broker,
  seed: number,
  { keys: count, window }: Backlog,
): Promise<{ readonly verdict: Verdict; readonly left: number; readonly seconds: number }> {
  const queue = { name: `thrice-${window}`, heartbeatMs: 4000, window };
  await using rig = new Rig({ broker, queue, seed });
  const started = performance.now();
  const producers = await Promise.all(
    [1, 2, 3].map(async () => rig.producer({ keys: { prefix: 'k', count } })),
  );
  await Promise.all(producers.map(async (producer) => rig.finish(producer)));
  await rig.worker({ concurrency: 64 });
  const verdict = await rig.settled(120_000);
  await rig.stopWorkers();
  return { verdict, left: await rig.left(), seconds: (performance.now() - started) / 1000 };
}

test('a backlog in which each key was added three times is pulled first, and runs each key exactly once', async (context) => {
  const broker = await sharedBrokerOrSkip(context);
  const seed = chooseSeed();

  const { verdict, left, seconds } = await addThrice(broker, seed, {
    keys: 30_000,
    window: 60_000,
  });

  recordFigures({ story: 'collapse', seed, seconds, ...verdictFigures(verdict, left) });
  expectNothingAmiss(verdict, left);
  expect(verdict.adds).toHaveLength(90_000);
  expect(verdict.runs).toHaveLength(30_000);
}, 240_000);

test('a window far smaller than the backlog runs keys again and again', async (context) => {
  const broker = await sharedBrokerOrSkip(context);
  const seed = chooseSeed();

  const { verdict, left, seconds } = await addThrice(broker, seed, {
    keys: 10_000,
    window: 30,
  });

  recordFigures({ story: 'collapse, control', seed, seconds, ...verdictFigures(verdict, left) });
  expect(verdict.runs.length).toBeGreaterThan(15_000);
  expect(verdict.lost).toEqual([]);
}, 240_000);

test('fifty adds while a key runs make it run exactly once more', async (context) => {
  const broker = await sharedBrokerOrSkip(context);
  const seed = chooseSeed();
  const queue = { name: 'fifty', heartbeatMs: 4000 };
  await using rig = new Rig({ broker, queue, worker: { holds: true }, seed });
  const keys = { prefix: 'k', count: 1 };
  const worker = await rig.worker();
  await rig.finish(await rig.producer({ keys }));
  await expect.poll(() => worker.lines.length, { timeout: 20_000 }).toBe(1);

  const producer = await rig.producer({ keys, ratePerS: 100 });
  await expect.poll(() => producer.lines.length, { timeout: 20_000 }).toBeGreaterThan(50);
  await rig.finish(producer);
  const linesAfterAdds = worker.lines.length;
  await worker.ask('release');
  const verdict = await rig.settled(60_000);
  await rig.stopWorkers();

  recordFigures({ story: 'fifty adds', seed, ...verdictFigures(verdict, await rig.left()) });
  // The arrangement: all adds came while the first run was under way.
  expect(linesAfterAdds).toBe(1);
  expect(verdict.runs).toHaveLength(2);
}, 120_000);
