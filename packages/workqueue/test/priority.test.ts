import { expect, test } from 'vitest';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { PriorityQueue, type PriorityQueueOptions } from '@kubeloop/workqueue';
import { isSettled } from './settling.ts';

function make(options: PriorityQueueOptions<string> = {}) {
  const clock = new FakeClock(5000);
  return { clock, queue: new PriorityQueue<string>({ clock, ...options }) };
}

async function takeAll(queue: PriorityQueue<string>): Promise<(string | undefined)[]> {
  const items: (string | undefined)[] = [];
  while (queue.length > 0) items.push((await queue.get()).item);
  return items;
}

test('items of the same priority come in the order in which they were added', async () => {
  const { queue } = make();
  const items = Array.from({ length: 3000 }, (_, i) => `${i}`);
  for (const item of items) queue.add(item, { priority: 5 });

  expect(await takeAll(queue)).toEqual(items);
});

test('thousands of items reach many waiting gets, each once', async () => {
  const { queue } = make();
  const gets = Array.from({ length: 2000 }, () => queue.get());

  for (let i = 0; i < 2000; i += 1) queue.add(`${i}`, { priority: i % 3 });

  const items = (await Promise.all(gets)).map((result) => result.item);
  expect(new Set(items).size).toBe(2000);
  expect(queue.length).toBe(0);
});

test('adding an item again keeps the higher priority, whichever came first', async () => {
  const { queue } = make();
  queue.add('raised', { priority: 1 });
  queue.add('kept', { priority: 5 });
  queue.add('raised', { priority: 9 });
  queue.add('kept', { priority: 1 });

  expect([await queue.get(), await queue.get()]).toMatchObject([
    { item: 'raised', priority: 9 },
    { item: 'kept', priority: 5 },
  ]);
  expect(queue.length).toBe(0);
});

test('an item whose priority rises goes to the end of the new level', async () => {
  const { queue } = make();
  queue.add('raised', { priority: 0 });
  queue.add('first', { priority: 1 });
  queue.add('second', { priority: 1 });

  queue.add('raised', { priority: 1 });

  expect(await takeAll(queue)).toEqual(['first', 'second', 'raised']);
});

test('an item that is added again with the same or a lower priority keeps its place', async () => {
  const { queue } = make();
  for (const item of ['a', 'b']) queue.add(item, { priority: 1 });

  queue.add('a', { priority: 1 });
  queue.add('a', { priority: 0 });

  expect(await takeAll(queue)).toEqual(['a', 'b']);
});

test('an item in work has no influence on the priority of its next run', async () => {
  const { queue } = make();
  queue.add('a', { priority: 9 });
  await queue.get();

  queue.add('a', { priority: -5 });
  queue.done('a');

  expect(await queue.get()).toMatchObject({ item: 'a', priority: -5 });
});

test('an item that is added again while it is in work keeps the place of that addition', async () => {
  const { queue } = make();
  queue.add('held');
  await queue.get();
  for (const item of ['before', 'held', 'after']) queue.add(item);
  queue.done('held');

  expect(await takeAll(queue)).toEqual(['before', 'held', 'after']);
});

test('an addition at once takes back the delay, so that the item comes once', async () => {
  const { clock, queue } = make();
  queue.addAfter('a', 50);
  queue.add('a');
  const atOnce = await takeAll(queue);
  queue.done('a');

  clock.step(1000);

  expect([atOnce, queue.length, clock.pending]).toEqual([['a'], 0, 0]);
});

test('a delay does not put off an item that is queued already', () => {
  const { clock, queue } = make();
  queue.add('a');

  queue.addAfter('a', 50);

  expect([queue.length, clock.pending]).toEqual([1, 0]);
});

test('a delayed item that is added again with a higher priority takes it along', async () => {
  const { clock, queue } = make();
  queue.addAfter('a', 50, { priority: 1 });
  queue.addAfter('a', 70, { priority: 9 });
  queue.add('b', { priority: 5 });

  clock.step(50);

  expect(await takeAll(queue)).toEqual(['a', 'b']);
});

test('an item that became ready later goes first if its priority is higher', async () => {
  const { clock, queue } = make();
  queue.add('low', { priority: 0 });
  queue.addAfter('high', 50, { priority: 1 });

  clock.step(50);

  expect(await takeAll(queue)).toEqual(['high', 'low']);
});

test('of items that become ready at the same moment a waiting get receives the most urgent', async () => {
  const { clock, queue } = make();
  queue.addAfter('low', 50, { priority: 0 });
  queue.addAfter('high', 50, { priority: 1 });
  const getting = queue.get();

  clock.step(50);

  expect((await getting).item).toBe('high');
});

test('within a priority items come in the order of the times at which they became ready', async () => {
  const { clock, queue } = make();
  queue.addAfter('third', 30);
  queue.addAfter('first', 10);
  clock.step(20);
  queue.add('second');

  clock.step(20);

  expect(await takeAll(queue)).toEqual(['first', 'second', 'third']);
});

test('an item that is delayed while it is in work comes on its time, and waits for done if need be', async () => {
  const { clock, queue } = make();
  queue.add('a');
  await queue.get();
  queue.addAfter('a', 50);
  const getting = queue.get();

  clock.step(50);
  const inWork = await isSettled(getting);
  queue.done('a');

  expect([inWork, (await getting).item]).toEqual([false, 'a']);
});

test('several items are added by one call, and the rate limiter is asked for each of them', () => {
  const { clock, queue } = make();
  queue.addRateLimited('known');

  queue.addAll(['known', 'new', 'newer'], { rateLimited: true, priority: 3 });

  expect(['known', 'new', 'newer'].map((item) => queue.numRequeues(item))).toEqual([2, 1, 1]);
  clock.step(5);
  expect(queue.describe().levels).toEqual([{ priority: 3, length: 3 }]);
});

test('of several items that are added by one call, each waits as long as the rate limiter says of it', async () => {
  const { clock, queue } = make();
  queue.addRateLimited('failed');
  clock.step(5);
  await queue.get();
  queue.done('failed');

  queue.addAll(['failed', 'new'], { rateLimited: true });

  expect(queue.describe().waiting).toEqual([
    { item: 'new', readyInMs: 5 },
    { item: 'failed', readyInMs: 10 },
  ]);
});

test('several items that are added by one call wake as many waiting gets', async () => {
  const { queue } = make();
  const gets = [queue.get(), queue.get()];

  queue.addAll(['a', 'b', 'c'], { priority: 2 });

  expect((await Promise.all(gets)).map((result) => result.item)).toEqual(['a', 'b']);
  expect(queue.length).toBe(1);
});

test('shutdown drops what waits for its time, leaves no timer, and hands out what is queued', async () => {
  const { clock, queue } = make();
  queue.addAfter('delayed', 50);
  queue.add('queued', { priority: -7 });

  queue.shutDown();
  clock.step(100);

  expect([clock.pending, queue.length, queue.describe().counts.waiting]).toEqual([0, 1, 0]);
  expect(await queue.get()).toEqual({ item: 'queued', shutdown: false, priority: -7 });
});

test('an item that waits for its time while it is in work is dropped at shutdown, and done as usual', async () => {
  const { queue } = make();
  queue.add('a');
  await queue.get();
  queue.addAfter('a', 50);
  const drained = queue.shutDownWithDrain();

  queue.done('a');
  await drained;

  expect(queue.describe().counts).toEqual({ queued: 0, processing: 0, waiting: 0 });
});

test('every waiting get wakes at shutdown, also those to which items were just handed over', async () => {
  const { queue } = make();
  const gets = Array.from({ length: 10 }, () => queue.get());
  for (const item of ['a', 'b', 'c']) queue.add(item);

  queue.shutDown();

  const results = await Promise.all(gets);
  expect(results.filter((result) => !result.shutdown).map((result) => result.item)).toEqual([
    'a',
    'b',
    'c',
  ]);
  expect(results.filter((result) => result.shutdown).length).toBe(7);
});

test('a description shows the levels, the next items and what waits', async () => {
  const { queue } = make();
  for (const item of ['a', 'b', 'c']) queue.add(item, { priority: item === 'b' ? 2 : 0 });
  queue.addAfter('d', 30);
  await queue.get();

  expect(queue.describe({ limit: 1 })).toEqual({
    queued: ['a'],
    processing: ['b'],
    waiting: [{ item: 'd', readyInMs: 30 }],
    counts: { queued: 2, processing: 1, waiting: 1 },
    levels: [{ priority: 0, length: 2 }],
  });
});

test('hundreds of priorities keep their order', async () => {
  const { queue } = make();
  const priorities = Array.from({ length: 500 }, (_, i) => (i * 7919) % 1009);
  for (const priority of priorities) queue.add(`${priority}`, { priority });

  const items = await takeAll(queue);

  expect(items).toEqual(priorities.toSorted((a, b) => b - a).map(String));
});

test('an item that is delayed again to an earlier time keeps its place among those of that time', async () => {
  const { clock, queue } = make();
  queue.addAfter('first', 100);
  queue.addAfter('second', 20);
  queue.addAfter('first', 20);

  clock.step(20);

  expect(await takeAll(queue)).toEqual(['first', 'second']);
});

test('a delayed item whose priority rises goes to the end of those of that priority and time', async () => {
  const { clock, queue } = make();
  queue.addAfter('raised', 20);
  queue.addAfter('urgent', 20, { priority: 1 });
  queue.addAfter('raised', 30, { priority: 1 });

  clock.step(20);

  expect(await takeAll(queue)).toEqual(['urgent', 'raised']);
});

test('a delay below zero means at once, also for an item that the rate limiter puts off', () => {
  const { queue } = make();

  queue.add('a', { afterMs: -1, rateLimited: true });

  expect([queue.length, queue.numRequeues('a')]).toEqual([1, 1]);
});

test('an addition after a delay that is missing is refused, and nothing is queued', () => {
  const { queue } = make();
  // What a program in JavaScript can pass.
  const missing = undefined as never;

  expect(() => queue.addAfter('a', missing)).toThrow(TypeError);
  expect(queue.describe().counts).toEqual({ queued: 0, processing: 0, waiting: 0 });
});

test('of several items that are added by one call, those before one that is refused reach the gets that wait', async () => {
  const { queue } = make();
  const waiting = queue.get();
  // What a program in JavaScript can pass.
  const refused = {} as never;

  expect(() => queue.addAll(['a', refused, 'b'])).toThrow(TypeError);

  expect([await isSettled(waiting), queue.length]).toEqual([true, 0]);
});
