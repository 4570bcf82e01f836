import { expect, test } from 'vitest';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { DelayingQueue, PriorityQueue } from '@kubeloop/workqueue';
import { take } from './settling.ts';

function make() {
  const clock = new FakeClock(5000);
  return { clock, queue: new DelayingQueue<string>({ clock }) };
}

async function takeAll(queue: DelayingQueue<string>): Promise<string[]> {
  const items: string[] = [];
  while (queue.length > 0) items.push(await take(queue));
  return items;
}

test('items of the same time come in the order in which they were delayed', async () => {
  const { clock, queue } = make();
  for (const item of ['c', 'a', 'b']) queue.addAfter(item, 10);

  clock.step(10);

  expect(await takeAll(queue)).toEqual(['c', 'a', 'b']);
});

test.each([0, -0, -1, -1e300])('a delay of %d adds at once', async (delayMs) => {
  const { clock, queue } = make();

  queue.addAfter('a', delayMs);

  expect([queue.length, clock.pending]).toEqual([1, 0]);
});

test('a plain addition does not take back a delay', async () => {
  const { clock, queue } = make();
  queue.addAfter('a', 50);
  queue.add('a');
  const atOnce = await takeAll(queue);
  queue.done('a');

  clock.step(50);

  expect([atOnce, await takeAll(queue)]).toEqual([['a'], ['a']]);
});

test.each(['shutDown', 'shutDownWithDrain'] as const)(
  '%s drops what waits for its time, and leaves no timer',
  async (method) => {
    const { clock, queue } = make();
    queue.addAfter('a', 50);

    await queue[method]();
    clock.step(100);

    expect([queue.length, clock.pending, queue.describe().counts.waiting]).toEqual([0, 0, 0]);
  },
);

test('after shutdown a delayed addition is ignored, and sets no timer', () => {
  const { clock, queue } = make();
  queue.shutDown();

  queue.addAfter('a', 50);
  queue.addAfter('b', 0);

  expect([queue.length, clock.pending]).toEqual([0, 0]);
});

test('a queue in which nothing is delayed has no timer, however much goes through it', async () => {
  const { clock, queue } = make();
  const timers = [clock.pending];
  queue.add('a');
  await take(queue);
  timers.push(clock.pending);
  queue.done('a');
  queue.addAfter('a', 10);
  clock.step(10);
  timers.push(clock.pending);

  expect(timers).toEqual([0, 0, 0]);
});

test('one timer serves any number of delayed items', () => {
  const { clock, queue } = make();

  for (let i = 0; i < 1000; i += 1) queue.addAfter(`${i}`, 1000 - i);

  expect([clock.pending, clock.untilNextMs]).toEqual([1, 1]);
});

test('a delay of years is kept', () => {
  const { clock, queue } = make();
  const twoYearsMs = 2 * 365 * 24 * 3_600_000;
  queue.addAfter('a', twoYearsMs);

  clock.step(twoYearsMs - 1);
  const early = queue.length;
  clock.step(1);

  expect([early, queue.length]).toEqual([0, 1]);
});

test('an early timer does not make an item early', () => {
  const { clock, queue } = make();
  const early = {
    now: () => clock.now(),
    setTimeout: (callback: () => void, delayMs: number) =>
      clock.setTimeout(callback, delayMs - 0.5),
  };
  const hasty = new DelayingQueue<string>({ clock: early });
  hasty.addAfter('a', 50);

  clock.step(49.5);
  const before = hasty.length;
  clock.step(0.5);

  expect([before, hasty.length, queue.length]).toEqual([0, 1, 0]);
});

test('a timer that was set for an item which is not waited for any more delays no other', () => {
  const clock = new FakeClock();
  const queue = new PriorityQueue<string>({ clock });
  queue.addAfter('taken back', 1);
  queue.addAfter('other', 1.5);
  queue.add('taken back');

  clock.step(1.5);

  expect(queue.length).toBe(2);
});

test('of an object item that waits, the newest addition is handed out', async () => {
  const clock = new FakeClock();
  const keyOf = (item: { id: string; version: number }): string => item.id;
  const queue = new DelayingQueue({ clock, keyOf });
  queue.addAfter({ id: 'a', version: 1 }, 50);
  queue.addAfter({ id: 'a', version: 2 }, 70);
  queue.add({ id: 'a', version: 3 });
  const atOnce = await take(queue);
  queue.done(atOnce);

  clock.step(50);

  expect([atOnce.version, (await take(queue)).version]).toEqual([3, 3]);
});

test('a description shows what waits, soonest first, cut at its limit', () => {
  const { clock, queue } = make();
  for (const delayMs of [30, 10, 20]) queue.addAfter(`${delayMs}`, delayMs);
  clock.step(5);

  const described = queue.describe({ limit: 2 });

  expect(described.waiting).toEqual([
    { item: '10', readyInMs: 5 },
    { item: '20', readyInMs: 15 },
  ]);
  expect(described.counts.waiting).toBe(3);
});

test('two ways to the same moment are the same moment, although sums of fractions differ', async () => {
  const { clock, queue } = make();
  clock.step(0.3);
  queue.addAfter('first', 0.6);
  clock.step(0.2);
  queue.addAfter('second', 0.4);

  clock.step(1);

  expect(await takeAll(queue)).toEqual(['first', 'second']);
});
