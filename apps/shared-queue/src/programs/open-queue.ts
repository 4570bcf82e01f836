import { ItemExponentialFailureRateLimiter } from '@kubeloop/ratelimiter';
import { AmqpQueue } from '@kubeloop/workqueue-amqp';

import { openRedisQueue } from '../redis/open-redis-queue.ts';
import { NaiveQueue } from './naive-queue.ts';
import type { QueueConfig, RigQueue } from './queue-config.ts';

/** Opens the queue; what it goes on from is printed, for the rig's log. */
export async function openQueue(config: QueueConfig): Promise<RigQueue> {
  if (config.redis !== undefined) return openRedisQueue(config, config.redis);
  const { backoff, naive, redis: _, ...options } = config;
  if (naive !== undefined) return NaiveQueue.open({ ...options, fault: naive });
  const rateLimiter =
    backoff === undefined
      ? {}
      : { rateLimiter: new ItemExponentialFailureRateLimiter<string>(backoff) };
  return AmqpQueue.open({
    ...options,
    ...rateLimiter,
    onError: (error, action) => {
      const text = error instanceof Error ? error.message : String(error);
      console.log(`${new Date().toISOString()} ${action}: ${text}`);
    },
  });
}
