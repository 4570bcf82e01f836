import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { PriorityQueue, WorkQueue } from '@kubeloop/workqueue';
import { array, assert, asyncProperty, integer } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KubeloopMetrics } from '../src/index.ts';
import { samplesFrom, samplesOf } from './support/samples.ts';

const labels = '{name="web",controller="web"}';

describe('the metrics of a work queue', () => {
  test('are there at zero as soon as the queue is, but for depths by priority', async () => {
    const metrics = new KubeloopMetrics();
    const queue = new WorkQueue<string>({ name: 'web', metrics, clock: new FakeClock() });

    const samples = await samplesOf(metrics.registry);

    for (const name of ['adds_total', 'retries_total', 'unfinished_work_seconds'])
      expect(samples.get(`workqueue_${name}${labels}`)).toBe(0);
    expect(samples.get(`workqueue_longest_running_processor_seconds${labels}`)).toBe(0);
    expect(samples.get(`workqueue_queue_duration_seconds_count${labels}`)).toBe(0);
    expect(samples.get(`workqueue_work_duration_seconds_sum${labels}`)).toBe(0);
    queue.shutDown();
  });

  test('follow a key from its addition to the end of the work on it', async () => {
    const clock = new FakeClock();
    const metrics = new KubeloopMetrics();
    const queue = new PriorityQueue<string>({ name: 'web', metrics, clock });
    queue.add('a');
    queue.add('a');
    queue.add('b', { priority: -100 });
    await clock.stepAsync(2000);
    const { item } = await queue.get();
    // Half a second after a key was handed out the ages are refreshed.
    await clock.stepAsync(3000);
    const atWork = await samplesFrom(metrics.registry, 'workqueue_');
    // A queue that runs hands an item out.
    queue.done(item!);

    const atEnd = await samplesFrom(metrics.registry, 'workqueue_');
    expect(atWork).toMatchObject({
      [`workqueue_adds_total${labels}`]: 2,
      'workqueue_depth{name="web",controller="web",priority="0"}': 0,
      'workqueue_depth{name="web",controller="web",priority="-100"}': 1,
      [`workqueue_queue_duration_seconds_sum${labels}`]: 2,
      [`workqueue_unfinished_work_seconds${labels}`]: 3,
      [`workqueue_longest_running_processor_seconds${labels}`]: 3,
      [`workqueue_work_duration_seconds_count${labels}`]: 0,
    });
    expect(atEnd).toMatchObject({
      [`workqueue_work_duration_seconds_sum${labels}`]: 3,
      [`workqueue_unfinished_work_seconds${labels}`]: 0,
    });
    queue.shutDown();
  });

  test('count an addition with a delay as a retry', async () => {
    const metrics = new KubeloopMetrics();
    const queue = new PriorityQueue<string>({ name: 'web', metrics, clock: new FakeClock() });
    queue.addAfter('a', 5000);

    expect((await samplesOf(metrics.registry)).get(`workqueue_retries_total${labels}`)).toBe(1);
    queue.shutDown();
  });

  test('in the style of client-go have the name alone, and the depth from the beginning', async () => {
    const metrics = new KubeloopMetrics({ queueStyle: 'client-go' });
    const queue = new PriorityQueue<string>({ name: 'web', metrics, clock: new FakeClock() });
    const before = await samplesFrom(metrics.registry, 'workqueue_depth');
    queue.add('a', { priority: 7 });
    queue.add('b', { priority: 8 });

    expect(before).toEqual({ 'workqueue_depth{name="web"}': 0 });
    expect(await samplesFrom(metrics.registry, 'workqueue_depth')).toEqual({
      'workqueue_depth{name="web"}': 2,
    });
    queue.shutDown();
  });

  test('go on from what they were when a queue of the same name follows', async () => {
    const metrics = new KubeloopMetrics();
    const first = metrics.queue('web');
    first.adds.inc();
    first.workDuration.observe(2);
    metrics.queue('web').adds.inc();

    const samples = await samplesOf(metrics.registry);
    expect(samples.get(`workqueue_adds_total${labels}`)).toBe(2);
    expect(samples.get(`workqueue_work_duration_seconds_sum${labels}`)).toBe(2);
  });

  test('have at most 26 depths, and none of them is wrong', async () => {
    const priority = integer({ min: 0, max: 60 });
    await assert(
      asyncProperty(array(priority, { maxLength: 200 }), async (priorities) => {
        const metrics = new KubeloopMetrics();
        const { depth } = metrics.queue('web');
        for (const each of priorities) depth.inc(each);
        const full = Object.values(await samplesFrom(metrics.registry, 'workqueue_depth'));
        for (const each of priorities.toReversed()) depth.dec(each);
        const empty = Object.values(await samplesFrom(metrics.registry, 'workqueue_depth'));

        expect(full.length).toBeLessThanOrEqual(26);
        expect(full.reduce((sum, each) => sum + each, 0)).toBe(priorities.length);
        expect(empty.every((each) => each === 0)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});
