import { setTimeout as sleep } from 'node:timers/promises';

import { RedisQueue } from '@kubeloop/workqueue-redis';
import { expect, test } from 'vitest';

import { redisOrSkip } from '../src/redis/redis-or-skip.ts';
import { RedisRig } from '../src/redis/redis-rig.ts';
import type { RedisServer, RedisServerOptions } from '../src/redis/server.ts';
import type { Verdict } from '../src/rig/checker.ts';
import { monotonicMs } from '../src/rig/monotonic.ts';
import { chooseSeed } from '../src/rig/seed.ts';
import { expectNothingAmiss, verdictFigures } from '../src/testing/expectations.ts';
import { recordFigures } from '../src/testing/figures.ts';

type Fsync = RedisServerOptions['appendfsync'];

interface Outcome {
  readonly verdict: Verdict;
  readonly left: number;
  /** How long after its port opened the first run started. */
  readonly firstStartMs: number;
}

/** Two workers and a producer; the server is killed twice in the middle of it, and started again. */
async function killServer(server: RedisServer, seed: number, fsync: Fsync): Promise<Outcome> {
  const worker = { runMs: [20, 60] as const };
  const options = { name: 'server', url: server.url, engine: { leaseMs: 4000 }, worker, seed };
  await using rig = new RedisRig(options);
  await Promise.all([rig.worker(), rig.worker()]);
  // More than two workers can do, so that much waits at the server when it is killed.
  const producer = await rig.producer({ keys: { prefix: 'k', count: 3000 }, ratePerS: 600 });
  let openedAtMs = 0;
  for (let kill = 0; kill < 2; kill += 1) {
    await sleep(2000);
    await server.kill();
    await sleep(500);
    await server.restart();
    openedAtMs = monotonicMs();
  }
  await sleep(1000);
  await rig.finish(producer);
  const verdict = fsync === 'always' ? await rig.settled() : await rig.quiet(40_000);
  const first = verdict.runs.find((run) => run.startMs > openedAtMs);
  return { verdict, left: await rig.left(), firstStartMs: (first?.startMs ?? 0) - openedAtMs };
}

test('a server that writes through to the disk loses no add when it is killed, and all go on by themselves', async (context) => {
  await using server = await redisOrSkip(context, { appendfsync: 'always' });
  const seed = chooseSeed();

  const { verdict, left, firstStartMs } = await killServer(server, seed, 'always');

  const figures = { ...verdictFigures(verdict, left), firstStartMs };
  recordFigures({ story: 'redis: kill the server, always', seed, ...figures });
  expectNothingAmiss(verdict, left);
  expect(verdict.adds.length).toBeGreaterThan(1500);
  expect(firstStartMs).toBeLessThan(5000);
}, 90_000);

test('a server that writes to the disk every second goes on too, and what it lost is a second at most', async (context) => {
  await using server = await redisOrSkip(context, { appendfsync: 'everysec' });
  const seed = chooseSeed();

  const { verdict, left, firstStartMs } = await killServer(server, seed, 'everysec');

  const figures = { ...verdictFigures(verdict, left), firstStartMs };
  recordFigures({ story: 'redis: kill the server, everysec', seed, ...figures });
  // The kill of the process alone leaves what it had written to the system, so nearly always nothing is lost here.
  expect(verdict.lost.length).toBeLessThan(2 * 2 * 600);
  expect(left).toBe(0);
}, 90_000);

test('the same story on a server that keeps nothing on disk loses adds', async (context) => {
  await using server = await redisOrSkip(context, { appendfsync: 'no' });
  const seed = chooseSeed();

  const { verdict } = await killServer(server, seed, 'no');

  recordFigures({ story: 'redis: kill the server, control', seed, lost: verdict.lost.length });
  expect(verdict.lost.length).toBeGreaterThan(0);
}, 90_000);

test('additions are kept while the server is away, one for each key, and delays outlive it', async (context) => {
  await using server = await redisOrSkip(context, { appendfsync: 'always' });
  await using queue = await RedisQueue.open({ name: 'away', url: server.url });
  const calledMs = monotonicMs();
  await queue.addAfter('late', 2500);
  await server.kill();
  const added = Array.from({ length: 100 }, () => queue.add('a'));
  const waiting = queue.describe().outbox;

  await server.restart();
  await Promise.all(added);
  const first = await queue.get();
  await queue.done('a');
  const second = await queue.get();

  expect(waiting).toBeLessThanOrEqual(100);
  expect([first.item, second.item]).toEqual(['a', 'late']);
  expect(monotonicMs() - calledMs).toBeGreaterThanOrEqual(2500);
}, 30_000);

test('a server that freezes has runs told to stop in time, and all goes on when it wakes', async (context) => {
  await using server = await redisOrSkip(context);
  const onError = (): void => undefined;
  await using queue = await RedisQueue.open({
    name: 'frozen',
    url: server.url,
    leaseMs: 1000,
    onError,
  });
  await queue.add('a');
  const { signal } = await queue.get();
  server.signal('SIGSTOP');
  const adding = queue.add('b');
  const aborted = Promise.withResolvers<void>();
  signal?.addEventListener('abort', () => aborted.resolve());
  await aborted.promise;
  // Long enough that a new connection is tried, which the frozen server accepts and leaves without a word.
  await sleep(1500);
  const before = queue.describe();
  server.signal('SIGCONT');

  await adding;
  await queue.done('a');
  const items = [(await queue.get()).item, (await queue.get()).item];

  expect(before).toMatchObject({ connection: 'connecting', stale: 1, outbox: 1 });
  expect(new Set(items)).toEqual(new Set(['a', 'b']));
}, 30_000);

test('a queue that is closed while the server is away rejects what is not confirmed and leaves nothing behind', async (context) => {
  await using server = await redisOrSkip(context);
  const errors: unknown[] = [];
  const onError = (error: unknown): number => errors.push(error);
  const queue = await RedisQueue.open({ name: 'closed', url: server.url, onError });
  await queue.add('a');
  const { signal } = await queue.get();
  await server.kill();
  const adding = Promise.allSettled([queue.add('b')]);

  await queue.close();

  const [settled] = await adding;
  expect(settled.status).toBe('rejected');
  expect(signal?.aborted).toBe(true);
  expect(queue.describe()).toMatchObject({ outbox: 0, getters: 0, connection: 'closed' });
  expect(await queue.get()).toEqual({ item: undefined, shutdown: true });
}, 30_000);

test('a server that drops keys when its memory is full is refused', async (context) => {
  const args = ['--maxmemory', '50mb', '--maxmemory-policy', 'allkeys-lru'];
  await using server = await redisOrSkip(context, { args });

  const opening = RedisQueue.open({ name: 'memory', url: server.url });

  await expect(opening).rejects.toThrow('maxmemory-policy allkeys-lru');
});
