/** Where queues report to. Give one as the option `metrics` to every queue that has a `name`; a queue without a name reports nothing. */
export interface QueueMetricsProvider {
  /** Makes the instruments of the queue called `name`. Called once per queue, when it is constructed. */
  queue(name: string): QueueMetrics;
}

/**
 * The instruments of one queue. Durations are in seconds, as Prometheus has them.
 *
 * They are called synchronously while the queue works, so they must be quick. What one throws, or rejects with, changes nothing in the queue,
 * and is a warning of the process the first time.
 * The meanings are those of client-go's `util/workqueue/metrics.go`; names and buckets are the provider's.
 */
export interface QueueMetrics {
  /** How many items need work and are not handed out, those included that were added again while they are processed. */
  readonly depth: {
    /** One more. `priority` is given by queues that know priorities. */
    inc(priority?: number): void;
    /** One less. */
    dec(priority?: number): void;
  };
  /** Counts additions that were not collapsed into an earlier one. */
  readonly adds: {
    /** Counts one. */
    inc(): void;
  };
  /** Counts delayed additions. In a `PriorityQueue` those with a delay above zero, else all calls of `addAfter`. */
  readonly retries: {
    /** Counts one. */
    inc(): void;
  };
  /** How long items wait from their first addition until they are handed out. */
  readonly queueDuration: {
    /** Records one. */
    observe(seconds: number): void;
  };
  /** How long items are worked on, until `done`. */
  readonly workDuration: {
    /** Records one. */
    observe(seconds: number): void;
  };
  /** How long the items in work have been in work, added up. Refreshed every `metricsPeriodMs` while there are any. */
  readonly unfinishedWork: {
    /** Replaces the value. */
    set(seconds: number): void;
  };
  /** How long the item that has been in work the longest has been so. Refreshed every `metricsPeriodMs` while there is one. */
  readonly longestRunningProcessor: {
    /** Replaces the value. */
    set(seconds: number): void;
  };
}
