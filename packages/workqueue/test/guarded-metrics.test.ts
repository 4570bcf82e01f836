import { afterEach, describe, expect, test, vi } from 'vitest';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import {
  DelayingQueue,
  PriorityQueue,
  type QueueMetrics,
  RateLimitingQueue,
  WorkQueue,
} from '@kubeloop/workqueue';
import { guardMetrics } from '@kubeloop/workqueue/engine';
import { RecordingMetrics } from './recording-metrics.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const throwing = (): never => {
  throw new Error('no such series');
};

const brokenMetrics: QueueMetrics = {
  depth: { inc: throwing, dec: throwing },
  adds: { inc: throwing },
  retries: { inc: throwing },
  queueDuration: { observe: throwing },
  workDuration: { observe: throwing },
  unfinishedWork: { set: throwing },
  longestRunningProcessor: { set: throwing },
};

describe.each([
  { name: 'WorkQueue', Queue: WorkQueue },
  { name: 'DelayingQueue', Queue: DelayingQueue },
  { name: 'RateLimitingQueue', Queue: RateLimitingQueue },
  { name: 'PriorityQueue', Queue: PriorityQueue },
])('$name', ({ Queue }) => {
  test('metrics that throw lose no item, and the process is warned once of each of them', async () => {
    const warnings: string[] = [];
    vi.spyOn(process, 'emitWarning').mockImplementation((text) => void warnings.push(`${text}`));
    const clock = new FakeClock();
    const queue = new Queue<string>({
      clock,
      name: 'pods',
      metrics: { queue: () => brokenMetrics },
    });

    const waiting = queue.get();
    for (const item of ['a', 'b', 'b']) queue.add(item);
    const items = [(await waiting).item, (await queue.get()).item];
    clock.step(500);
    for (const item of ['a', 'b']) queue.done(item);

    expect(items).toEqual(['a', 'b']);
    expect(warnings.toSorted()).toEqual([
      'The metrics "adds" of the queue "pods" failed: no such series',
      'The metrics "depth" of the queue "pods" failed: no such series',
      'The metrics "longestRunningProcessor" of the queue "pods" failed: no such series',
      'The metrics "queueDuration" of the queue "pods" failed: no such series',
      'The metrics "unfinishedWork" of the queue "pods" failed: no such series',
      'The metrics "workDuration" of the queue "pods" failed: no such series',
    ]);
  });
});

test('who guards metrics is told what failed and of which instrument, and they are not guarded twice', () => {
  const told: string[] = [];
  const safe = guardMetrics(brokenMetrics, (error, instrument) => {
    told.push(`${instrument}: ${String(error)}`);
  });

  safe.adds.inc();
  safe.queueDuration.observe(1);

  expect(told).toEqual(['adds: Error: no such series', 'queueDuration: Error: no such series']);
  expect(guardMetrics(safe, () => {})).toBe(safe);
});

test('metrics that throw do not keep delayed items from coming, each of them', async () => {
  vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const clock = new FakeClock();
  const metrics = { queue: () => brokenMetrics };
  const queue = new DelayingQueue<string>({ clock, name: 'pods', metrics });
  for (const item of ['a', 'b']) queue.addAfter(item, 10);

  clock.step(10);

  expect(queue.describe().queued).toEqual(['a', 'b']);
});

test('metrics that answer with a promise that rejects are no unhandled rejection', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  // What a program can pass, although the types ask for nothing to be returned.
  const adds = { inc: async () => throwing() };
  const metrics = { queue: () => ({ ...new RecordingMetrics().queue('pods'), adds }) };
  const queue = new WorkQueue<string>({ name: 'pods', metrics });

  queue.add('a');
  await new FakeClock().settle();

  expect(warned).toHaveBeenCalledTimes(1);
});
