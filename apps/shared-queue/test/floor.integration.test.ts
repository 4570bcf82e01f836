import { setTimeout as sleep } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { waitUntil } from '../src/broker/wait-until.ts';
import type { Usage } from '../src/programs/worker-config.ts';
import type { RigProgram } from '../src/rig/program.ts';
import { describe } from '../src/rig/questions.ts';
import { Rig } from '../src/rig/rig.ts';
import { chooseSeed } from '../src/rig/seed.ts';
import { sharedBrokerOrSkip } from '../src/testing/broker-or-skip.ts';
import { expectNothingAmiss, verdictFigures } from '../src/testing/expectations.ts';
import { recordFigures } from '../src/testing/figures.ts';

async function usage(worker: RigProgram): Promise<Usage> {
  // The program answers with this type.
  return (await worker.ask('usage')) as Usage;
}

test('keys go through at a steady pace', async (context) => {
  const broker = await sharedBrokerOrSkip(context);
  const seed = chooseSeed();
  const queue = { name: 'floor', heartbeatMs: 10_000 };
  await using rig = new Rig({ broker, queue, worker: { concurrency: 64 }, seed });
  await rig.worker();
  const producer = await rig.producer({ keys: { prefix: 'k', count: 30_000 } });
  await rig.finish(producer);
  const verdict = await rig.settled(120_000);
  await rig.stopWorkers();
  const left = await rig.left();

  const fromMs = Math.min(...verdict.adds.map(({ sentMs }) => sentMs));
  const toMs = Math.max(...verdict.runs.map(({ endMs }) => endMs));
  const perSecond = verdict.adds.length / ((toMs - fromMs) / 1000);
  recordFigures({ story: 'floor', seed, ...verdictFigures(verdict, left), keysPerS: perSecond });
  expectNothingAmiss(verdict, left);
  // Far below the 5000 that an idle machine must reach: this one shares its two cores with the broker and other tests.
  expect(perSecond).toBeGreaterThan(1000);
}, 180_000);

test('100,000 keys that wait take less than 400 MB, and a worker without work takes next to no time', async (context) => {
  const broker = await sharedBrokerOrSkip(context);
  const seed = chooseSeed();
  const queue = { name: 'memory', heartbeatMs: 10_000 };
  const worker = { concurrency: 1, runMs: [600_000, 600_000] as const };
  await using rig = new Rig({ broker, queue, worker, seed });
  await rig.finish(await rig.producer({ keys: { prefix: 'k', count: 100_000 } }));

  const holder = await rig.worker();
  const what = 'all keys are in the window';
  await waitUntil({ what, timeoutMs: 120_000, intervalMs: 500 }, async () => {
    const { partitions } = await describe(holder);
    return partitions.reduce((sum, each) => sum + each.windowFill, 0) === 100_000;
  });
  const before = await usage(holder);
  await sleep(10_000);
  const after = await usage(holder);

  const rssMb = after.rssBytes / 1e6;
  const idleShare = (after.cpuMs - before.cpuMs) / (after.atMs - before.atMs);
  recordFigures({ story: 'floor, memory', seed, rssMb, idlePercent: 100 * idleShare });
  expect(rssMb).toBeLessThan(400);
  // Two per cent, and as much for the collector, which cleans up after the storm.
  expect(idleShare).toBeLessThan(0.04);
}, 240_000);
