import { setTimeout as sleep } from 'node:timers/promises';

import { expect, test } from 'vitest';

import type { Broker } from '../src/broker/broker.ts';
import type { NaiveFault } from '../src/programs/naive-queue.ts';
import type { Verdict } from '../src/rig/checker.ts';
import { monotonicMs } from '../src/rig/monotonic.ts';
import { chooseSeed } from '../src/rig/seed.ts';
import { Rig } from '../src/rig/rig.ts';
import { sharedBrokerOrSkip } from '../src/testing/broker-or-skip.ts';
import { expectNothingAmiss, verdictFigures } from '../src/testing/expectations.ts';
import { percentile, recordFigures } from '../src/testing/figures.ts';

const longestRunMs = 100;

interface Outcome {
  readonly verdict: Verdict;
  readonly left: number;
  readonly exitMs: readonly number[];
  readonly ends: readonly (string | undefined)[];
  readonly startsAfterSignal: number;
}

/** Under load, each of three workers in turn is asked to end, and replaced. */
async function roll(broker: Broker, seed: number, naive?: NaiveFault): Promise<Outcome> {
  const name = `roll-${naive === undefined ? 'real' : 'naive'}`;
  const queue = { name, heartbeatMs: 2000, takeoverGraceMs: 1500, naive };
  const worker = { runMs: [20, longestRunMs] as const };
  await using rig = new Rig({ broker, queue, worker, seed });
  await Promise.all([1, 2, 3].map(async () => rig.worker()));
  const producer = await rig.producer({ keys: { prefix: 'k', count: 1000 }, ratePerS: 200 });
  const exitMs: number[] = [];
  const leaving = rig.workers.slice();
  for (const worker of leaving) {
    await sleep(2000);
    const asked = monotonicMs();
    await worker.stop();
    exitMs.push(monotonicMs() - asked);
    await rig.worker();
  }
  await rig.finish(producer);
  const verdict = naive === undefined ? await rig.settled(60_000) : await rig.quiet();
  await rig.stopWorkers();
  const startsAfterSignal = leaving.reduce((sum, { lines }) => {
    const told = lines.findIndex(({ word }) => word === 'T');
    return sum + lines.slice(told).filter(({ word }) => word === 'S').length;
  }, 0);
  const ends = leaving.map(({ end }) => end);
  return { verdict, left: await rig.left(), exitMs, ends, startsAfterSignal };
}

test('workers that are asked to end start nothing more, finish what runs, and leave the rest to the others', async (context) => {
  const broker = await sharedBrokerOrSkip(context);
  const seed = chooseSeed();

  const { verdict, left, exitMs, ends, startsAfterSignal } = await roll(broker, seed);

  recordFigures({
    story: 'drain',
    seed,
    ...verdictFigures(verdict, left),
    startsAfterSignal,
    exitP50Ms: percentile(exitMs, 0.5),
    exitMaxMs: percentile(exitMs, 1),
  });
  expectNothingAmiss(verdict, left);
  expect(startsAfterSignal).toBe(0);
  expect(ends).toEqual(['code 0', 'code 0', 'code 0']);
  expect(verdict.runs.filter(({ isComplete }) => !isComplete)).toEqual([]);
  expect(percentile(exitMs, 1)).toBeLessThan(longestRunMs + 2000);
}, 120_000);

test('the same story on a queue that acknowledges early and does not wait loses adds', async (context) => {
  const broker = await sharedBrokerOrSkip(context);
  const seed = chooseSeed();

  const { verdict } = await roll(broker, seed, 'acks early');

  recordFigures({ story: 'drain, control', seed, lost: verdict.lost.length });
  expect(verdict.lost.length).toBeGreaterThan(0);
}, 120_000);
