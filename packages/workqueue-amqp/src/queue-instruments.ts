import type { QueueMetrics, QueueMetricsProvider } from '@kubeloop/workqueue';
import { guardMetrics } from '@kubeloop/workqueue/engine';
import type { AmqpQueueMetrics } from './metrics.ts';
import type { Report } from './report.ts';

/** What every queue tells, for one that is here in part only. */
export interface QueueInstruments {
  /** For the keys that wait here and are worked on here; none without somebody to tell. */
  readonly here: QueueMetricsProvider | undefined;
  /** Counts an addition with a delay. Never throws. */
  readonly retried: () => void;
}

/**
 * Finds the instruments of a queue. Additions with a delay are counted where they are made: most of them wait at the broker, and keys
 * that wait here with a delay are not only those, but also keys that are held back for a take-over.
 */
export function queueInstruments(
  provider: AmqpQueueMetrics | undefined,
  name: string,
  report: Report,
): QueueInstruments {
  const metrics = provider?.queue?.(name);
  if (metrics === undefined) return { here: undefined, retried: () => undefined };
  const here = { queue: () => withoutRetries(metrics) };
  const { retries } = guardMetrics(metrics, (error) => report.error(error, 'metrics'));
  return { here, retried: () => retries.inc() };
}

function withoutRetries(metrics: QueueMetrics): QueueMetrics {
  const { depth, adds, queueDuration, workDuration, unfinishedWork, longestRunningProcessor } =
    metrics;
  return {
    depth,
    adds,
    retries: { inc: () => undefined },
    queueDuration,
    workDuration,
    unfinishedWork,
    longestRunningProcessor,
  };
}
