import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { DeletedFinalStateUnknown } from '@kubeloop/cache-store';
import { expect, test } from 'vitest';
import { EventQueue, type EventQueueOptions } from '../src/event-queue.ts';
import { Turns } from '../src/turns.ts';
import { type Thing, thing } from './support/scripted.ts';

function newQueue(options: Partial<EventQueueOptions<Thing>> = {}): EventQueue<Thing> {
  const queue = new EventQueue<Thing>({
    held: () => undefined,
    capacity: 100,
    turns: new Turns(new FakeClock()),
    onError: (error) => {
      throw error;
    },
    shouldResync: () => true,
    ...options,
  });
  queue.open();
  return queue;
}

function drain(queue: EventQueue<Thing>): string[] {
  const out: string[] = [];
  for (let entry = queue.shift(); entry; entry = queue.shift())
    out.push('key' in entry ? `${entry.type} ${entry.key}` : entry.type);
  return out;
}

test('entries come out in the order of arrival, all of them, a list and a resync as one each', () => {
  const queue = newQueue();

  void queue.add(thing('a', 1));
  void queue.update(thing('a', 2));
  void queue.delete(thing('unknown', 3));
  void queue.replace([thing('b', 1), thing('c', 2)], '4');
  void queue.resync();
  void queue.bookmark('5');
  void queue.delete(thing('a', 6));

  expect(drain(queue)).toEqual([
    'upsert a',
    'upsert a',
    'delete unknown',
    'replaceAll',
    'syncAll',
    'bookmark',
    'delete a',
  ]);
});

test('a resync that nobody is due for is no entry', () => {
  const queue = newQueue({ shouldResync: () => false });

  void queue.resync();

  expect(queue.length).toBe(0);
});

test('while the queue is full the source is made to wait, until one entry is taken', async () => {
  const queue = newQueue({ capacity: 2 });
  let hasRoom = false;

  const first = queue.add(thing('a', 1));
  const second = Promise.resolve(queue.add(thing('b', 2))).then(() => (hasRoom = true));
  await Promise.resolve();
  const before = hasRoom;
  queue.shift();
  await second;

  expect(first).toBeUndefined();
  expect([before, hasRoom]).toEqual([false, true]);
});

test('objects are transformed before they wait, tombstones are not', async () => {
  const seen: string[] = [];
  const queue = newQueue({
    transform: (obj) => {
      seen.push(obj.metadata.name);
      return obj;
    },
  });

  void queue.add(thing('a', 1));
  void queue.delete(thing('b', 2));
  void queue.delete(new DeletedFinalStateUnknown('c', thing('c', 3)));
  void queue.replace([thing('d', 4)], '4');
  void queue.resync();

  expect(seen).toEqual(['a', 'b', 'd']);
});

test('an event that cannot be transformed is reported and left out, a list fails as a whole', async () => {
  const failure = new Error('boom');
  const errors: unknown[] = [];
  const queue = newQueue({
    transform: () => {
      throw failure;
    },
    onError: (error, key) => errors.push([error, key]),
  });

  void queue.add({ metadata: { name: 'a', namespace: 'n' } });
  const replaced = queue.replace([thing('b', 1)], '1');

  await expect(replaced).rejects.toThrow(
    expect.objectContaining({ message: 'Cannot transform "b": boom', cause: failure }),
  );
  expect(errors).toEqual([[failure, 'n/a']]);
  expect(queue.length).toBe(0);
});

test('a deletion that cannot be transformed is reported and told with the object as it came', () => {
  const errors: unknown[] = [];
  const queue = newQueue({
    transform: () => {
      throw new Error('boom');
    },
    onError: (error, key) => errors.push([String(error), key]),
  });
  const last = thing('a', 2);

  void queue.delete(last);

  expect(queue.shift()).toEqual({ type: 'delete', key: 'a', obj: last });
  expect(errors).toEqual([['Error: boom', 'a']]);
});

test('a transform that forgets to return is named as such', () => {
  const errors: string[] = [];
  const queue = newQueue({
    // @ts-expect-error -- a mistake that the types catch
    transform: () => {},
    onError: (error) => errors.push(String(error)),
  });

  void queue.add(thing('a', 1));

  expect(errors).toEqual([
    'TypeError: Cannot keep object "a": the transform must return an object, not undefined',
  ]);
});

test('a transform that is asynchronous is named as such, be it that it rejects', async () => {
  const errors: string[] = [];
  const queue = newQueue({
    // What a program in JavaScript can pass.
    transform: (() => Promise.reject(new Error('boom'))) as never,
    onError: (error) => errors.push(String(error)),
  });
  const words = 'the transform must return an object, not a promise';

  void queue.add(thing('a', 1));
  const replaced = queue.replace([thing('b', 1)], '1');

  expect(errors).toEqual([`TypeError: Cannot keep object "a": ${words}`]);
  await expect(replaced).rejects.toThrow(new TypeError(`Cannot keep object "b": ${words}`));
});

test('closing forgets what waits and lets everybody go on', async () => {
  const queue = newQueue({ capacity: 1 });
  const added = queue.add(thing('a', 1));
  const replaced = queue.replace([thing('b', 1)], '1');

  queue.close();
  void queue.add(thing('c', 2));

  await Promise.all([added, replaced, queue.waitForEntry()]);
  expect(queue.length).toBe(0);
});

test('a transform that takes versions away does not change what the queue knows of them', () => {
  const queue = newQueue({ transform: ({ metadata: { name } }) => ({ metadata: { name } }) });

  void queue.add(thing('a', 7));
  const entry = queue.shift();

  expect(entry?.type === 'upsert' && queue.versionOf(entry.obj)).toBe('7');
});

test('an object of a list that is held already, the same to the last member, is the one that is held', () => {
  const held = thing('a', 1);
  const queue = newQueue({ held: (key) => (key === 'a' ? held : undefined) });

  expect(queue.prepare(thing('a', 1))).toBe(held);
});

test.each<[string, Thing, Thing | undefined]>([
  ['is not held', thing('a', 1), undefined],
  ['has another version', thing('a', 2), thing('a', 1)],
  [
    'has the same version and other members',
    { ...thing('a', 1), other: true } as Thing,
    thing('a', 1),
  ],
  ['has no version', { metadata: { name: 'a' } }, { metadata: { name: 'a' } }],
])('an object of a list that %s is kept as it came', (_, obj, held) => {
  const queue = newQueue({ held: () => held });

  expect(queue.prepare(obj)).toBe(obj);
});

test('what was prepared is transformed once', async () => {
  let count = 0;
  const queue = newQueue({
    transform: (obj) => {
      count += 1;
      return { ...obj };
    },
  });

  const prepared = queue.prepare(thing('a', 1));
  void queue.replace([prepared, thing('b', 1)], '1');
  await Promise.resolve();

  expect(queue.shift()).toMatchObject({ list: [prepared, thing('b', 1)] });
  expect(count).toBe(2);
});
