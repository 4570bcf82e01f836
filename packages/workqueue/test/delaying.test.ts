import { expect, test } from 'vitest';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { DelayingQueue, PriorityQueue } from '@kubeloop/workqueue';
import { isSettled, take } from './queue-contract.ts';

function make() {
  const clock = new FakeClock(5000);
  return { clock, queue: new DelayingQueue<string>({ clock }) };
}

async function takeAll(queue: DelayingQueue<string>): Promise<string[]> {
  const items: string[] = [];
  while (queue.length > 0) items.push(await take(queue));
  return items;
}

test('a delayed item is added when its delay has passed, and not before', async () => {
  const { clock, queue } = make();
  queue.addAfter('a', 50);

  clock.step(49.9);
  const early = queue.length;
  clock.step(0.1);

  expect([early, await takeAll(queue)]).toEqual([0, ['a']]);
});

test('a delayed item wakes a waiting get', async () => {
  const { clock, queue } = make();
  queue.addAfter('a', 50);
  const getting = queue.get();
  const early = await isSettled(getting);

  clock.step(50);

  expect([early, (await getting).item]).toEqual([false, 'a']);
});

test.each([
  { title: 'the earlier first', delays: [50, 70] },
  { title: 'the later first', delays: [70, 50] },
])(
  'an item that is delayed twice is added once, at the earlier time: $title',
  async ({ delays }) => {
    const { clock, queue } = make();
    for (const delayMs of delays) queue.addAfter('a', delayMs);

    clock.step(49);
    const early = queue.length;
    clock.step(1);
    const onTime = await takeAll(queue);
    queue.done('a');
    clock.step(1000);

    expect([early, onTime, queue.length, clock.pending]).toEqual([0, ['a'], 0, 0]);
  },
);

test('after it was added, an item can be delayed anew', async () => {
  const { clock, queue } = make();
  queue.addAfter('a', 50);
  clock.step(50);
  await take(queue);
  queue.done('a');

  queue.addAfter('a', 50);
  clock.step(49);
  const early = queue.length;
  clock.step(1);

  expect([early, queue.length]).toEqual([0, 1]);
});

test('a shorter delay that is asked for later than a longer one of another item ends first', async () => {
  const { clock, queue } = make();
  queue.addAfter('slow', 1000);
  clock.step(10);
  queue.addAfter('fast', 500);

  clock.step(500);

  expect(await takeAll(queue)).toEqual(['fast']);
});

test('items come in the order of their times, whatever the order in which they were delayed', async () => {
  const { clock, queue } = make();
  for (const delayMs of [30, 10, 50, 20, 40]) queue.addAfter(`${delayMs}`, delayMs);

  clock.step(50);

  expect(await takeAll(queue)).toEqual(['10', '20', '30', '40', '50']);
});

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

test.each([Number.NaN, -Number.NaN, Infinity, -Infinity])('a delay of %d is refused', (delayMs) => {
  const { queue } = make();

  expect(() => queue.addAfter('a', delayMs)).toThrow(RangeError);
  expect(() => queue.add('a', { afterMs: delayMs })).toThrow(RangeError);
  expect(queue.length).toBe(0);
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

test('an item whose delay passes while it is queued stays queued once', () => {
  const { clock, queue } = make();
  queue.addAfter('a', 50);
  queue.add('a');

  clock.step(50);

  expect(queue.length).toBe(1);
});

test('an item whose delay passes while it is processed comes again after done', async () => {
  const { clock, queue } = make();
  queue.add('a');
  await take(queue);
  queue.addAfter('a', 50);

  clock.step(50);
  const inWork = queue.length;
  queue.done('a');

  expect([inWork, queue.length]).toEqual([0, 1]);
});

test('an addition can be put off by an option', () => {
  const { clock, queue } = make();
  queue.add('later', { afterMs: 10 });
  queue.add('now', { afterMs: 0 });
  const before = queue.length;

  clock.step(10);

  expect([before, queue.length]).toEqual([1, 2]);
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
