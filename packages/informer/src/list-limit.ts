import { checkClock, checkCount, checkOptions } from './checks.ts';
import { type Clock, systemClock } from './clock.ts';

/** Options of a {@link ListLimit}. */
export interface ListLimitOptions {
  /** How many first lists may be read at the same time: a whole number from 1 up. */
  readonly maxConcurrent: number;
  /** Where time comes from. Default: the process. */
  readonly clock?: Clock | undefined;
}

/** The longest turn: a server that does not answer for one kind keeps the others waiting no longer than this. */
const longestTurnMs = 30_000;

/**
 * Lets only so many informers read their first list at the same time, so that a start does not fall upon a server all at
 * once. One limit is given to all of them; those that wait begin in the order in which they asked.
 *
 * A turn ends when the list is complete, when the server has refused or failed and is asked again later, or after 30 s, whatever
 * comes first: handlers are not waited for, and retries, relists and watches take no turn. Starts nothing by itself.
 */
export class ListLimit {
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();
  #free: number;

  /** @throws TypeError or RangeError when an option cannot be used */
  constructor(options: ListLimitOptions) {
    checkOptions('Cannot limit lists', options);
    this.#free = checkCount('maxConcurrent', options.maxConcurrent);
    checkClock(options.clock);
    this.#clock = options.clock ?? systemClock;
  }

  /**
   * Waits for a turn. Resolves with a function that ends it, which may be called again; with `undefined` when the signal aborts
   * before.
   */
  async take(signal: AbortSignal): Promise<(() => void) | undefined> {
    if (signal.aborted) return undefined;
    if (this.#free > 0) this.#free -= 1;
    else if (!(await this.#handedOver(signal))) return undefined;
    let isOver = false;
    const end = (): void => {
      if (isOver) return;
      isOver = true;
      timer.cancel();
      this.#next();
    };
    const timer = this.#clock.setTimeout(end, longestTurnMs);
    timer.unref();
    return end;
  }

  /** Whether the turn of somebody else was handed over, before the signal aborted. */
  async #handedOver(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (isOurs: boolean): void => {
        this.#waiting.delete(begin);
        signal.removeEventListener('abort', giveUp);
        resolve(isOurs);
      };
      const begin = (): void => settle(true);
      const giveUp = (): void => settle(false);
      signal.addEventListener('abort', giveUp);
      this.#waiting.add(begin);
    });
  }

  #next(): void {
    const [begin] = this.#waiting;
    if (begin) begin();
    else this.#free += 1;
  }
}
