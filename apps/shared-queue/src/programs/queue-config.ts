import { ItemExponentialFailureRateLimiter } from '@kubeloop/ratelimiter';
import type { PrioritizedGetResult } from '@kubeloop/workqueue';
import {
  AmqpQueue,
  type AmqpQueueInspection,
  type AmqpQueueOptions,
} from '@kubeloop/workqueue-amqp';

import { openRedisQueue, type RedisEngine } from '../redis/open-redis-queue.ts';
import { NaiveQueue, type NaiveFault } from './naive-queue.ts';

/** The options of a queue that can be written as JSON. */
export type QueueConfig = Pick<
  AmqpQueueOptions,
  | 'name'
  | 'urls'
  | 'partitions'
  | 'heartbeatMs'
  | 'takeoverGraceMs'
  | 'window'
  | 'ackTimeoutMs'
  | 'delayLevelsMs'
  | 'maxRetries'
  | 'identity'
> & {
  /** First and longest delay of failed keys; default: those of the queue. */
  readonly backoff?: { readonly baseDelayMs: number; readonly maxDelayMs: number } | undefined;
  /** Takes the naive queue with this fault instead of the real one: the control of a test. */
  readonly naive?: NaiveFault | undefined;
  /** Takes a queue on Redis, at the first of the `urls`. */
  readonly redis?: RedisEngine | undefined;
};

/** What the programs of the rig use of a queue. */
export interface RigQueue {
  add(key: string): Promise<void>;
  addAfter(key: string, delayMs: number): void | Promise<void>;
  addRateLimited(key: string): void | Promise<void>;
  get(): Promise<PrioritizedGetResult<string>>;
  done(key: string): void | Promise<void>;
  forget(key: string): void;
  numRequeues(key: string): number;
  flushed(): Promise<void>;
  shutDownWithDrain(): Promise<void>;
  describe(): {
    readonly outbox: number;
    readonly partitions?: readonly { readonly windowFill: number }[];
  };
  inspect?(): Promise<AmqpQueueInspection>;
}

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
