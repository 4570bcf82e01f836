/** The shortest resync period; shorter ones are raised to it (client-go `minimumResyncPeriod`). */
export const minimumResyncPeriodMs: number = 1000;

/**
 * The rules by which the resync periods of many handlers share one timer, as in client-go's shared informer: the
 * timer has the smallest period anybody asked for before the start, and a handler that asks later for less gets that.
 */
export class ResyncPolicy {
  /** The period of the timer; zero when nobody wants resyncs. */
  #checkPeriodMs: number;

  /** @param defaultPeriodMs - the period of handlers that name none; zero means never */
  constructor(defaultPeriodMs: number) {
    this.#checkPeriodMs = atLeastMinimum(defaultPeriodMs);
  }

  /** The period of the timer in milliseconds, zero for none. */
  get checkPeriodMs(): number {
    return this.#checkPeriodMs;
  }

  /**
   * Takes a handler's wish into account.
   *
   * @param isTimerSet - whether the timer runs already, so that its period can no longer change
   * @returns the period that the handler gets; zero means never
   * @throws RangeError when the timer would have to be started late
   */
  admit(periodMs: number, isTimerSet: boolean): number {
    const wantedMs = atLeastMinimum(periodMs);
    if (wantedMs === 0) return 0;
    if (isTimerSet && this.#checkPeriodMs === 0)
      throw new RangeError(
        `Cannot resync a handler every ${periodMs} ms: the informer runs without resyncs; set resyncPeriodMs on the informer, or add the handler before it runs`,
      );
    if (isTimerSet) return Math.max(wantedMs, this.#checkPeriodMs);
    if (this.#checkPeriodMs === 0 || wantedMs < this.#checkPeriodMs) this.#checkPeriodMs = wantedMs;
    return wantedMs;
  }
}

/** How much too early a timer may fire without a handler missing its turn; no more than a twentieth of the period. */
const earlyMs = 50;

/** When one handler wants its next resync. */
export class ResyncSchedule {
  readonly #periodMs: number;
  #nextMs: number;

  constructor(periodMs: number, nowMs: number) {
    this.#periodMs = periodMs;
    this.#nextMs = nowMs + periodMs;
  }

  /** The handler's period in milliseconds; zero means never. */
  get periodMs(): number {
    return this.#periodMs;
  }

  /** Whether a resync is due. */
  isDue(nowMs: number): boolean {
    return this.#periodMs > 0 && nowMs >= this.#nextMs - Math.min(this.#periodMs / 20, earlyMs);
  }

  /** Starts the next period; called when a resync has begun. */
  restart(nowMs: number): void {
    this.#nextMs = nowMs + this.#periodMs;
  }
}

function atLeastMinimum(periodMs: number): number {
  return periodMs === 0 ? 0 : Math.max(periodMs, minimumResyncPeriodMs);
}
