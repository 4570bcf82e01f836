import { setTimeout as sleep } from 'node:timers/promises';

import { seededRandom } from '@kubeloop/chaos/random';
import { expect, test } from 'vitest';

import type { NaiveRedisFault } from '../src/redis/redis-engine.ts';
import { redisOrSkip } from '../src/redis/redis-or-skip.ts';
import { RedisRig } from '../src/redis/redis-rig.ts';
import type { Verdict } from '../src/rig/checker.ts';
import { monotonicMs } from '../src/rig/monotonic.ts';
import { chooseSeed } from '../src/rig/seed.ts';
import { expectNothingAmiss, verdictFigures } from '../src/testing/expectations.ts';
import { percentile, recordFigures } from '../src/testing/figures.ts';

const leaseMs = 1500;

/** How long after a kill the last of the keys that were cut ran elsewhere. */
function runAgainMs({ runs }: Verdict, worker: string, atMs: number): number {
  const cut = new Set(
    runs.filter((run) => run.worker === worker && !run.isComplete).map(({ key }) => key),
  );
  const firsts = [...cut].map((key) => runs.find((run) => run.key === key && run.startMs > atMs));
  return Math.max(0, ...firsts.map((run) => (run?.startMs ?? Infinity) - atMs));
}

/** Three workers, a producer; every few seconds one worker is killed and another started in its place. */
async function killWorkers(
  url: string,
  seed: number,
  options: { readonly kills: number; readonly naive?: NaiveRedisFault },
): Promise<{ readonly verdict: Verdict; readonly left: number; readonly againMs: number[] }> {
  const { kills, naive } = options;
  const random = seededRandom(seed);
  const engine = { leaseMs, naive };
  // The control's runs are so long that every kill cuts some dozens.
  const worker =
    naive === undefined
      ? ({ runMs: [5, 20] } as const)
      : ({ runMs: [100, 200], concurrency: 100 } as const);
  await using rig = new RedisRig({ name: 'kill', url, engine, worker, seed });
  await Promise.all([1, 2, 3].map(async () => rig.worker()));
  // The control's are so many that hardly one is added again later, which would hide that it was lost.
  const keys = { prefix: 'k', count: naive === undefined ? 3000 : 100_000 };
  const producer = await rig.producer({ keys, ratePerS: 500 });
  const killed: { readonly name: string; readonly atMs: number }[] = [];
  while (killed.length < kills) {
    await sleep(1200);
    const victim = random.pick(rig.living);
    killed.push({ name: victim.name, atMs: monotonicMs() });
    await victim.kill();
    await rig.worker();
  }
  await rig.finish(producer);
  const verdict = naive === undefined ? await rig.settled() : await rig.quiet(40_000);
  const againMs = killed.map(({ name, atMs }) => runAgainMs(verdict, name, atMs));
  return { verdict, left: await rig.left(), againMs };
}

test('workers that are killed one after the other lose no add, no key runs twice at once, and their keys run again when the lease ends', async (context) => {
  await using server = await redisOrSkip(context);
  const seed = chooseSeed();

  const { verdict, left, againMs } = await killWorkers(server.url, seed, { kills: 5 });

  recordFigures({
    story: 'redis: kill workers',
    seed,
    leaseMs,
    ...verdictFigures(verdict, left),
    cutKeyRunsAgainMaxMs: percentile(againMs, 1),
  });
  expectNothingAmiss(verdict, left);
  expect(verdict.adds.length).toBeGreaterThan(2000);
  // The lease, and two seconds for a machine that is busy.
  expect(percentile(againMs, 1)).toBeLessThan(leaseMs + 2000);
}, 90_000);

test('the same story on a queue that forgets what it has handed out loses adds', async (context) => {
  await using server = await redisOrSkip(context);
  const seed = chooseSeed();

  const naive = 'forgets what it gave';
  const { verdict } = await killWorkers(server.url, seed, { kills: 2, naive });

  recordFigures({ story: 'redis: kill workers, control', seed, lost: verdict.lost.length });
  expect(verdict.lost.length).toBeGreaterThan(0);
}, 90_000);

/** Adds 600 keys twice, the second time at every moment from the first add until long after its run. */
async function addTwice(
  url: string,
  seed: number,
  naive?: NaiveRedisFault,
): Promise<{ readonly verdict: Verdict; readonly left: number }> {
  // The control's runs are so long that also on a busy machine some second adds fall into one.
  const [runMs, againWithinMs] =
    naive === undefined ? ([[20, 40], 400] as const) : ([[1000, 1500], 2500] as const);
  const worker = { runMs, concurrency: naive === undefined ? 100 : 600 };
  await using rig = new RedisRig({ name: 'twice', url, engine: { naive }, worker, seed });
  await rig.worker();
  const keys = { prefix: 'k', count: 600 };
  const producer = await rig.producer({ keys, againWithinMs });
  await rig.finish(producer);
  const verdict = naive === undefined ? await rig.settled() : await rig.quiet(40_000);
  return { verdict, left: await rig.left() };
}

test('a key that is added again at any moment of its first round has a run that starts later', async (context) => {
  await using server = await redisOrSkip(context);
  const seed = chooseSeed();

  const { verdict, left } = await addTwice(server.url, seed);

  recordFigures({ story: 'redis: lost wake-up', seed, ...verdictFigures(verdict, left) });
  expectNothingAmiss(verdict, left);
  expect(verdict.adds).toHaveLength(1200);
}, 60_000);

test('the same story on a queue that drops adds while a key runs loses some', async (context) => {
  await using server = await redisOrSkip(context);
  const seed = chooseSeed();

  const { verdict } = await addTwice(server.url, seed, 'drops adds while running');

  recordFigures({ story: 'redis: lost wake-up, control', seed, lost: verdict.lost.length });
  expect(verdict.lost.length).toBeGreaterThan(0);
}, 60_000);

test('workers that are asked to end under load start nothing more, end their runs, and leave the rest to others at once', async (context) => {
  await using server = await redisOrSkip(context);
  const seed = chooseSeed();
  const worker = { runMs: [20, 100] as const };
  const engine = { leaseMs: 60_000 };
  await using rig = new RedisRig({ name: 'drain', url: server.url, engine, worker, seed });
  await Promise.all([1, 2, 3].map(async () => rig.worker()));
  const producer = await rig.producer({ keys: { prefix: 'k', count: 3000 }, ratePerS: 300 });
  const exits: number[] = [];
  for (const old of rig.living) {
    await sleep(500);
    const askedMs = monotonicMs();
    await old.stop();
    exits.push(monotonicMs() - askedMs);
    await rig.worker();
  }
  await rig.finish(producer);
  // A key that was left behind in work would be missing until the lease ends, which is longer than this waits.
  const verdict = await rig.settled(20_000);

  const startsAfterSignal = rig.workers.flatMap(({ lines }) => {
    const askedAt = lines.findIndex(({ word }) => word === 'T');
    return askedAt < 0 ? [] : lines.slice(askedAt).filter(({ word }) => word === 'S');
  });
  recordFigures({
    story: 'redis: drain',
    seed,
    ...verdictFigures(verdict, await rig.left()),
    exitMaxMs: percentile(exits, 1),
  });
  expectNothingAmiss(verdict, await rig.left());
  expect(startsAfterSignal).toEqual([]);
  expect(verdict.runs.filter((run) => !run.isComplete)).toEqual([]);
  expect(percentile(exits, 1)).toBeLessThan(2100);
}, 60_000);

test('a worker that is killed instead of asked cuts runs off, which the drain story would show', async (context) => {
  await using server = await redisOrSkip(context);
  const seed = chooseSeed();
  const worker = { runMs: [200, 300] as const };
  await using rig = new RedisRig({
    name: 'drain',
    url: server.url,
    engine: { leaseMs },
    worker,
    seed,
  });
  const first = await rig.worker();
  const producer = await rig.producer({ keys: { prefix: 'k', count: 300 } });
  await rig.finish(producer);

  await first.kill();
  await rig.worker();
  const verdict = await rig.settled();

  expect(verdict.runs.filter((run) => !run.isComplete).length).toBeGreaterThan(0);
}, 60_000);
