import { callSafely } from './answers.ts';
import type { QueueMetrics } from './metrics.ts';

/** What has been made by {@link guardMetrics}, which is not guarded once more. */
const guarded = new WeakSet<QueueMetrics>();

/**
 * The same instruments, which never throw into a queue: an item would be lost to one that does. Those that are guarded already are given back
 * as they are.
 *
 * @param onFailure - told of each throw and rejection, and of which instrument it is; must not throw
 */
export function guardMetrics(
  metrics: QueueMetrics,
  onFailure: (error: unknown, instrument: keyof QueueMetrics) => void,
): QueueMetrics {
  if (guarded.has(metrics)) return metrics;
  const guard = (instrument: keyof QueueMetrics, call: () => unknown): void =>
    callSafely(call, (error) => onFailure(error, instrument));
  const safe: QueueMetrics = {
    depth: {
      inc: (priority) => guard('depth', () => metrics.depth.inc(priority)),
      dec: (priority) => guard('depth', () => metrics.depth.dec(priority)),
    },
    adds: { inc: () => guard('adds', () => metrics.adds.inc()) },
    retries: { inc: () => guard('retries', () => metrics.retries.inc()) },
    queueDuration: {
      observe: (seconds) => guard('queueDuration', () => metrics.queueDuration.observe(seconds)),
    },
    workDuration: {
      observe: (seconds) => guard('workDuration', () => metrics.workDuration.observe(seconds)),
    },
    unfinishedWork: {
      set: (seconds) => guard('unfinishedWork', () => metrics.unfinishedWork.set(seconds)),
    },
    longestRunningProcessor: {
      set: (seconds) =>
        guard('longestRunningProcessor', () => metrics.longestRunningProcessor.set(seconds)),
    },
  };
  guarded.add(safe);
  return safe;
}
