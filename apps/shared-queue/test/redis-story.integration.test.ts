import { ItemExponentialFailureRateLimiter } from '@kubeloop/ratelimiter';
import { RedisQueue, type RedisQueueOptions } from '@kubeloop/workqueue-redis';
import { afterAll, expect, test, type TestContext } from 'vitest';

import { waitUntil } from '../src/broker/wait-until.ts';
import { redisOrSkip } from '../src/redis/redis-or-skip.ts';
import type { RedisServer } from '../src/redis/server.ts';

let shared: Promise<RedisServer> | undefined;
let names = 0;

afterAll(async () => (await shared)?.[Symbol.asyncDispose]());

type Opened = readonly [RedisQueue, RedisQueue, RedisServer];

/** Two processes, as it were, that share a queue of their own. */
async function openTwo(
  context: TestContext,
  options: Partial<RedisQueueOptions> = {},
): Promise<Opened> {
  names += 1;
  return reopened(context, `s${names}`, options);
}

/** Two processes on a queue that may be there already. */
async function reopened(
  context: TestContext,
  name: string,
  options: Partial<RedisQueueOptions>,
): Promise<Opened> {
  shared ??= redisOrSkip(context);
  const server = await shared;
  const open = (): Promise<RedisQueue> => {
    const limits = { baseDelayMs: 5, maxDelayMs: 1000 };
    const rateLimiter = new ItemExponentialFailureRateLimiter<string>(limits);
    const onError = (): void => undefined;
    return RedisQueue.open({
      name,
      url: server.url,
      rateLimiter,
      onError,
      ...options,
    });
  };
  const queues = [await open(), await open()] as const;
  context.onTestFinished(async () => {
    for (const queue of queues) await queue.close();
  });
  return [...queues, server];
}

test('of the priorities of a key that is delayed the highest counts, also where none was given', async (context) => {
  const [first, second] = await openTwo(context);
  await first.addAfter('low, then none', 50, { priority: -100 });
  await second.addAfter('low, then none', 40);
  await first.addAfter('none, then low', 50);
  await second.addAfter('none, then low', 40, { priority: -100 });
  await first.addAfter('low, then high', 50, { priority: -100 });
  await second.addAfter('low, then high', 40, { priority: 100 });
  await waitUntil({ what: 'all are due', timeoutMs: 5000 }, async () => {
    const { delayed } = await first.inspect();
    return delayed === 0;
  });

  const taken = [await first.get(), await first.get(), await first.get()];

  expect(new Map(taken.map(({ item, priority }) => [item, priority]))).toEqual(
    new Map([
      ['low, then none', 0],
      ['none, then low', 0],
      ['low, then high', 100],
    ]),
  );
});

test('failures are counted for all processes, and forgotten for all', async (context) => {
  const [first, second] = await openTwo(context);
  await first.add('a');
  const seen: number[] = [];
  for (const queue of [first, second, first, second]) {
    const { item } = await queue.get();
    seen.push(queue.numRequeues(item ?? ''));
    await queue.addRateLimited('a');
    await queue.done('a');
  }
  await first.get();
  await first.forget('a');
  await first.add('a');
  await first.done('a');
  await second.get();

  expect(seen).toEqual([0, 1, 2, 3]);
  expect(second.numRequeues('a')).toBe(0);
  expect(await first.inspect()).toMatchObject({ failing: 0, parked: 0 });
});

test('a key that fails too often is parked, whichever processes it failed in', async (context) => {
  const [first, second] = await openTwo(context, { maxRetries: 2 });
  await first.add('a');
  for (const queue of [first, second, first]) {
    await queue.get();
    await queue.addRateLimited('a');
    await queue.done('a');
  }

  const counts = { queued: 0, processing: 0, delayed: 0, failing: 0, parked: 1 };
  expect(await second.inspect()).toMatchObject(counts);
});

test('a key whose process is gone comes behind the others when its lease ends, with its priority', async (context) => {
  const [first, second] = await openTwo(context, { leaseMs: 500 });
  await first.add('gone', { priority: 3 });
  await first.get();
  await second.add('low', { priority: 1 });
  await second.add('same', { priority: 3 });
  await first.close();
  await waitUntil({ what: 'the lease ends', timeoutMs: 10_000 }, async () => {
    const { queued } = await second.inspect();
    return queued === 3;
  });

  const order = [await second.get(), await second.get(), await second.get()];

  expect(order.map(({ item, priority }) => [item, priority])).toEqual([
    ['same', 3],
    ['gone', 3],
    ['low', 1],
  ]);
});

test('a key that is added again after its process was gone comes once', async (context) => {
  const [first, second] = await openTwo(context, { leaseMs: 500 });
  await first.add('a');
  await first.get();
  await second.add('a');
  await first.close();

  const { item } = await second.get();
  await second.done('a');

  expect(item).toBe('a');
  expect(await second.inspect()).toMatchObject({ queued: 0, processing: 0, again: 0 });
});

test('a process does not start a key again before its stale run has ended, and then may', async (context) => {
  const [first, second, server] = await openTwo(context, { leaseMs: 600 });
  await second.close();
  await first.add('a');
  const { signal } = await first.get();
  // The server loses what it knew, as at a fail-over, and the key is added anew.
  await server.command('FLUSHALL');
  await first.add('a');
  const waiting = first.get();
  await waitUntil({ what: 'the signal aborts', timeoutMs: 10_000 }, () => signal?.aborted);
  await first.add('b');
  const other = await waiting;
  const again = first.get();
  const before = await first.inspect();

  await first.done('a');
  const started = await again;

  expect(other.item).toBe('b');
  expect(before).toMatchObject({ queued: 1, processing: 1 });
  expect(started).toMatchObject({ item: 'a' });
  expect(started.signal?.aborted).toBe(false);
});

test('keys that a process was given and does not know of come again when it connects, not when their lease ends', async (context) => {
  const options = { leaseMs: 60_000, identity: 'me' };
  const [first, second] = await openTwo(context, options);
  await first.add('a');
  await first.add('b');
  await first.get();
  await first.get();
  const before = await second.inspect();
  // As after an answer that was lost with its connection: the server has given keys away, and the process does not know.
  await first.close();

  const [again] = await reopened(context, first.name, options);

  expect(before).toMatchObject({ queued: 0, processing: 2 });
  expect([(await again.get()).item, (await again.get()).item]).toEqual(['a', 'b']);
});

test('a server that has forgotten the scripts is given them again', async (context) => {
  const [first, second, server] = await openTwo(context);
  await first.add('a');
  await server.command('SCRIPT', 'FLUSH', 'SYNC');

  await first.add('b');
  const items = [(await second.get()).item, (await second.get()).item];

  expect(items).toEqual(['a', 'b']);
});

test('a queue of another layout is refused', async (context) => {
  const [first, , server] = await openTwo(context);
  await server.command('HSET', `wq:{${first.name}}:v1:meta`, 'version', '7');

  const opening = RedisQueue.open({ name: first.name, url: server.url });

  await expect(opening).rejects.toThrow('has the layout 7 at the server');
});

test('a server that is not there is refused at once, by name', async () => {
  const opening = RedisQueue.open({ name: 'orders', url: 'redis://127.0.0.1:1' });

  await expect(opening).rejects.toThrow('Cannot open queue "orders"');
});

test('keys of any characters are kept apart', async (context) => {
  const [first, second] = await openTwo(context);
  const keys = [
    '',
    ' ',
    'a',
    'a ',
    '0'.repeat(17),
    '0000000000000001a',
    'ä',
    '😀',
    'a\nb',
    '\0',
    '%s',
  ];
  for (const key of keys) await first.add(key);
  for (const key of keys) await first.addAfter(key, 60_000);

  const taken: unknown[] = [];
  for (const _ of keys) taken.push((await second.get()).item);
  for (const key of keys) await second.done(key);

  expect(taken).toEqual(keys);
  expect(await first.inspect()).toMatchObject({ queued: 0, processing: 0, delayed: keys.length });
});

test('a slow answer after shutdown hands nothing out, and what was taken by it goes back', async (context) => {
  const [first, second] = await openTwo(context);
  await first.addAfter('warm', -1);
  await first.get();
  const waiting = first.get();
  void second.add('a');
  first.shutDown();

  const { shutdown } = await waiting;
  const { item } = await second.get();

  expect(shutdown).toBe(true);
  expect(item).toBe('a');
});
