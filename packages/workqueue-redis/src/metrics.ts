import type { QueueMetricsProvider } from '@kubeloop/workqueue';

/** Where shared queues report to: what every queue reports, and what only a shared one knows. */
export interface RedisQueueMetrics extends Partial<QueueMetricsProvider> {
  /** Makes the instruments of the shared queue called `name`. Called once per queue, when it is opened. */
  redis(name: string): RedisQueueInstruments;
}

/** A number that only grows. */
export interface RedisCounter {
  /** Counts one. */
  inc(): void;
}

/** A number that goes up and down. */
export interface RedisGauge {
  /** Replaces the value. */
  set(value: number): void;
}

/**
 * The instruments of one shared queue in one process.
 *
 * They are called synchronously while the queue works, so they must be quick; one that throws is reported to `onError`.
 * Names and labels are the provider's.
 */
export interface RedisQueueInstruments {
  /** How many keys wait at the server, as it said last. */
  readonly queued: RedisGauge;
  /** How many calls wait for an answer of the server. One that keeps growing: the server is away. */
  readonly outbox: RedisGauge;
  /** Counts keys that this process put back because the lease of their owner had ended: after a crash, a freeze, a cut. */
  readonly expiries: RedisCounter;
  /** Counts runs whose key was given to another process, or may have been, before they ended. */
  readonly staleRuns: RedisCounter;
  /** Counts lost connections. */
  readonly disconnects: RedisCounter;
  /** Counts calls that were sent again, because the connection was lost before their answer. */
  readonly resends: RedisCounter;
  /** Counts keys that failed too often and were given up. */
  readonly parked: RedisCounter;
}
