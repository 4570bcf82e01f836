import { expect, test } from 'vitest';
import {
  DelayingQueue,
  type GetResult,
  PriorityQueue,
  type QueueDescription,
  RateLimitingQueue,
  WorkQueue,
} from '@kubeloop/workqueue';
import { take } from './settling.ts';

// What every queue of this package can do because it is in memory. What it owes as a queue is tested in workqueue-conformance.

interface InMemoryQueue<T> {
  add(item: T): void;
  get(options?: { signal?: AbortSignal }): Promise<GetResult<T>>;
  done(item: T): void;
  readonly length: number;
  describe(): QueueDescription<T>;
}

interface Kind {
  readonly name: string;
  readonly make: <T>(keyOf?: (item: T) => string) => InMemoryQueue<T>;
}

const kinds: readonly Kind[] = [
  { name: 'WorkQueue', make: (keyOf) => new WorkQueue({ keyOf }) },
  { name: 'DelayingQueue', make: (keyOf) => new DelayingQueue({ keyOf }) },
  { name: 'RateLimitingQueue', make: (keyOf) => new RateLimitingQueue({ keyOf }) },
  { name: 'PriorityQueue', make: (keyOf) => new PriorityQueue({ keyOf }) },
];

test.each(kinds)('$name: primitives are told apart by value and kind', ({ make }) => {
  const queue = make<unknown>();
  for (const item of [1, '1', 1n, true, null, Number.NaN, Number.NaN]) queue.add(item);

  expect(queue.length).toBe(6);
});

test.each(kinds)('$name: objects are refused unless keyOf tells them apart', ({ make }) => {
  const queue = make<object>();

  expect(() => queue.add({})).toThrow(TypeError);
  expect(queue.length).toBe(0);
});

test.each(kinds)(
  '$name: objects with the same key are one item, and the newest one is handed out',
  async ({ make }) => {
    const queue = make((item: { id: string; version: number }) => item.id);
    queue.add({ id: 'a', version: 1 });
    queue.add({ id: 'a', version: 2 });

    const first = await take(queue);
    queue.add({ id: 'a', version: 3 });
    queue.add({ id: 'a', version: 4 });
    queue.done({ id: 'a', version: 0 });

    expect([first, queue.length, await take(queue)]).toEqual([
      { id: 'a', version: 2 },
      1,
      { id: 'a', version: 4 },
    ]);
  },
);

test.each(kinds)(
  '$name: a waiting get has its item in the turn in which that is added, whatever its signal does then',
  async ({ make }) => {
    const queue = make<string>();
    const controller = new AbortController();
    const getting = queue.get({ signal: controller.signal });

    queue.add('a');
    const length = queue.length;
    controller.abort('too late');

    expect([length, (await getting).item]).toEqual([0, 'a']);
  },
);

test.each(kinds)(
  '$name: a description shows what is queued and what is being processed',
  async ({ make }) => {
    const queue = make<string>();
    for (const item of ['a', 'b', 'c']) queue.add(item);
    await take(queue);

    expect(queue.describe()).toMatchObject({
      queued: ['b', 'c'],
      processing: ['a'],
      waiting: [],
      counts: { queued: 2, processing: 1, waiting: 0 },
    });
  },
);
