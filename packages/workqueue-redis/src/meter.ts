import type { Clock } from '@kubeloop/ratelimiter';
import type { QueueMetrics } from '@kubeloop/workqueue';
import { guardMetrics, WorkAges } from '@kubeloop/workqueue/engine';
import type { Report } from './report.ts';
import type { Run } from './run.ts';

/** How often the ages of what is in work are told, in milliseconds; client-go's number. */
const periodMs = 500;

/** Tells what every queue tells. How deep the queue is and how long keys wait is known at the server only, and not told here. */
export class Meter {
  readonly #metrics: QueueMetrics | undefined;
  readonly #clock: Clock;
  readonly #runs = new Set<Run>();
  readonly #ages: WorkAges | undefined;

  constructor(given: QueueMetrics | undefined, report: Report, clock: Clock) {
    const metrics = given && guardMetrics(given, (error) => report.error(error, 'metrics'));
    this.#metrics = metrics;
    this.#clock = clock;
    this.#ages = metrics && new WorkAges({ metrics, clock, periodMs, work: this.#runs });
  }

  /** A key was added, at once or, which counts as a retry, with a delay. */
  added(isRetry: boolean): void {
    this.#metrics?.adds.inc();
    if (isRetry) this.#metrics?.retries.inc();
  }

  /** A run begins. */
  began(run: Run): void {
    if (!this.#ages) return;
    this.#runs.add(run);
    this.#ages.began();
  }

  /** A run has ended. */
  done(run: Run): void {
    this.#runs.delete(run);
    this.#metrics?.workDuration.observe((this.#clock.now() - run.startedAtMs) / 1000);
    this.#ages?.ended();
  }

  /** Leaves no timer. */
  stop(): void {
    this.#ages?.stop();
  }
}
