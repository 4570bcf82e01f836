import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { DelayingQueue, PriorityQueue, WorkQueue } from '@kubeloop/workqueue';

interface Item {
  readonly id: string;
}

const keyOf = (item: Item): string => item.id;

async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  // References that were just read stay alive until the end of a turn of the loop.
  await new Promise((resolve) => setImmediate(resolve));
  if (typeof collect === 'function') collect();
}

test.each([
  { name: 'WorkQueue', make: () => new WorkQueue({ keyOf }) },
  { name: 'PriorityQueue', make: () => new PriorityQueue({ keyOf }) },
])('$name: nothing refers to an item that was handed out and is done', async ({ make }) => {
  const queue = make();
  const passThrough = async (): Promise<WeakRef<Item>> => {
    queue.add({ id: 'gone' });
    const { item } = await queue.get();
    if (!item) throw new Error('The queue is empty');
    queue.done(item);
    return new WeakRef(item);
  };
  queue.add({ id: 'before' });
  await queue.get();
  const gone = await passThrough();
  queue.add({ id: 'after' });

  await collectGarbage();

  expect(gone.deref()).toBeUndefined();
  expect(queue.length).toBe(1);
});

test.each([
  { name: 'DelayingQueue', make: (clock: FakeClock) => new DelayingQueue({ clock, keyOf }) },
  { name: 'PriorityQueue', make: (clock: FakeClock) => new PriorityQueue({ clock, keyOf }) },
])('$name: delays that were superseded do not pile up', async ({ make }) => {
  const clock = new FakeClock();
  const queue = make(clock);
  const references: WeakRef<Item>[] = [];
  for (let round = 0; round < 500; round += 1) {
    for (const hours of [9, 8]) {
      const item = { id: 'same' };
      if (hours === 9) references.push(new WeakRef(item));
      queue.addAfter(item, hours * 3_600_000 - round);
    }
  }

  await collectGarbage();

  expect(references.filter((reference) => reference.deref()).length).toBeLessThan(10);
  expect([clock.pending, queue.describe().counts.waiting]).toEqual([1, 1]);
});
