import { setTimeout as sleep } from 'node:timers/promises';

import { seededRandom } from '@kubeloop/chaos/random';
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

const graceMs = 2000;
const betweenKillsMs = 3000;

interface Outcome {
  readonly verdict: Verdict;
  /** When, and how long after it a key of the killed worker ran elsewhere. */
  readonly kills: readonly { readonly atMs: number; readonly runAgainMs: number | undefined }[];
  readonly left: number;
}

/** Four workers, two producers; every few seconds one worker is killed and another started in its place. */
async function killWorkers(
  broker: Broker,
  seed: number,
  { kills: wanted, naive }: { readonly kills: number; readonly naive?: NaiveFault },
): Promise<Outcome> {
  const random = seededRandom(seed);
  const name = `kill-${naive === undefined ? 'real' : 'naive'}`;
  const queue = { name, heartbeatMs: 2000, takeoverGraceMs: graceMs, naive };
  await using rig = new Rig({ broker, queue, worker: { runMs: [5, 20] }, seed });
  await Promise.all([1, 2, 3, 4].map(async () => rig.worker()));
  const keys = { prefix: 'k', count: 3000 };
  const producers = await Promise.all(
    [1, 2].map(async () => rig.producer({ keys, ratePerS: 300 })),
  );
  const killed: { name: string; atMs: number }[] = [];
  while (killed.length < wanted) {
    await sleep(betweenKillsMs);
    // The naive queue has one owner of everything: the one that is killed.
    const victim = naive === undefined ? random.pick(rig.living) : rig.living[0];
    if (victim === undefined) throw new Error('Cannot kill a worker: none runs');
    killed.push({ name: victim.name, atMs: monotonicMs() });
    await victim.kill();
    await rig.worker();
  }
  await Promise.all(producers.map(async (producer) => rig.finish(producer)));
  const verdict = naive === undefined ? await rig.settled(60_000) : await rig.quiet();
  await rig.stopWorkers();
  const kills = killed.map(({ name, atMs }) => ({
    atMs,
    runAgainMs: runAgain(verdict, name, atMs),
  }));
  return { verdict, kills, left: await rig.left() };
}

/** How long after a kill the first of the keys that were cut ran elsewhere; `undefined` when none was cut. */
function runAgain({ runs }: Verdict, worker: string, atMs: number): number | undefined {
  const cut = runs.filter((run) => run.worker === worker && !run.isComplete).map(({ key }) => key);
  const again = runs.find((run) => run.startMs > atMs && cut.includes(run.key));
  return again === undefined ? undefined : again.startMs - atMs;
}

test('workers that are killed one after the other lose no confirmed add, and no key runs twice at once', async (context) => {
  const broker = await sharedBrokerOrSkip(context);
  const seed = chooseSeed();

  const { verdict, kills, left } = await killWorkers(broker, seed, { kills: 7 });

  const again = kills.flatMap(({ runAgainMs }) => runAgainMs ?? []);
  recordFigures({
    story: 'kill workers',
    seed,
    ...verdictFigures(verdict, left),
    kills: kills.length,
    graceMs,
    cutKeyRunsAgainP50Ms: percentile(again, 0.5),
    cutKeyRunsAgainMaxMs: percentile(again, 1),
  });
  expectNothingAmiss(verdict, left);
  expect(verdict.adds.length).toBeGreaterThan(5000);
  // Within a second after the grace, and another for a machine that is busy.
  expect(percentile(again, 1)).toBeLessThan(graceMs + 2000);
}, 180_000);

test('the same story on a queue that acknowledges what it has only received loses adds', async (context) => {
  const broker = await sharedBrokerOrSkip(context);
  const seed = chooseSeed();

  const { verdict } = await killWorkers(broker, seed, { kills: 2, naive: 'acks early' });

  recordFigures({ story: 'kill workers, control', seed, lost: verdict.lost.length });
  expect(verdict.lost.length).toBeGreaterThan(0);
}, 180_000);
