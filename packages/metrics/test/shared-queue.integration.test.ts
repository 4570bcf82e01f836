import { expect, test, type TestContext } from 'vitest';
import { RedisQueue } from '@kubeloop/workqueue-redis';
import { KubeloopMetrics } from '../src/index.ts';
import { missingRedis, Redis } from './support/redis.ts';
import { samplesFrom } from './support/samples.ts';

const prefix = 'kubeloop_shared_queue_';

/** Skips, or fails in a run that must leave nothing out. */
function needRedis(context: TestContext): void {
  const missing = missingRedis();
  if (missing === undefined) return;
  if (process.env['KUBELOOP_REQUIRE_BROKER'] === '1') throw new Error(missing);
  context.skip(missing);
}

/** The samples of the queue on Redis, by the names of their families. */
async function samplesIn(metrics: KubeloopMetrics): Promise<Record<string, number>> {
  const labels = '{name="orders",backend="redis"}';
  const samples = Object.entries(await samplesFrom(metrics.registry, prefix));
  return Object.fromEntries(
    samples.map(([name, value]) => [name.slice(prefix.length).replace(labels, ''), value]),
  );
}

test('a queue on a Redis server is counted as every queue, and as a shared one', async (context) => {
  needRedis(context);
  await using redis = await Redis.start();
  const metrics = new KubeloopMetrics();
  const options = { name: 'orders', url: redis.url, leaseMs: 500, maxRetries: 0, metrics };
  await using queue = await RedisQueue.open(options);
  for (const key of ['a', 'b', 'c']) await queue.add(key);

  const { item = '' } = await queue.get();
  const atWork = await samplesIn(metrics);
  const asEvery = await samplesFrom(metrics.registry, 'workqueue_');
  await queue.addRateLimited(item);
  await queue.done(item);
  const afterFailure = await samplesIn(metrics);
  await redis.cut();
  await expect
    .poll(async () => (await samplesIn(metrics))['disconnects_total'], { timeout: 10_000 })
    .toBe(1);

  expect(atWork).toMatchObject({ queued_keys: 2, parked_keys_total: 0, disconnects_total: 0 });
  expect(afterFailure).toMatchObject({ parked_keys_total: 1, stale_runs_total: 0 });
  expect(asEvery).toMatchObject({
    'workqueue_adds_total{name="orders",controller="orders"}': 3,
  });
});

test('keys of a process that has ended are counted by the one that puts them back', async (context) => {
  needRedis(context);
  await using redis = await Redis.start();
  const options = { name: 'orders', url: redis.url, leaseMs: 300 };
  const ending = await RedisQueue.open(options);
  await ending.add('a');
  await ending.get();
  await ending.close();
  const metrics = new KubeloopMetrics();
  await using queue = await RedisQueue.open({ ...options, metrics });

  const { item } = await queue.get();

  expect(item).toBe('a');
  expect(await samplesIn(metrics)).toMatchObject({ lease_expiries_total: 1, queued_keys: 0 });
});
