import type { Clock } from '@kubeloop/ratelimiter';
import type { QueueMetrics } from '@kubeloop/workqueue';
import type { Report } from './report.ts';
import type { Run } from './run.ts';

/** Tells what every queue tells. How deep the queue is and how long keys wait is known at the server only, and not told here. */
export class Meter {
  readonly #metrics: QueueMetrics | undefined;
  readonly #report: Report;
  readonly #clock: Clock;

  constructor(metrics: QueueMetrics | undefined, report: Report, clock: Clock) {
    this.#metrics = metrics;
    this.#report = report;
    this.#clock = clock;
  }

  /** A key was added. */
  added(isRetry: boolean): void {
    this.#tell((metrics) => {
      metrics.adds.inc();
      if (isRetry) metrics.retries.inc();
    });
  }

  /** A run has ended. */
  done(run: Run): void {
    this.#tell((metrics) => metrics.workDuration.observe(this.#ageS(run)));
  }

  /** How long what is under way has lasted. */
  ages(runs: Iterable<Run>): void {
    this.#tell((metrics) => {
      const ages = [...runs].map((run) => this.#ageS(run));
      metrics.unfinishedWork.set(ages.reduce((sum, age) => sum + age, 0));
      metrics.longestRunningProcessor.set(Math.max(0, ...ages));
    });
  }

  #ageS(run: Run): number {
    return (this.#clock.now() - run.startedMs) / 1000;
  }

  #tell(tell: (metrics: QueueMetrics) => void): void {
    if (!this.#metrics) return;
    try {
      tell(this.#metrics);
    } catch (error) {
      this.#report.error(error, 'metrics');
    }
  }
}
