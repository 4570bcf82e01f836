import type { Clock, Timer } from '@kubeloop/ratelimiter';
import type { QueueMetrics } from '@kubeloop/workqueue';
import type { Report } from './report.ts';
import type { Run } from './run.ts';

/** How often the ages of what is in work are told, in milliseconds; client-go's number. */
const periodMs = 500;

/** Tells what every queue tells. How deep the queue is and how long keys wait is known at the server only, and not told here. */
export class Meter {
  readonly #metrics: QueueMetrics | undefined;
  readonly #report: Report;
  readonly #clock: Clock;
  readonly #runs = new Set<Run>();
  /** Only while something is in work. */
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(metrics: QueueMetrics | undefined, report: Report, clock: Clock) {
    this.#metrics = metrics;
    this.#report = report;
    this.#clock = clock;
  }

  /** A key was added, at once or, which counts as a retry, with a delay. */
  added(isRetry: boolean): void {
    this.#tell((metrics) => {
      metrics.adds.inc();
      if (isRetry) metrics.retries.inc();
    });
  }

  /** A run begins. */
  began(run: Run): void {
    if (!this.#metrics || this.#isStopped) return;
    this.#runs.add(run);
    if (!this.#timer) this.#arm();
  }

  /** A run has ended. */
  done(run: Run): void {
    this.#runs.delete(run);
    this.#tell((metrics) => metrics.workDuration.observe(this.#ageS(run)));
    if (this.#runs.size > 0) return;
    this.#disarm();
    this.#tellAges();
  }

  /** Leaves no timer. */
  stop(): void {
    this.#isStopped = true;
    this.#disarm();
  }

  #arm(): void {
    this.#timer = this.#clock.setTimeout(() => {
      this.#arm();
      this.#tellAges();
    }, periodMs);
    this.#timer.unref();
  }

  #disarm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #tellAges(): void {
    this.#tell((metrics) => {
      let sum = 0;
      let longest = 0;
      for (const run of this.#runs) {
        const age = this.#ageS(run);
        sum += age;
        longest = Math.max(longest, age);
      }
      metrics.unfinishedWork.set(sum);
      metrics.longestRunningProcessor.set(longest);
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
