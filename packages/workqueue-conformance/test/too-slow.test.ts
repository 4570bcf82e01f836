import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { RateLimitingQueue } from '@kubeloop/workqueue';
import { queueContract, type TestedQueue } from '@kubeloop/workqueue-conformance';
import { RecordingRunner } from './recording-runner.ts';

const title = 'a shorter delay that is asked for later';

/** Runs one test on real time with a queue that takes its time for so many delays. */
async function run(slowCalls: number): Promise<{ error: unknown; opened: number }> {
  let left = slowCalls;
  let opened = 0;
  const open = (): TestedQueue => {
    opened += 1;
    const queue: TestedQueue = new RateLimitingQueue<string>();
    const addAfter = queue.addAfter?.bind(queue);
    queue.addAfter = async (item, delayMs) => {
      left -= 1;
      if (left >= 0) await sleep(25);
      await addAfter?.(item, delayMs);
    };
    return queue;
  };
  const runner = new RecordingRunner();
  const time = { slackMs: 10_000, settleMs: 5 };
  queueContract({ describe: runner.describe, test: runner.test, open, time, delayMs: 10 });
  const [outcome] = await runner.run(title);
  return { error: outcome?.error, opened };
}

test('a test that was too slow for its own delays on real time is tried again, with a new queue', async () => {
  const { error, opened } = await run(2);

  expect(error).toBeUndefined();
  expect(opened).toBeGreaterThanOrEqual(2);
});

test('a test that is always too slow fails with the advice to give longer delays', async () => {
  const { error, opened } = await run(Infinity);

  expect(String(error)).toContain('give a longer delayMs');
  expect(opened).toBe(5);
});
