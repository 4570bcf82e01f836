import { checkDuration, checkFactor } from './check.ts';
import { systemClock, type Clock } from './clock.ts';

/** Options of {@link Backoff}. */
export interface BackoffOptions {
  /** The first delay, in milliseconds, before jitter. */
  readonly initialMs: number;
  /** Where the series stops growing, in milliseconds, before jitter; at least `initialMs`. */
  readonly maxMs: number;
  /** What each delay is multiplied by to give the next; at least 1, default 2. */
  readonly factor?: number | undefined;
  /** How much of a delay may be added to it at random: each is `delay · (1 + random · jitter)`. Default 0: none. */
  readonly jitter?: number | undefined;
  /** Starts over when `next` was not called for longer than this many milliseconds. Default: never. */
  readonly resetAfterMs?: number | undefined;
  /** Where time comes from; default: the process's clock. */
  readonly clock?: Clock | undefined;
  /** Random numbers from 0 up to 1, 1 excluded; default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/**
 * A series of growing delays for one thing that is tried again and again, such as a connection.
 *
 * The series and its jitter are those of `wait.Backoff` in k8s.io/apimachinery: jitter comes on top of the
 * delay, so with `jitter: 1` the last delays are between `maxMs` and twice that.
 */
export class Backoff {
  readonly #initialMs: number;
  readonly #maxMs: number;
  readonly #factor: number;
  readonly #jitter: number;
  readonly #resetAfterMs: number;
  readonly #clock: Clock;
  readonly #random: () => number;
  #baseMs: number;
  #lastCallMs: number | undefined;

  /** @throws RangeError for a delay or factor out of its range */
  constructor(options: BackoffOptions) {
    this.#initialMs = checkDuration('initialMs', options.initialMs);
    this.#maxMs = checkDuration('maxMs', options.maxMs);
    if (this.#maxMs < this.#initialMs)
      throw new RangeError(
        `Cannot use ${this.#maxMs} as maxMs: it must be at least initialMs, ${this.#initialMs}`,
      );
    this.#factor = checkFactor('factor', options.factor ?? 2, 1);
    this.#jitter = checkFactor('jitter', options.jitter ?? 0, 0);
    this.#resetAfterMs =
      options.resetAfterMs === undefined
        ? Infinity
        : checkDuration('resetAfterMs', options.resetAfterMs);
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#baseMs = this.#initialMs;
  }

  /** The delay to wait now, in milliseconds; the next one is longer. */
  next(): number {
    const nowMs = this.#clock.now();
    if (this.#lastCallMs !== undefined && nowMs - this.#lastCallMs > this.#resetAfterMs)
      this.reset();
    this.#lastCallMs = nowMs;
    const baseMs = this.#baseMs;
    this.#baseMs = Math.min(baseMs * this.#factor, this.#maxMs);
    return baseMs + this.#random() * this.#jitter * baseMs;
  }

  /** Lets the series start over. */
  reset(): void {
    this.#baseMs = this.#initialMs;
  }
}
