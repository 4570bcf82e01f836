import { ItemExponentialFailureRateLimiter } from '@kubeloop/ratelimiter';
import { AmqpQueue } from '@kubeloop/workqueue-amqp';

import { openRedisQueue } from '../redis/open-redis-queue.ts';
import { messageOf } from '../rig/message-of.ts';
import { NaiveQueue } from './naive-queue.ts';
import type { QueueConfig, RigQueue } from './queue-config.ts';

/** Opens the queue; what it goes on from is printed, for the rig's log. */
export async function openQueue(config: QueueConfig): Promise<RigQueue> {
  const { backoff, naive, redis, ...options } = config;
  if (naive !== undefined) return NaiveQueue.open({ ...options, fault: naive });
  const real = {
    ...options,
    rateLimiter: backoff && new ItemExponentialFailureRateLimiter<string>(backoff),
    onError: (error: unknown, action: string): void =>
      console.log(`${new Date().toISOString()} ${action}: ${messageOf(error)}`),
  };
  return redis === undefined ? AmqpQueue.open(real) : openRedisQueue(real, redis);
}
