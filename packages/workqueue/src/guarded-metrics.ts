import { handleRejection } from './answers.ts';
import type { QueueMetrics } from './metrics.ts';

/** What has been made by {@link guardMetrics}, which is not guarded once more. */
const guarded = new WeakSet<QueueMetrics>();

/**
 * The same instruments of the queue called `name`, which never throw into it: an item would be lost to one that does. The first failure of
 * each is a warning of the process.
 */
export function guardMetrics(name: string, metrics: QueueMetrics): QueueMetrics {
  if (guarded.has(metrics)) return metrics;
  const guard = guardFor(name);
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

function guardFor(queue: string): (instrument: keyof QueueMetrics, call: () => unknown) => void {
  const broken = new Set<keyof QueueMetrics>();
  return (instrument, call) => {
    const failed = (error: unknown): void => {
      if (broken.has(instrument)) return;
      broken.add(instrument);
      const message = error instanceof Error ? error.message : String(error);
      process.emitWarning(
        `The metrics "${instrument}" of the queue "${queue}" failed: ${message}`,
        {
          type: 'KubeloopWorkqueueWarning',
        },
      );
    };
    try {
      handleRejection(call(), failed);
    } catch (error) {
      failed(error);
    }
  };
}
