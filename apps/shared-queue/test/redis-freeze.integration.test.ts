import { setTimeout as sleep } from 'node:timers/promises';

import { RedisQueue } from '@kubeloop/workqueue-redis';
import { expect, test } from 'vitest';

import { waitUntil } from '../src/broker/wait-until.ts';
import type { NaiveRedisFault } from '../src/redis/redis-engine.ts';
import { redisOrSkip } from '../src/redis/redis-or-skip.ts';
import { RedisRig } from '../src/redis/redis-rig.ts';
import type { Overlap, Verdict } from '../src/rig/checker.ts';
import { monotonicMs } from '../src/rig/monotonic.ts';
import { CuttingProxy } from '../src/rig/proxy.ts';
import { chooseSeed } from '../src/rig/seed.ts';
import { verdictFigures } from '../src/testing/expectations.ts';
import { recordFigures } from '../src/testing/figures.ts';

const leaseMs = 1500;
const concurrency = 8;

interface Outcome {
  readonly verdict: Verdict;
  readonly left: number;
  readonly zombie: string;
  readonly frozenAtMs: number;
  readonly wokenAtMs: number;
}

/** Freezes one of two workers for three leases, and wakes it. */
async function freeze(url: string, seed: number, naive?: NaiveRedisFault): Promise<Outcome> {
  // Some runs are still under way when the worker has been awake for a while.
  const hanging = { prefix: 'k1', runMs: 4 * leaseMs + 1000 };
  const worker = { runMs: [300, 500] as const, hanging, concurrency };
  await using rig = new RedisRig({ name: 'freeze', url, engine: { leaseMs, naive }, worker, seed });
  const zombie = await rig.worker();
  const producer = await rig.producer({ keys: { prefix: 'k', count: 14 }, ratePerS: 40 });
  const started = (): boolean => zombie.lines.filter(({ word }) => word === 'S').length > 12;
  await waitUntil({ what: 'the worker works', timeoutMs: 30_000 }, started);
  zombie.signal('SIGSTOP');
  const frozenAtMs = monotonicMs();
  await rig.worker();
  await sleep(3 * leaseMs);
  zombie.signal('SIGCONT');
  const wokenAtMs = monotonicMs();
  await sleep(1500);
  if (naive === undefined) await rig.finish(producer);
  const verdict = naive === undefined ? await rig.settled() : rig.verdict();
  return { verdict, left: await rig.left(), zombie: zombie.name, frozenAtMs, wokenAtMs };
}

/** Runs that went on after their process was awake for a moment, and had not been told to stop by then. */
function untold(overlaps: readonly Overlap[], wokenAtMs: number): Overlap[] {
  const momentMs = 500;
  return overlaps.filter(
    ({ first }) =>
      first.endMs > wokenAtMs + momentMs &&
      !((first.abortedAtMs ?? Infinity) < wokenAtMs + momentMs),
  );
}

test('only what a frozen worker was working on runs elsewhere meanwhile, and each such run is told to stop when it wakes', async (context) => {
  await using server = await redisOrSkip(context);
  const seed = chooseSeed();

  const outcome = await freeze(server.url, seed);

  const { verdict, left, zombie, frozenAtMs, wokenAtMs } = outcome;
  const stopped = verdict.overlaps.filter(({ first }) => first.worker === zombie);
  const takenOverMs = Math.min(...stopped.map(({ second }) => second.startMs)) - frozenAtMs;
  recordFigures({
    story: 'redis: freeze a worker',
    seed,
    leaseMs,
    ...verdictFigures(verdict, left),
    takenOverMs,
  });
  expect({ lost: verdict.lost, left }).toEqual({ lost: [], left: 0 });
  expect(verdict.overlaps.length).toBeGreaterThan(0);
  expect(verdict.overlaps.filter(({ first }) => first.worker !== zombie)).toEqual([]);
  expect(new Set(stopped.map(({ first }) => first)).size).toBeLessThanOrEqual(concurrency);
  expect(stopped.filter(({ first }) => first.abortedAtMs !== undefined)).not.toEqual([]);
  expect(untold(stopped, wokenAtMs)).toEqual([]);
  // Not before the lease is over, as far as it was renewed; and three seconds for a machine that is busy.
  expect(takenOverMs).toBeGreaterThan(0.5 * leaseMs);
  expect(takenOverMs).toBeLessThan(leaseMs + 3000);
}, 60_000);

test('a worker that trusts its lease goes on when it wakes, and is told nothing', async (context) => {
  await using server = await redisOrSkip(context);
  const seed = chooseSeed();

  const { verdict, wokenAtMs } = await freeze(server.url, seed, 'trusts its lease');

  const count = untold(verdict.overlaps, wokenAtMs).length;
  recordFigures({ story: 'redis: freeze a worker, control', seed, untold: count });
  expect(count).toBeGreaterThan(0);
}, 60_000);

test('a process that cannot reach the server has its run aborted before another gets the key, and its done changes nothing', async (context) => {
  await using server = await redisOrSkip(context);
  await using proxy = await CuttingProxy.open(server.port);
  const options = { name: 'silent', leaseMs: 1000, onError: () => undefined };
  const url = `redis://127.0.0.1:${new URL(proxy.url).port}`;
  await using cutOff = await RedisQueue.open({ ...options, url });
  await using other = await RedisQueue.open({ ...options, url: server.url });
  await cutOff.add('a');
  const { signal } = await cutOff.get();
  let abortedAtMs = Infinity;
  signal?.addEventListener('abort', () => {
    abortedAtMs = monotonicMs();
  });
  const silentAtMs = monotonicMs();
  proxy.silence();

  const again = await other.get();
  const takenOverAtMs = monotonicMs();
  proxy.unsilence();
  await cutOff.done('a');
  await cutOff.add('b');
  await cutOff.flushed();

  expect(again.item).toBe('a');
  expect(abortedAtMs).toBeLessThan(takenOverAtMs);
  expect(takenOverAtMs - silentAtMs).toBeGreaterThan(300);
  // The key is still in work, at the other process.
  expect(await other.inspect()).toMatchObject({ processing: 1, queued: 1 });
  expect(again.signal?.aborted).toBe(false);
}, 30_000);
