import { expect, test } from 'vitest';
import { type Storage, WorkQueue } from '@kubeloop/workqueue';
import { take } from './settling.ts';

/** Last in, first out, and remembers what is touched. */
class Stack<T> implements Storage<T> {
  readonly touched: T[] = [];
  readonly #items: T[] = [];

  get length(): number {
    return this.#items.length;
  }

  touch(item: T): void {
    this.touched.push(item);
  }

  push(item: T): void {
    this.#items.push(item);
  }

  pop(): T {
    const item = this.#items.pop();
    if (item === undefined) throw new Error('The stack is empty');
    return item;
  }
}

test('the storage decides the order in which items are handed out', async () => {
  const queue = new WorkQueue<string>({ storage: new Stack() });
  for (const item of ['a', 'b', 'c']) queue.add(item);

  expect([await take(queue), await take(queue), await take(queue)]).toEqual(['c', 'b', 'a']);
});

test('an item that is queued and added again is touched and not pushed again', () => {
  const storage = new Stack<string>();
  const queue = new WorkQueue<string>({ storage });
  queue.add('a');
  queue.add('b');

  queue.add('a');

  expect([queue.length, storage.length, storage.touched]).toEqual([2, 2, ['a']]);
});

test('an item that is processed and added again is not touched', async () => {
  const storage = new Stack<string>();
  const queue = new WorkQueue<string>({ storage });
  queue.add('a');
  await take(queue);

  for (let i = 0; i < 3; i += 1) queue.add('a');
  queue.done('a');

  expect([storage.touched, queue.length, await take(queue)]).toEqual([[], 1, 'a']);
});

test('a touch brings the newly added item, and that one is handed out', async () => {
  const storage = new Stack<{ id: string; version: number }>();
  const queue = new WorkQueue({ storage, keyOf: (item) => item.id });
  queue.add({ id: 'a', version: 1 });

  queue.add({ id: 'a', version: 2 });

  expect(storage.touched).toEqual([{ id: 'a', version: 2 }]);
  expect(await take(queue)).toEqual({ id: 'a', version: 2 });
});

test('a description lists what is in a storage of ones own', async () => {
  const queue = new WorkQueue<string>({ storage: new Stack() });
  for (const item of ['a', 'b', 'c']) queue.add(item);
  await take(queue);
  queue.add('c');

  expect(queue.describe()).toMatchObject({ queued: ['a', 'b'], processing: ['c'] });
});

test('a storage that gives back what is not queued is found out', () => {
  const storage: Storage<string> = {
    touch: () => {},
    push: () => {},
    pop: () => 'other',
    length: 1,
  };
  const queue = new WorkQueue<string>({ storage });
  queue.add('a');

  expect(() => queue.get()).toThrow('the storage popped one that is not queued');
});

test('the order holds when the queue grows and shrinks many times', async () => {
  const queue = new WorkQueue<number>();
  const out: number[] = [];
  let next = 0;
  for (const [adds, gets] of [
    [5, 3],
    [20, 1],
    [100, 121],
    [3000, 2999],
    [40, 41],
    [1, 1],
  ] as const) {
    for (let i = 0; i < adds; i += 1) queue.add(next++);
    for (let i = 0; i < gets; i += 1) out.push(await take(queue));
  }

  expect(out).toEqual(Array.from({ length: next }, (_, i) => i));
});

test('a storage that pops an item which is in work gives it to no second worker', async () => {
  class Sticky extends Stack<string> {
    override pop(): string {
      const item = super.pop();
      this.push(item);
      return item;
    }
  }
  const queue = new WorkQueue<string>({ storage: new Sticky() });
  queue.add('a');
  await take(queue);

  await expect(take(queue)).rejects.toThrow('the storage popped one that is not queued');
  expect(queue.describe().processing).toEqual(['a']);
});
