import { RedisQueue, type RedisQueueOptions } from '@kubeloop/workqueue-redis';
import { createClient } from '@redis/client';
import { expect, test } from 'vitest';

import { redisOrSkip } from '../src/redis/redis-or-skip.ts';
import type { RedisServer } from '../src/redis/server.ts';

const noted: Pick<RedisQueueOptions, 'onError'> = { onError: () => undefined };

/** Sets how much memory the server may use; more than that it refuses to write. */
async function limitMemory({ url }: RedisServer, bytes: string): Promise<void> {
  const client = createClient({ url });
  await client.connect();
  await client.sendCommand(['CONFIG', 'SET', 'maxmemory', bytes]);
  client.destroy();
}

test('keys on a server whose memory is full are still worked off, by processes that add others, too', async (context) => {
  await using server = await redisOrSkip(context);
  const options = { name: 'full', url: server.url, leaseMs: 1500, ...noted };
  await using queue = await RedisQueue.open(options);
  await queue.add('a');
  await queue.add('b');
  const first = await queue.get();
  await limitMemory(server, '1');
  const added = queue.add('c');

  // Longer than the lease, which is renewed all the same.
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const wasAborted = first.signal?.aborted;
  await queue.done('a');
  const second = await queue.get();
  await queue.addRateLimited('b');
  await queue.done('b');
  const retried = await queue.get();
  await queue.done('b');
  await using another = await RedisQueue.open(options);
  const before = queue.describe().outbox;
  await limitMemory(server, '0');
  await added;

  const items = [first.item, second.item, retried.item];
  expect([items, wasAborted, before]).toEqual([['a', 'b', 'b'], false, 1]);
  expect((await another.get()).item).toBe('c');
}, 30_000);
