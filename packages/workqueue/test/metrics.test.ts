import { describe, expect, test } from 'vitest';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { DelayingQueue, PriorityQueue, RateLimitingQueue, WorkQueue } from '@kubeloop/workqueue';
import { RecordingMetrics } from './recording-metrics.ts';

function setUp() {
  return { clock: new FakeClock(), metrics: new RecordingMetrics(), name: 'pods' };
}

describe.each([
  { name: 'WorkQueue', Queue: WorkQueue },
  { name: 'RateLimitingQueue', Queue: RateLimitingQueue },
  { name: 'PriorityQueue', Queue: PriorityQueue },
])('$name', ({ Queue }) => {
  test('an item that is queued, worked on, added again in work and worked on again', async () => {
    const { clock, metrics, name } = setUp();
    const queue = new Queue<string>({ clock, metrics, name, metricsPeriodMs: 1 });

    queue.add('foo');
    expect([metrics.adds, metrics.depth]).toEqual([1, 1]);

    clock.step(0.05);
    await queue.get();
    expect(metrics.queueDurations.at(-1)).toBeCloseTo(5e-5, 10);
    expect(metrics.depth).toBe(0);

    for (let i = 0; i < 5; i += 1) queue.add('foo');
    expect([metrics.adds, metrics.depth]).toEqual([2, 1]);

    clock.step(0.025);
    queue.done('foo');
    expect(metrics.workDurations.at(-1)).toBeCloseTo(2.5e-5, 10);
    expect(metrics.depth).toBe(1);

    await queue.get();
    expect(metrics.queueDurations.at(-1)).toBeCloseTo(2.5e-5, 10);
    expect(metrics.depth).toBe(0);

    clock.step(1);
    expect(metrics.unfinishedWork).toBeCloseTo(0.001, 10);
    expect(metrics.longestRunning).toBeCloseTo(0.001, 10);

    queue.done('foo');
    expect(metrics.workDurations.at(-1)).toBeCloseTo(0.001, 10);
    expect([metrics.unfinishedWork, metrics.longestRunning, metrics.adds]).toEqual([0, 0, 2]);
  });

  test('additions of an item that is queued do not count, and its time in the queue begins with the first', async () => {
    const { clock, metrics, name } = setUp();
    const queue = new Queue<string>({ clock, metrics, name });
    queue.add('a');
    clock.step(30);
    queue.add('a');
    clock.step(20);

    await queue.get();

    expect(metrics.queueDurations).toEqual([0.05]);
    expect([metrics.adds, metrics.depth]).toEqual([1, 0]);
  });

  test('ages of unfinished work are added up, and the oldest stands out', async () => {
    const { clock, metrics, name } = setUp();
    const queue = new Queue<string>({ clock, metrics, name });
    queue.add('a');
    await queue.get();
    clock.step(300);
    queue.add('b');
    await queue.get();

    clock.step(200);

    expect(metrics.unfinishedWork).toBeCloseTo(0.7, 10);
    expect(metrics.longestRunning).toBeCloseTo(0.5, 10);
  });

  test('ages are refreshed every half second while there is work, and there is no timer without', async () => {
    const { clock, metrics, name } = setUp();
    const queue = new Queue<string>({ clock, metrics, name });
    queue.add('a');
    const idle = clock.pending;
    await queue.get();
    clock.step(2400);
    const refreshes = metrics.refreshes;

    queue.done('a');

    expect([idle, refreshes, clock.pending]).toEqual([0, 4, 0]);
  });

  test('nothing is refreshed after shutdown, although items are in work', async () => {
    const { clock, metrics, name } = setUp();
    const queue = new Queue<string>({ clock, metrics, name });
    queue.add('a');
    queue.add('b');
    await queue.get();
    clock.step(500);
    const before = metrics.refreshes;

    queue.shutDown();
    await queue.get();
    clock.step(5000);

    expect([before, metrics.refreshes, clock.pending]).toEqual([1, 1, 0]);
  });

  test('the refresh does not keep the process alive', async () => {
    const { metrics, name } = setUp();
    let unreferenced = 0;
    const clock = {
      now: () => 0,
      setTimeout: () => ({ cancel: () => {}, unref: () => void (unreferenced += 1) }),
    };
    const queue = new Queue<string>({ clock, metrics, name });
    queue.add('a');

    await queue.get();

    expect(unreferenced).toBe(1);
  });

  test('a queue without a name reports nothing and sets no timer', async () => {
    const { clock, metrics } = setUp();
    const queue = new Queue<string>({ clock, metrics });
    queue.add('a');

    await queue.get();

    expect([metrics.names, metrics.adds, clock.pending]).toEqual([[], 0, 0]);
  });

  test('a queue without metrics sets no timer', async () => {
    const clock = new FakeClock();
    const queue = new Queue<string>({ clock, name: 'pods' });
    queue.add('a');

    await queue.get();

    expect(clock.pending).toBe(0);
  });

  test('a provider makes the instruments of a queue once', () => {
    const { clock, metrics, name } = setUp();

    expect(new Queue<string>({ clock, metrics, name }).length).toBe(0);

    expect(metrics.names).toEqual(['pods']);
  });

  test.each([Number.NaN, 0, -1])('a period of %d ms is refused', (metricsPeriodMs) => {
    expect(() => new Queue<string>({ metricsPeriodMs })).toThrow(RangeError);
  });
});

test('a delaying queue counts every delayed addition as a retry, also one without delay', () => {
  const { clock, metrics, name } = setUp();
  const queue = new DelayingQueue<string>({ clock, metrics, name });
  queue.addAfter('a', 10);
  queue.addAfter('a', 0);
  queue.addAfter('a', -1);
  queue.add('b', { afterMs: 5 });
  queue.add('c');

  expect([metrics.retries, metrics.adds]).toEqual([4, 2]);
});

test('a delayed item counts as added when its time has come', () => {
  const { clock, metrics, name } = setUp();
  const queue = new DelayingQueue<string>({ clock, metrics, name });
  queue.addAfter('a', 10);
  const before = [metrics.adds, metrics.depth];

  clock.step(10);

  expect([before, metrics.adds, metrics.depth]).toEqual([[0, 0], 1, 1]);
});

test('after shutdown nothing counts as a retry', () => {
  const { clock, metrics, name } = setUp();
  const queue = new RateLimitingQueue<string>({ clock, metrics, name });
  queue.shutDown();

  queue.addAfter('a', 10);
  queue.addRateLimited('a');

  expect(metrics.retries).toBe(0);
});

test('a priority queue counts additions with a delay as retries', () => {
  const { clock, metrics, name } = setUp();
  const queue = new PriorityQueue<string>({ clock, metrics, name });
  queue.addAfter('a', 10);
  queue.addAfter('a', 0);
  queue.addRateLimited('b');

  expect(metrics.retries).toBe(2);
});

test('a priority queue keeps the depth of each priority exact when items move', async () => {
  const { clock, metrics, name } = setUp();
  const queue = new PriorityQueue<string>({ clock, metrics, name });

  queue.add('ready', { priority: 1 });
  queue.add('ready', { priority: 4 });
  queue.addAfter('delayed', 10, { priority: 1 });
  queue.addAfter('delayed', 10, { priority: 3 });
  const before = Object.fromEntries(metrics.depths);
  clock.step(10);
  const after = Object.fromEntries(metrics.depths);
  await queue.get();
  await queue.get();

  expect(before).toEqual({ 1: 0, 4: 1 });
  expect(after).toEqual({ 1: 0, 3: 1, 4: 1 });
  expect([metrics.depth, metrics.leastDepth, metrics.adds]).toEqual([0, 0, 2]);
});
