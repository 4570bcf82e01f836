import type { Timer } from '@kubeloop/ratelimiter';
import type { Consuming } from './consuming.ts';
import type { Outbox } from './outbox.ts';
import type { Report } from './report.ts';
import type { Settings } from './settings.ts';

/** Options of {@link Gauges}. */
export interface GaugesOptions {
  readonly settings: Settings;
  readonly report: Report;
  readonly outbox: Outbox;
  readonly consuming: Consuming;
}

/** Sets the gauges of a queue, four times per heartbeat. */
export class Gauges {
  readonly #options: GaugesOptions;
  #timer: Timer | undefined;

  constructor(options: GaugesOptions) {
    this.#options = options;
  }

  /** Begins. */
  start(): void {
    const { clock, heartbeatMs } = this.#options.settings;
    this.#timer = clock.setTimeout(() => {
      this.#measure();
      this.start();
    }, heartbeatMs / 4);
    this.#timer.unref();
  }

  /** Ends, and tells what is left: nothing is owned any more once all is closed. */
  stop(): void {
    this.#timer?.cancel();
    this.#measure();
  }

  #measure(): void {
    const { report, outbox, consuming } = this.#options;
    report.measure((instruments) => {
      instruments.outbox.set(outbox.size);
      instruments.leaseLeft.set(consuming.lease.leftMs / 1000);
      for (const { index, state, table } of consuming.holdings) {
        instruments.owned.set(index, state === 'owned' ? 1 : 0);
        instruments.windowFill.set(index, table?.unacknowledged ?? 0);
      }
    });
  }
}
