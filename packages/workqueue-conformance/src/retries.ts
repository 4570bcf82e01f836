import assert from 'node:assert/strict';
import { runWorkers } from '@kubeloop/workqueue';
import { itemOf } from './handle.ts';
import { quietly } from './quietly.ts';
import type { Section } from './section.ts';

/** Items that are added again after a failure. */
export function retriesContract({ test }: Section): void {
  test('an item that failed comes again after the delay of the rate limiter, and not before', async (stage) => {
    const queue = await stage.open();
    await queue.add('a');
    await queue.take();
    const dueMs = stage.pace.now() + stage.retryDelayMs;
    await queue.addRateLimited('a');
    await queue.done('a');

    const result = await stage.pace.onTime('a retry', queue.get(), dueMs);

    assert.equal(itemOf(result), 'a');
  });

  test('an addition can be a retry by an option', async (stage) => {
    const queue = await stage.open();
    const dueMs = stage.pace.now() + stage.retryDelayMs;
    await queue.add('a', { rateLimited: true });

    assert.equal(queue.numRequeues('a'), 1);
    assert.equal(itemOf(await stage.pace.onTime('a retry', queue.get(), dueMs)), 'a');
  });

  test('failures are counted for each item, until they are forgotten', async (stage) => {
    const queue = await stage.open();
    const counts = [queue.numRequeues('a')];
    for (let failure = 0; failure < 3; failure += 1) {
      await queue.addRateLimited('a');
      counts.push(queue.numRequeues('a'));
    }
    await queue.addRateLimited('b');
    await queue.forget('a');

    assert.deepEqual(counts, [0, 1, 2, 3]);
    assert.deepEqual([queue.numRequeues('a'), queue.numRequeues('b')], [0, 1]);
  });

  test('done forgets no failures, so that the next one counts on', async (stage) => {
    const queue = await stage.open();
    await queue.add('a');
    await queue.take();
    await queue.addRateLimited('a');
    await queue.done('a');
    await stage.pace.pass(stage.retryDelayMs);
    await queue.take();
    await queue.addRateLimited('a');
    await queue.done('a');

    assert.equal(queue.numRequeues('a'), 2);
  });

  test('forgetting takes away nothing that waits or is queued', async (stage) => {
    const queue = await stage.open();
    await queue.add('queued');
    await queue.addRateLimited('waits');

    await queue.forget('queued');
    await queue.forget('waits');
    await queue.forget('unknown');

    await stage.pace.pass(stage.retryDelayMs);
    const items = await stage.workOff(2, queue);
    assert.deepEqual(items.toSorted(), ['queued', 'waits']);
  });

  test('work that fails is tried again by workers until it succeeds, and others are worked on meanwhile', async (stage) => {
    const queue = await stage.open();
    const runs: string[] = [];
    const left = new Map([['bad', 2]]);
    await queue.addAll('bad', 'good');
    const work = (item: string): void => {
      runs.push(item);
      const failures = left.get(item) ?? 0;
      left.set(item, failures - 1);
      if (failures > 0) throw new Error('the work failed');
    };
    const running = quietly(() => runWorkers(queue.queue, { concurrency: 2 }, work));

    await stage.pace.until('the first runs', () => new Set(runs).size === 2);
    for (let round = 0; round < 8 && runs.length < 4; round += 1)
      await stage.pace.pass(stage.retryDelayMs);
    await stage.pace.until('the last run', () => runs.length === 4);
    await stage.pace.until('a success that is forgotten', () => queue.numRequeues('bad') === 0);
    await queue.shutDown();
    await stage.pace.soon('the end of the workers', running);

    assert.deepEqual(runs.toSorted(), ['bad', 'bad', 'bad', 'good']);
  });
}
