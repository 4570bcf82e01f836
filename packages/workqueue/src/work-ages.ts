import type { Clock, Timer } from '@kubeloop/ratelimiter';
import type { QueueMetrics } from './metrics.ts';

/** Options of {@link WorkAges}. */
export interface WorkAgesOptions {
  /** What is told; must not throw. */
  readonly metrics: Pick<QueueMetrics, 'unfinishedWork' | 'longestRunningProcessor'>;
  /** Where time comes from. */
  readonly clock: Clock;
  /** How often the ages are told, in milliseconds. */
  readonly periodMs: number;
  /** The work that is under way, with when it was handed out by the clock. */
  readonly work: Iterable<{ readonly startedAtMs: number }>;
}

/** Tells every so often how long work has been under way, and at the end of the last piece that none is. Has a timer only meanwhile. */
export class WorkAges {
  readonly #metrics: WorkAgesOptions['metrics'];
  readonly #clock: Clock;
  readonly #periodMs: number;
  readonly #work: WorkAgesOptions['work'];
  #workCount = 0;
  #tick: Timer | undefined;
  #isStopped = false;

  /** Starts nothing. */
  constructor({ metrics, clock, periodMs, work }: WorkAgesOptions) {
    this.#metrics = metrics;
    this.#clock = clock;
    this.#periodMs = periodMs;
    this.#work = work;
  }

  /** A piece of work begins. */
  began(): void {
    this.#workCount += 1;
    if (this.#tick === undefined && !this.#isStopped) this.#arm();
  }

  /** A piece of work has ended. */
  ended(): void {
    this.#workCount -= 1;
    if (this.#workCount > 0) return;
    this.#disarm();
    this.#metrics.unfinishedWork.set(0);
    this.#metrics.longestRunningProcessor.set(0);
  }

  /** Nothing is told from now on until all work has ended. Leaves no timer. */
  stop(): void {
    this.#isStopped = true;
    this.#disarm();
  }

  #arm(): void {
    this.#tick = this.#clock.setTimeout(() => {
      this.#arm();
      this.#tell();
    }, this.#periodMs);
    this.#tick.unref();
  }

  #disarm(): void {
    this.#tick?.cancel();
    this.#tick = undefined;
  }

  #tell(): void {
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
