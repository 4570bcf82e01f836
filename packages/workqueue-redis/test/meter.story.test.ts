import type { QueueMetrics } from '@kubeloop/workqueue';
import { expect, test } from 'vitest';
import type { RedisQueueInstruments } from '../src/metrics.ts';
import { FakeServer } from './fake-server.ts';

interface Told {
  readonly counts: Record<string, number>;
  readonly gauges: Record<string, number>;
}

/** Notes what a queue tells of itself. */
function metricsTo({ counts, gauges }: Told) {
  const counter = (name: string) => ({
    inc: () => void (counts[name] = (counts[name] ?? 0) + 1),
  });
  const gauge = (name: string) => ({ set: (value: number) => void (gauges[name] = value) });
  const nothing = { inc: () => undefined, dec: () => undefined, observe: () => undefined };
  const queue: QueueMetrics = {
    depth: nothing,
    adds: counter('adds'),
    retries: counter('retries'),
    queueDuration: nothing,
    workDuration: nothing,
    unfinishedWork: gauge('unfinished'),
    longestRunningProcessor: gauge('longest'),
  };
  const redis: RedisQueueInstruments = {
    queued: gauge('queued'),
    outbox: gauge('outbox'),
    expiries: counter('expiries'),
    staleRuns: counter('stale'),
    disconnects: counter('disconnects'),
    resends: counter('resends'),
    parked: counter('parked'),
  };
  return { queue: () => queue, redis: () => redis };
}

test('the age of what is in work is told twice a second, and is nothing when nothing is', async () => {
  const server = new FakeServer();
  Object.assign(server.answers, { renew: [], done: 1 });
  const told: Told = { counts: {}, gauges: {} };
  const engine = await server.engine({ metrics: metricsTo(told) });
  const got = engine.get();
  await server.clock.settle();
  server.calls[0]?.answer([0, -1, 0, [['a', '1', '0', '0']]]);
  await got;

  await server.clock.stepAsync(3000);
  const during = { ...told.gauges };
  await engine.done('a');
  await engine.close();

  expect(during).toMatchObject({ unfinished: 3, longest: 3 });
  expect(told.gauges).toMatchObject({ unfinished: 0, longest: 0 });
  expect(server.clock.pending).toBe(0);
});

test('an addition with a delay counts as a retry, as that of a key that failed does', async () => {
  const server = new FakeServer();
  Object.assign(server.answers, { addAll: 1, add: 1, fail: 1 });
  const told: Told = { counts: {}, gauges: {} };
  const engine = await server.engine({ metrics: metricsTo(told) });

  await engine.add('a');
  await engine.add('a', { afterMs: 10 });
  await engine.add('a', { rateLimited: true });

  expect(told.counts).toMatchObject({ adds: 3, retries: 2 });
});
