import { RedisQueue, type RedisQueueOptions } from '@kubeloop/workqueue-redis';

import type { QueueConfig, RigQueue } from '../programs/queue-config.ts';
import { NaiveRedisQueue } from './naive-redis-queue.ts';
import type { RedisEngine } from './redis-engine.ts';

/** What a queue on Redis is opened with, beside its engine: options that every real queue takes. */
type Options = Pick<QueueConfig, 'identity' | 'maxRetries' | 'name' | 'urls'> &
  Pick<RedisQueueOptions, 'onError' | 'rateLimiter'>;

/** Opens the queue at the first of the `urls`. */
export async function openRedisQueue(
  { name, urls, identity, maxRetries, rateLimiter, onError }: Options,
  { leaseMs, naive }: RedisEngine,
): Promise<RigQueue> {
  const [url = ''] = typeof urls === 'string' ? [urls] : urls;
  if (naive !== undefined) return NaiveRedisQueue.open({ name, url, fault: naive });
  return RedisQueue.open({ name, url, identity, maxRetries, leaseMs, rateLimiter, onError });
}
