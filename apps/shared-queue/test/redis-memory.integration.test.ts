import { RedisQueue, type RedisQueueOptions } from '@kubeloop/workqueue-redis';
import { expect, test } from 'vitest';

import { redisOrSkip } from '../src/redis/redis-or-skip.ts';

const noted: Pick<RedisQueueOptions, 'onError'> = { onError: () => undefined };

test('keys on a server whose memory is full are still worked off, by processes that add others, too', async (context) => {
  await using server = await redisOrSkip(context);
  const options = { name: 'full', url: server.url, leaseMs: 3000, ...noted };
  await using queue = await RedisQueue.open(options);
  await queue.add('a');
  await queue.add('b');
  const first = await queue.get();
  await server.command('CONFIG', 'SET', 'maxmemory', '1');
  const added = queue.add('c');

  // Longer than the lease, which is renewed all the same.
  await new Promise((resolve) => setTimeout(resolve, 3500));
  const wasAborted = first.signal?.aborted;
  await queue.done('a');
  const second = await queue.get();
  await queue.addRateLimited('b');
  await queue.done('b');
  const retried = await queue.get();
  await queue.done('b');
  await using another = await RedisQueue.open(options);
  const before = queue.describe().outbox;
  await server.command('CONFIG', 'SET', 'maxmemory', '0');
  await added;

  const items = [first.item, second.item, retried.item];
  expect([items, wasAborted, before]).toEqual([['a', 'b', 'b'], false, 1]);
  expect((await another.get()).item).toBe('c');
}, 30_000);
