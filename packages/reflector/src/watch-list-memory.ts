import { systemClock, type Clock } from '@kubeloop/ratelimiter';
import { checkClock, checkOptions, shown } from './checks.ts';

/**
 * Remembers that a server does not stream lists of a resource, so that not every list starts with a wait for nothing.
 *
 * Every reflector has its own; pass one to all reflectors of a resource to let them learn from each other.
 */
export class WatchListMemory {
  readonly #clock: Clock;
  readonly #forgetAfterMs: number;
  #refusedAtMs: number | undefined;

  /**
   * @param options - `forgetAfterMs`: after how long streaming is tried again, because servers get upgraded;
   *   default one hour, `Infinity` for never. `clock`: default the process's.
   * @throws TypeError or RangeError when an option cannot be used
   */
  constructor(options: { readonly forgetAfterMs?: number; readonly clock?: Clock } = {}) {
    checkOptions('Cannot make a WatchListMemory', options);
    checkClock(options.clock);
    const { forgetAfterMs = 3_600_000, clock = systemClock } = options;
    const rule = `Cannot forget after ${shown(forgetAfterMs)} ms: pass zero or more`;
    if (typeof forgetAfterMs !== 'number') throw new TypeError(rule);
    if (!(forgetAfterMs >= 0)) throw new RangeError(rule);
    this.#clock = clock;
    this.#forgetAfterMs = forgetAfterMs;
  }

  /** Whether streaming need not be tried now. */
  get isRefused(): boolean {
    if (this.#refusedAtMs === undefined) return false;
    return this.#clock.now() - this.#refusedAtMs < this.#forgetAfterMs;
  }

  /** The server has shown that it does not stream. */
  refuse(): void {
    this.#refusedAtMs = this.#clock.now();
  }

  /** Makes the next list try to stream again. */
  forget(): void {
    this.#refusedAtMs = undefined;
  }
}
