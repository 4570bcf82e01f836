import type { QueueMetrics, QueueMetricsProvider } from '@kubeloop/workqueue';
import { handleRejection } from './answers.ts';

/**
 * The same instruments, which never throw into a queue: an event would be lost to one that does.
 *
 * @param onError - hears of each failure
 */
export function guardQueueMetrics(
  provider: QueueMetricsProvider | undefined,
  onError: (error: unknown) => void,
): QueueMetricsProvider | undefined {
  if (!provider) return undefined;
  const guarded = (call: () => unknown): void => {
    try {
      handleRejection(call(), onError);
    } catch (error) {
      onError(error);
    }
  };
  return { queue: (name) => guardInstruments(provider.queue(name), guarded) };
}

function guardInstruments(
  metrics: QueueMetrics,
  guarded: (call: () => unknown) => void,
): QueueMetrics {
  const { depth, adds, retries, queueDuration, workDuration } = metrics;
  const { unfinishedWork, longestRunningProcessor } = metrics;
  return {
    depth: {
      inc: (priority) => guarded(() => depth.inc(priority)),
      dec: (priority) => guarded(() => depth.dec(priority)),
    },
    adds: { inc: () => guarded(() => adds.inc()) },
    retries: { inc: () => guarded(() => retries.inc()) },
    queueDuration: { observe: (seconds) => guarded(() => queueDuration.observe(seconds)) },
    workDuration: { observe: (seconds) => guarded(() => workDuration.observe(seconds)) },
    unfinishedWork: { set: (seconds) => guarded(() => unfinishedWork.set(seconds)) },
    longestRunningProcessor: {
      set: (seconds) => guarded(() => longestRunningProcessor.set(seconds)),
    },
  };
}
