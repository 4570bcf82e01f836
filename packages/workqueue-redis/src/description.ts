import type { QueueDescription } from '@kubeloop/workqueue';

/** Whether the server is reached. */
export type RedisConnectionState = 'connecting' | 'connected' | 'closed';

/**
 * What a process knows of a shared queue at one moment. `processing` is what is worked on here; of what is queued and waits there are
 * only the counts, as the server told them last.
 */
export interface RedisQueueDescription extends QueueDescription<string> {
  /** What the queue is called. */
  readonly name: string;
  /** Who this process is among those that share the queue. */
  readonly identity: string;
  /** Whether the server is reached. */
  readonly connection: RedisConnectionState;
  /** How many calls wait for an answer of the server, or to be sent again. */
  readonly outbox: number;
  /** How many `get`s wait. */
  readonly getters: number;
  /** How many of the keys in work are stale: they may be worked on elsewhere. */
  readonly stale: number;
}

/** What the server says of a shared queue. */
export interface RedisQueueInspection {
  /** How many keys can be handed out. */
  readonly queued: number;
  /** How many keys are in work, in all processes. */
  readonly processing: number;
  /** How many of these were added again meanwhile. */
  readonly again: number;
  /** How many keys wait for their time. */
  readonly delayed: number;
  /** How many keys have failures that are not forgotten. */
  readonly failing: number;
  /** How many keys were given up. */
  readonly parked: number;
}
