import { afterEach, expect, test, vi } from 'vitest';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { RateLimitingQueue } from '@kubeloop/workqueue';
import { queueContract, type TestedQueue } from '@kubeloop/workqueue-conformance';
import { RecordingRunner } from './recording-runner.ts';

const title = 'a shorter delay that is asked for later';

afterEach(() => vi.restoreAllMocks());

/** Runs one test on what the contract takes for real time, with a queue that takes its time for so many delays. */
async function run(slowCalls: number): Promise<{ error: unknown; opened: number }> {
  let left = slowCalls;
  let opened = 0;
  const clock = new FakeClock();
  // The contract takes this for real time. Only the queue moves it: in slow calls, and when it is asked for what is not due yet.
  vi.spyOn(performance, 'now').mockImplementation(() => clock.now());
  const open = (): TestedQueue => {
    opened += 1;
    const queue: TestedQueue = new RateLimitingQueue<string>({ clock });
    const addAfter = queue.addAfter?.bind(queue);
    queue.addAfter = async (item, delayMs) => {
      left -= 1;
      if (left >= 0) await clock.stepAsync(25);
      await addAfter?.(item, delayMs);
    };
    const get = queue.get.bind(queue);
    queue.get = async (options) => {
      const getting = get(options);
      await clock.stepAsync(clock.untilNextMs ?? 0);
      return getting;
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
