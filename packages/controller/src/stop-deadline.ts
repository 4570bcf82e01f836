import type { Clock } from '@kubeloop/ratelimiter';
import { endsWithin } from './deadline.ts';
import type { Logger } from './logger.ts';

/** How long what runs beside the controllers may take to end beyond the graceful shutdown. */
const stopGraceMs = 5000;

/** How long a part may take whose turn comes only when the time is up. */
const leastMs = 1000;

/** What a {@link StopDeadline} works with. */
export interface StopDeadlineOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long all may take together, some grace aside. */
  readonly timeoutMs: number;
  /** Hears of each part that did not end in time, or that threw. */
  readonly onFailure: (error: unknown) => void;
}

/** Stops one part after the other, within one time for all. */
export class StopDeadline {
  readonly #options: StopDeadlineOptions;
  readonly #endsAt: number;
  #isShort = false;

  /** The time runs from now on. */
  constructor(options: StopDeadlineOptions) {
    this.#options = options;
    this.#endsAt = options.clock.now() + options.timeoutMs + stopGraceMs;
  }

  /** From now on each part has no more than the grace. */
  shorten(): void {
    this.#isShort = true;
  }

  /** Waits for a part until the time is up; never rejects. `what` names it when it is left behind. */
  async wait(stopping: Promise<unknown>, what: () => string): Promise<void> {
    const { clock, logger, onFailure } = this.#options;
    const leftMs = this.#isShort ? stopGraceMs : this.#endsAt - clock.now();
    try {
      if (await endsWithin(stopping, Math.max(leftMs, leastMs), clock)) return;
      throw new Error(`Cannot stop the manager: ${what()} does not end`);
    } catch (error) {
      logger.error('The manager did not stop well', { error });
      onFailure(error);
    }
  }
}
