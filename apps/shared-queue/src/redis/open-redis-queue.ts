import { ItemExponentialFailureRateLimiter } from '@kubeloop/ratelimiter';
import { RedisQueue } from '@kubeloop/workqueue-redis';

import type { QueueConfig, RigQueue } from '../programs/queue-config.ts';
import { NaiveRedisQueue } from './naive-redis-queue.ts';
import type { RedisEngine } from './redis-engine.ts';

/** Opens the queue; what it goes on from is printed, for the rig's log. */
export async function openRedisQueue(
  { name, urls, identity, maxRetries, backoff }: QueueConfig,
  { leaseMs, naive }: RedisEngine,
): Promise<RigQueue> {
  const [url = ''] = typeof urls === 'string' ? [urls] : urls;
  if (naive !== undefined) return NaiveRedisQueue.open({ name, url, fault: naive });
  const queue = await RedisQueue.open({
    name,
    url,
    identity,
    maxRetries,
    leaseMs,
    rateLimiter: backoff && new ItemExponentialFailureRateLimiter<string>(backoff),
    onError: (error, action) => {
      const text = error instanceof Error ? error.message : String(error);
      console.log(`${new Date().toISOString()} ${action}: ${text}`);
    },
  });
  return {
    add: (key) => queue.add(key),
    addAfter: (key, delayMs) => queue.addAfter(key, delayMs),
    addRateLimited: (key) => queue.addRateLimited(key),
    get: () => queue.get(),
    done: (key) => queue.done(key),
    forget: (key) => void queue.forget(key),
    numRequeues: (key) => queue.numRequeues(key),
    flushed: () => queue.flushed(),
    shutDownWithDrain: () => queue.shutDownWithDrain(),
    describe: () => queue.describe(),
  };
}
