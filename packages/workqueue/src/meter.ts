import type { Clock } from '@kubeloop/ratelimiter';
import { checkMetrics } from './check.ts';
import { guardMetrics } from './guarded-metrics.ts';
import type { QueueMetrics, QueueMetricsProvider } from './metrics.ts';
import { WorkAges, type WorkAgesOptions } from './work-ages.ts';

/** An item that needs work, as the meter sees it. */
export interface Measured {
  /** When it was first added since it was last handed out. Written by the meter. */
  addedAtMs: number | undefined;
}

/** A piece of work that is under way, as the meter sees it. */
export interface MeasuredWork {
  /** When it was handed out. Written by the meter. */
  startedAtMs: number;
}

/** Options of {@link Meter}. */
export interface MeterOptions extends WorkAgesOptions {
  readonly metrics: QueueMetrics;
}

/** Finds the instruments for a queue, which never throw. A queue without a name or provider has none. */
export function instrumentsOf(
  name: string | undefined,
  provider: QueueMetricsProvider | undefined,
): QueueMetrics | undefined {
  if (name === undefined || name === '' || provider === undefined) return undefined;
  return guardMetrics(checkMetrics(provider).queue(name), warnOnceOf(name));
}

/** The first failure of each instrument is a warning of the process. */
function warnOnceOf(queue: string): (error: unknown, instrument: keyof QueueMetrics) => void {
  const broken = new Set<keyof QueueMetrics>();
  return (error, instrument) => {
    if (broken.has(instrument)) return;
    broken.add(instrument);
    const message = error instanceof Error ? error.message : String(error);
    process.emitWarning(`The metrics "${instrument}" of the queue "${queue}" failed: ${message}`, {
      type: 'KubeloopWorkqueueWarning',
    });
  };
}

/** Turns what happens in a queue into metrics. */
export class Meter {
  readonly #metrics: QueueMetrics;
  readonly #clock: Clock;
  readonly #ages: WorkAges;

  constructor(options: MeterOptions) {
    this.#metrics = options.metrics;
    this.#clock = options.clock;
    this.#ages = new WorkAges(options);
  }

  /** `item` needs work. */
  added(item: Measured, priority?: number): void {
    this.#metrics.adds.inc();
    this.#metrics.depth.inc(priority);
    item.addedAtMs ??= this.#clock.now();
  }

  /** A queued item changed its priority. */
  moved(from: number, to: number): void {
    this.#metrics.depth.dec(from);
    this.#metrics.depth.inc(to);
  }

  /** `item` was handed out, and `work` on it begins. */
  got(item: Measured, work: MeasuredWork, priority?: number): void {
    const nowMs = this.#clock.now();
    this.#metrics.depth.dec(priority);
    if (item.addedAtMs !== undefined)
      this.#metrics.queueDuration.observe((nowMs - item.addedAtMs) / 1000);
    item.addedAtMs = undefined;
    work.startedAtMs = nowMs;
    this.#ages.began();
  }

  /** The work has ended. */
  done(work: MeasuredWork): void {
    this.#metrics.workDuration.observe((this.#clock.now() - work.startedAtMs) / 1000);
    this.#ages.ended();
  }

  /** An item was added with a delay. */
  retried(): void {
    this.#metrics.retries.inc();
  }

  /** The queue has shut down: nothing is refreshed from now on. */
  stop(): void {
    this.#ages.stop();
  }
}
