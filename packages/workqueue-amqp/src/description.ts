import type { QueueDescription } from '@kubeloop/workqueue';

/**
 * What a process has to do with a partition: nothing (`none`), it asks the broker for it (`subscribing`), it stands by for the owner
 * to end (`standby`), it gets the work (`owned`), or it gives it up and waits for runs to end (`yielding`).
 */
export type PartitionState = 'none' | 'subscribing' | 'standby' | 'owned' | 'yielding';

/** What this process knows of one partition. */
export interface PartitionDescription {
  /** From 0 up to the number of partitions, excluded. */
  readonly index: number;
  /** What this process has to do with it. */
  readonly state: PartitionState;
  /** How many messages of the partition are held here unacknowledged. */
  readonly windowFill: number;
  /** How many keys of the partition are being processed here. */
  readonly processing: number;
  /** How many of these are stale: the key may be worked on elsewhere. */
  readonly stale: number;
}

/** Whether the broker is reached: `blocked` while it takes no messages because it is short of memory or disk. */
export type AmqpConnectionState = 'connecting' | 'connected' | 'blocked' | 'closed';

/** What a shared queue holds in this process at one moment. `queued` are keys that wait here, `waiting` those held back here. */
export interface AmqpQueueDescription extends QueueDescription<string> {
  /** What the queue is called. */
  readonly name: string;
  /** Who this process is among those that share the queue. */
  readonly identity: string;
  /** All partitions, in order. */
  readonly partitions: readonly PartitionDescription[];
  /** How many publishes wait to be sent or confirmed. */
  readonly outbox: number;
  /** The connection that publishes, and the one that consumes; the latter is opened by the first `get`. */
  readonly connections: {
    readonly publishing: AmqpConnectionState;
    readonly consuming: AmqpConnectionState;
  };
  /** How much longer work may be started without another answer of the broker, in milliseconds; 0: none is. */
  readonly leaseLeftMs: number;
  /** The processes that consume, this one included, as far as they announced themselves. */
  readonly members: readonly string[];
}

/** What the broker says of a shared queue. */
export interface AmqpQueueInspection {
  /** All partitions, in order. */
  readonly partitions: readonly {
    readonly index: number;
    /** How many messages wait at the broker. Those that were delivered to their owner and not acknowledged do not count. */
    readonly messages: number;
    /** How many processes are subscribed; all but one of them stand by. */
    readonly consumers: number;
    /** The process that announced to own the partition. */
    readonly owner: string | undefined;
  }[];
  /** How many keys wait at each level of the delay ladder. */
  readonly delayed: readonly { readonly levelMs: number; readonly messages: number }[];
  /** How many messages were given up. */
  readonly parked: number;
}
