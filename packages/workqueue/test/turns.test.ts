import { afterEach, expect, test, vi } from 'vitest';
import { parallelizeUntil, RateLimitingQueue, runWorkers } from '@kubeloop/workqueue';

afterEach(() => {
  vi.restoreAllMocks();
});

/** Lets so much time pass with every look at the clock. */
function timePasses(ms: number): void {
  let nowMs = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => (nowMs += ms));
}

test('work that never really waits keeps nobody else out, so that an abort can end it', async () => {
  timePasses(1);
  const queue = new RateLimitingQueue<string>();
  const controller = new AbortController();
  setImmediate(() => controller.abort());
  let runs = 0;
  queue.add('again');

  await runWorkers(queue, { concurrency: 2, signal: controller.signal }, async (item) => {
    if ((runs += 1) < 10_000) queue.add(item);
    else queue.shutDown();
  });

  expect(runs).toBeLessThan(100);
});

test('a drain waits for what is fetched by workers that let others in between', async () => {
  timePasses(1000);
  const queue = new RateLimitingQueue<string>();
  const worked: string[] = [];
  for (const item of ['a', 'b', 'c']) queue.add(item);
  const running = runWorkers(queue, {}, async (item) => void worked.push(item));

  await queue.shutDownWithDrain();
  const drained = [...worked];
  await running;

  expect(drained).toEqual(['a', 'b', 'c']);
});

test('pieces that never really wait do not keep an abort out', async () => {
  timePasses(1);
  const controller = new AbortController();
  const { signal } = controller;
  setImmediate(() => controller.abort('enough'));
  let begun = 0;

  const running = parallelizeUntil({ workers: 2, pieces: 10_000, chunkSize: 5, signal }, () => {
    begun += 1;
  });

  await expect(running).rejects.toBe('enough');
  expect(begun).toBeLessThan(200);
});
