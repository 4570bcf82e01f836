import type { QueueMetricsProvider } from '@kubeloop/workqueue';

/** Where shared queues report to: what every queue reports, and what only a shared one knows. */
export interface AmqpQueueMetrics extends Partial<QueueMetricsProvider> {
  /** Makes the instruments of the shared queue called `name`. Called once per queue, when it is opened. */
  amqp(name: string): AmqpQueueInstruments;
}

/** A number that only grows. */
export interface AmqpCounter {
  /** Counts one. */
  inc(): void;
}

/** A number that goes up and down. */
export interface AmqpGauge {
  /** Replaces the value. */
  set(value: number): void;
}

/** A number of each partition that goes up and down. */
export interface AmqpPartitionGauge {
  /** Replaces the value of the partition with this index. */
  set(partition: number, value: number): void;
}

/**
 * The instruments of one shared queue in one process.
 *
 * They are called synchronously while the queue works, so they must be quick; one that throws is reported to `onError`.
 * Names and labels are the provider's.
 */
export interface AmqpQueueInstruments {
  /** Whether this process owns the partition, 1, or not, 0. */
  readonly owned: AmqpPartitionGauge;
  /** How many messages of the partition this process holds unacknowledged; at the option `window` the de-duplication ends. */
  readonly windowFill: AmqpPartitionGauge;
  /** How many publishes wait to be sent or confirmed. One that keeps growing: the broker is away, or blocks publishers. */
  readonly outbox: AmqpGauge;
  /** How much longer this process may start work without another answer of the broker, in seconds; 0: it may not. */
  readonly leaseLeft: AmqpGauge;
  /** Counts messages that came again: after a crash, a cut, a hand-over. */
  readonly redeliveries: AmqpCounter;
  /** Counts messages that were taken as one with a message that was here already. */
  readonly duplicates: AmqpCounter;
  /** Counts messages that were published again because they had waited for half the broker's acknowledgement timeout. */
  readonly renewals: AmqpCounter;
  /** Counts runs whose key was given to another process, or may have been, before they ended. */
  readonly staleRuns: AmqpCounter;
  /** Counts publishes that the broker refused or gave back. */
  readonly nacks: AmqpCounter;
  /** Counts channels for publishing that were opened in place of one that refused. */
  readonly reopens: AmqpCounter;
  /** Counts lost connections. */
  readonly disconnects: AmqpCounter;
  /** Counts partitions that were given up for another process to take over. */
  readonly yields: AmqpCounter;
  /** Counts keys that failed too often and went to the park queue. */
  readonly parked: AmqpCounter;
}
