import type { Clock, Timer } from '@kubeloop/ratelimiter';
import { checkMetrics } from './check.ts';
import { guardMetrics } from './guarded-metrics.ts';
import type { QueueMetrics, QueueMetricsProvider } from './metrics.ts';

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
export interface MeterOptions {
  readonly metrics: QueueMetrics;
  readonly clock: Clock;
  /** How often the ages of the work under way are refreshed. */
  readonly periodMs: number;
  /** The work that is under way. */
  readonly work: Iterable<MeasuredWork>;
}

/** Finds the instruments for a queue, which never throw. A queue without a name or provider has none. */
export function instrumentsOf(
  name: string | undefined,
  provider: QueueMetricsProvider | undefined,
): QueueMetrics | undefined {
  if (name === undefined || name === '' || provider === undefined) return undefined;
  return guardMetrics(name, checkMetrics(provider).queue(name));
}

/** Turns what happens in a queue into metrics. */
export class Meter {
  readonly #metrics: QueueMetrics;
  readonly #clock: Clock;
  readonly #periodMs: number;
  readonly #work: Iterable<MeasuredWork>;
  #workCount = 0;
  /** Set only while work is under way and the queue is not shut down. */
  #tick: Timer | undefined;
  #isStopped = false;

  constructor(options: MeterOptions) {
    this.#metrics = options.metrics;
    this.#clock = options.clock;
    this.#periodMs = options.periodMs;
    this.#work = options.work;
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
    this.#workCount += 1;
    if (this.#tick === undefined && !this.#isStopped) this.#arm();
  }

  /** The work has ended. */
  done(work: MeasuredWork): void {
    this.#metrics.workDuration.observe((this.#clock.now() - work.startedAtMs) / 1000);
    this.#workCount -= 1;
    if (this.#workCount > 0) return;
    this.#disarm();
    this.#metrics.unfinishedWork.set(0);
    this.#metrics.longestRunningProcessor.set(0);
  }

  /** An item was added with a delay. */
  retried(): void {
    this.#metrics.retries.inc();
  }

  /** The queue has shut down: nothing is refreshed from now on. */
  stop(): void {
    this.#isStopped = true;
    this.#disarm();
  }

  #arm(): void {
    this.#tick = this.#clock.setTimeout(() => {
      this.#arm();
      this.#refresh();
    }, this.#periodMs);
    this.#tick.unref();
  }

  #disarm(): void {
    this.#tick?.cancel();
    this.#tick = undefined;
  }

  #refresh(): void {
    const nowMs = this.#clock.now();
    let total = 0;
    let longest = 0;
    for (const { startedAtMs } of this.#work) {
      total += nowMs - startedAtMs;
      longest = Math.max(longest, nowMs - startedAtMs);
    }
    this.#metrics.unfinishedWork.set(total / 1000);
    this.#metrics.longestRunningProcessor.set(longest / 1000);
  }
}
