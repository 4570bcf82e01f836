import type { QueueMetrics, QueueMetricsProvider } from '@kubeloop/workqueue';

/** Remembers what queues report. */
export class RecordingMetrics implements QueueMetricsProvider {
  readonly names: string[] = [];
  adds = 0;
  retries = 0;
  depth = 0;
  readonly depths: Map<number | undefined, number> = new Map();
  leastDepth = 0;
  readonly queueDurations: number[] = [];
  readonly workDurations: number[] = [];
  unfinishedWork: number | undefined;
  longestRunning: number | undefined;
  refreshes = 0;

  queue(name: string): QueueMetrics {
    this.names.push(name);
    const move = (priority: number | undefined, by: number): void => {
      const depth = (this.depths.get(priority) ?? 0) + by;
      this.depths.set(priority, depth);
      this.depth += by;
      this.leastDepth = Math.min(this.leastDepth, depth);
    };
    return {
      adds: { inc: () => void (this.adds += 1) },
      retries: { inc: () => void (this.retries += 1) },
      depth: { inc: (priority) => move(priority, 1), dec: (priority) => move(priority, -1) },
      queueDuration: { observe: (seconds) => void this.queueDurations.push(seconds) },
      workDuration: { observe: (seconds) => void this.workDurations.push(seconds) },
      unfinishedWork: {
        set: (seconds) => {
          this.unfinishedWork = seconds;
          this.refreshes += 1;
        },
      },
      longestRunningProcessor: { set: (seconds) => void (this.longestRunning = seconds) },
    };
  }
}
