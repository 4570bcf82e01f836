import { RedisQueue } from '@kubeloop/workqueue-redis';
import { expect, test } from 'vitest';

import { waitUntil } from '../src/broker/wait-until.ts';
import type { RedisEngine } from '../src/redis/redis-engine.ts';
import { redisOrSkip } from '../src/redis/redis-or-skip.ts';
import { RedisRig } from '../src/redis/redis-rig.ts';
import { monotonicMs } from '../src/rig/monotonic.ts';
import { chooseSeed } from '../src/rig/seed.ts';
import { percentile, recordFigures } from '../src/testing/figures.ts';

/** Takes so many keys with 64 workers; returns when each started, by key. */
async function takeAll(queue: RedisQueue, count: number): Promise<Map<string, number>> {
  const starts = new Map<string, number>();
  const stop = new AbortController();
  const work = async (): Promise<void> => {
    while (starts.size < count) {
      const { item } = await queue.get({ signal: stop.signal });
      if (item === undefined) return;
      starts.set(item, monotonicMs());
      if (starts.size === count) stop.abort();
      await queue.done(item);
    }
  };
  await Promise.allSettled(Array.from({ length: 64 }, work));
  return starts;
}

/** Adds every key three times, in three processes, each in an order of its own. */
async function addThrice(url: string, count: number, engine: RedisEngine = {}): Promise<void> {
  await using rig = new RedisRig({ name: 'collapse', url, engine, seed: chooseSeed() });
  const keys = { prefix: 'k', count };
  const producers = await Promise.all([1, 2, 3].map(async () => rig.producer({ keys })));
  await Promise.all(producers.map(async (producer) => rig.finish(producer)));
}

test('100,000 keys that are added by three processes before there is a worker are 100,000 runs', async (context) => {
  await using server = await redisOrSkip(context);
  await using queue = await RedisQueue.open({ name: 'collapse', url: server.url });

  await addThrice(server.url, 100_000);
  const before = await queue.inspect();
  const starts = await takeAll(queue, 100_000);
  await queue.flushed();

  expect(before).toMatchObject({ queued: 100_000, processing: 0, again: 0, delayed: 0 });
  expect(starts.size).toBe(100_000);
  expect(await queue.inspect()).toMatchObject({ queued: 0, processing: 0, again: 0, delayed: 0 });
}, 120_000);

test('on a queue that keeps duplicates every addition is a run', async (context) => {
  await using server = await redisOrSkip(context);
  const engine = { naive: 'keeps duplicates' as const };
  await addThrice(server.url, 1000, engine);
  const seed = chooseSeed();
  await using rig = new RedisRig({ name: 'collapse', url: server.url, engine, seed });
  await rig.worker();

  const verdict = await rig.quiet(40_000);

  expect(verdict.runs).toHaveLength(3000);
}, 60_000);

test('delays end never early and soon after their time, each by itself, also 20,000 at a time', async (context) => {
  await using server = await redisOrSkip(context);
  await using first = await RedisQueue.open({ name: 'delays', url: server.url });
  await using second = await RedisQueue.open({ name: 'delays', url: server.url });
  const due = new Map<string, number>();
  const delay = async (key: string, delayMs: number): Promise<void> => {
    due.set(key, Math.min(due.get(key) ?? Infinity, monotonicMs() + delayMs));
    await first.addAfter(key, delayMs);
  };
  const count = 500;
  const adding = Array.from({ length: count }, async (_, index) => {
    await delay(`k${index}`, 5000);
    await delay(`k${index}`, 1000 + index);
  });
  await Promise.all(adding);

  const few = await takeAll(second, count);
  const lateMs = [...few].map(([key, atMs]) => atMs - (due.get(key) ?? 0));
  due.clear();
  await Promise.all(Array.from({ length: 20_000 }, (_, index) => delay(`burst${index}`, 1000)));
  const lastDueMs = Math.max(...due.values());
  const many = await takeAll(second, 20_000);
  const early = [...many].filter(([key, atMs]) => atMs < (due.get(key) ?? 0));
  const burstMs = Math.max(...many.values()) - lastDueMs;

  const lateP99Ms = percentile(lateMs, 0.99);
  recordFigures({ story: 'redis: delays', seed: 0, lateP99Ms, burstMs });
  expect(Math.min(...lateMs)).toBeGreaterThanOrEqual(0);
  expect(lateP99Ms).toBeLessThan(250 + 750);
  expect(early).toEqual([]);
  expect(burstMs).toBeLessThan(10_000);
  expect(await second.inspect()).toMatchObject({ queued: 0, processing: 0, delayed: 0 });
}, 60_000);

test('delayed keys come although the process that delayed them is killed', async (context) => {
  await using server = await redisOrSkip(context);
  const seed = chooseSeed();
  await using rig = new RedisRig({ name: 'parked', url: server.url, engine: {}, seed });
  const keys = { prefix: 'k', count: 200 };
  const producer = await rig.producer({ keys, afterMs: [2500] });
  await waitUntil(
    { what: 'all are confirmed', timeoutMs: 10_000 },
    () => producer.lines.length === 200,
  );
  await producer.kill();
  await rig.worker();

  const verdict = await rig.settled();

  expect(verdict.runs).toHaveLength(200);
  expect(verdict.runs[0]?.startMs).toBeGreaterThan((verdict.adds[0]?.sentMs ?? 0) + 2500);
}, 60_000);

test('delayed keys that a process keeps in its memory are gone with it', async (context) => {
  await using server = await redisOrSkip(context);
  const seed = chooseSeed();
  const engine = { naive: 'keeps duplicates' as const };
  await using rig = new RedisRig({ name: 'parked', url: server.url, engine, seed });
  const producer = await rig.producer({ keys: { prefix: 'k', count: 200 }, afterMs: [1500] });
  await producer.kill();
  await rig.worker();

  await new Promise((resolve) => setTimeout(resolve, 2000));

  expect(rig.verdict().runs).toEqual([]);
}, 60_000);

test('thousands of keys a second are added, taken and done, and a queue that waits is idle', async (context) => {
  await using server = await redisOrSkip(context, { appendfsync: 'everysec' });
  await using queue = await RedisQueue.open({ name: 'rates', url: server.url });
  const count = 30_000;
  const addMs = monotonicMs();
  await Promise.all(Array.from({ length: count }, (_, index) => queue.add(`k${index}`)));
  const takeMs = monotonicMs();
  await takeAll(queue, count);
  const endMs = monotonicMs();
  const single: number[] = [];
  for (let index = 0; index < 300; index += 1) {
    const beforeMs = monotonicMs();
    await queue.add('one');
    single.push(monotonicMs() - beforeMs);
  }
  await queue.done((await queue.get()).item ?? '');
  const waiting = Array.from({ length: 8 }, () => queue.get());
  const before = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const { user, system } = process.cpuUsage(before);
  queue.shutDown();
  await Promise.all(waiting);

  const addsPerS = count / ((takeMs - addMs) / 1000);
  const runsPerS = count / ((endMs - takeMs) / 1000);
  const idleCpuShare = (user + system) / 1_500_000;
  const addP50Ms = percentile(single, 0.5);
  recordFigures({ story: 'redis: rates', seed: 0, addsPerS, runsPerS, addP50Ms, idleCpuShare });
  expect(addsPerS).toBeGreaterThan(3000);
  expect(runsPerS).toBeGreaterThan(1000);
  expect(idleCpuShare).toBeLessThan(0.2);
}, 60_000);
