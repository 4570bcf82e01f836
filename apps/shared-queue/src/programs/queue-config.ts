import type { PrioritizedGetResult } from '@kubeloop/workqueue';
import type { AmqpQueueOptions } from '@kubeloop/workqueue-amqp';

import type { RedisEngine } from '../redis/redis-engine.ts';
import type { NaiveFault } from './naive-queue.ts';

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
  forget(key: string): void | Promise<void>;
  numRequeues(key: string): number;
  flushed(): Promise<void>;
  shutDownWithDrain(): Promise<void>;
  describe(): {
    readonly outbox: number;
    readonly partitions?: readonly { readonly windowFill: number }[];
  };
  inspect?(): Promise<object>;
}
