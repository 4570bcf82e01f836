import { expect, test } from 'vitest';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { PriorityQueue } from '@kubeloop/workqueue';

/** Hands out `count` items while urgent ones keep coming, and returns those that are not urgent with their position. */
async function underLoad(
  queue: PriorityQueue<string>,
  count: number,
): Promise<{ item: string; position: number }[]> {
  const patient: { item: string; position: number }[] = [];
  for (let position = 1; position <= count; position += 1) {
    queue.add(`urgent-${position}`);
    const { item = '' } = await queue.get();
    if (!item.startsWith('urgent')) patient.push({ item, position });
    queue.done(item);
  }
  return patient;
}

test('urgent items go first as long as the others have not aged', async () => {
  const clock = new FakeClock();
  const queue = new PriorityQueue<string>({ clock, ageingMs: 1000 });
  queue.add('patient', { priority: -100 });
  clock.step(999);

  expect(await underLoad(queue, 100)).toEqual([]);
});

test('items that have aged get one turn in ten, the oldest first', async () => {
  const clock = new FakeClock();
  const queue = new PriorityQueue<string>({ clock, ageingMs: 1000 });
  queue.add('older', { priority: -100 });
  clock.step(1);
  queue.add('younger', { priority: -1 });
  clock.step(1000);

  expect(await underLoad(queue, 30)).toEqual([
    { item: 'older', position: 10 },
    { item: 'younger', position: 20 },
  ]);
});

test('an endless stream of urgent items starves nothing', async () => {
  const clock = new FakeClock();
  const queue = new PriorityQueue<string>({ clock });
  for (let i = 0; i < 50; i += 1) queue.add(`patient-${i}`, { priority: -(i % 7) - 1 });
  clock.step(30_000);

  const patient = await underLoad(queue, 500);

  expect(new Set(patient.map(({ item }) => item)).size).toBe(50);
});

test('without ageing, higher priorities always go first', async () => {
  const clock = new FakeClock();
  const queue = new PriorityQueue<string>({ clock, ageingMs: 0 });
  queue.add('patient', { priority: -1 });
  clock.step(3_600_000);

  expect(await underLoad(queue, 100)).toEqual([]);
});

test('an aged item that is in work is not handed out a second time', async () => {
  const clock = new FakeClock();
  const queue = new PriorityQueue<string>({ clock, ageingMs: 1000 });
  queue.add('held', { priority: -1 });
  await queue.get();
  queue.add('held', { priority: -1 });
  clock.step(2000);

  expect(await underLoad(queue, 50)).toEqual([]);
});

test.each([Number.NaN, -1, Infinity])('an ageing time of %d is refused', (ageingMs) => {
  expect(() => new PriorityQueue<string>({ ageingMs })).toThrow(RangeError);
});
