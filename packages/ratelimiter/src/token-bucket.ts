import { checkCount, checkDuration, checkRate } from './check.ts';
import { systemClock, type Clock } from './clock.ts';
import { MaxWaitExceededError } from './max-wait-error.ts';
import { nanosecondsOf, secondsOf } from './nanoseconds.ts';
import { Sleepers } from './sleepers.ts';
import type { Throttle, WaitOptions } from './throttle.ts';

/** Options of {@link TokenBucket}. */
export interface TokenBucketOptions {
  /** How many tokens come back in a second; more than zero, fractions allowed. `Infinity` means no limit at all. */
  readonly qps: number;
  /** How many tokens the bucket holds, and has at the start. Zero means that nothing is ever allowed, unless `qps` is `Infinity`. */
  readonly burst: number;
  /** Where time comes from; default: the process's clock. */
  readonly clock?: Clock | undefined;
}

/** Tokens that were taken, possibly ahead of their time. */
export interface Reservation {
  /** Whether tokens were taken; `false` when more were asked for than the bucket can hold. */
  readonly ok: boolean;
  /** How many milliseconds to wait before acting, counted from the reservation; zero means at once, `Infinity` means never (not `ok`). */
  readonly delayMs: number;
  /**
   * Gives back the tokens, as far as nobody has reserved after this one, so that others need not wait for nothing.
   * Does nothing when the time to act has passed, and when called again.
   */
  cancel(): void;
}

/**
 * A bucket of tokens that refills at a steady rate: short bursts pass at once, the average stays at `qps`.
 *
 * Its arithmetic is that of Go's `golang.org/x/time/rate`, nanosecond rounding included. Over any span of
 * time, callers get at most `burst + qps · seconds` tokens. It starts full, starts no timer of its own, and
 * one timer runs per caller of {@link TokenBucket.wait | wait} that really waits.
 *
 * @example
 * ```ts
 * import { TokenBucket } from '@kubeloop/ratelimiter';
 *
 * const bucket = new TokenBucket({ qps: 10, burst: 2 });
 * [bucket.allow(), bucket.allow(), bucket.allow()]; // => [true, true, false]
 * await bucket.wait(); // a tenth of a second
 * ```
 */
export class TokenBucket implements Throttle {
  /** How many tokens come back in a second. */
  readonly qps: number;
  /** How many tokens the bucket holds. */
  readonly burst: number;
  readonly #clock: Clock;
  /** The tokens at `#lastNs`; negative while reservations are ahead of their time. */
  #tokens: number;
  #lastNs = -Infinity;
  /** The time to act of the latest reservation, which is what a cancel measures against. */
  #lastEventNs = -Infinity;
  readonly #sleepers: Sleepers;

  /** @throws RangeError for a rate that is not more than zero and for a burst that is not a whole number */
  constructor(options: TokenBucketOptions) {
    this.qps = checkRate('qps', options.qps);
    this.burst = checkCount('burst', options.burst);
    this.#clock = options.clock ?? systemClock;
    this.#sleepers = new Sleepers(this.#clock);
    this.#tokens = this.burst;
  }

  /** The tokens in the bucket now; negative by as many as are reserved ahead of time. `Infinity` without a limit. */
  get tokens(): number {
    return this.qps === Infinity ? Infinity : this.#advance(this.#nowNs());
  }

  /**
   * Takes `n` tokens when they are there now, and says whether it did.
   *
   * @throws RangeError when `n` is not a whole number
   */
  allow(n: number = 1): boolean {
    return this.#reserve(n, 0).ok;
  }

  /**
   * Takes `n` tokens, those included that have yet to come, and says when they may be used.
   *
   * The caller waits for `delayMs` itself, or gives the tokens back with `cancel()`.
   *
   * @throws RangeError when `n` is not a whole number
   */
  reserve(n: number = 1): Reservation {
    return this.#reserve(n, Infinity);
  }

  /**
   * Resolves when `n` tokens may be used. Callers are served in the order in which they asked.
   *
   * @throws RangeError when `n` is not a whole number or more than the bucket can hold
   * @throws MaxWaitExceededError when the tokens cannot be had within `maxWaitMs`
   * @throws the reason of the signal when it aborts first; the tokens go back
   */
  async wait(options: WaitOptions = {}): Promise<void> {
    const { n = 1, signal, maxWaitMs } = options;
    if (maxWaitMs !== undefined) checkDuration('maxWaitMs', maxWaitMs);
    if (checkCount('n', n) > this.burst && this.qps !== Infinity)
      throw new RangeError(`Cannot wait for ${n} tokens: the bucket holds at most ${this.burst}`);
    signal?.throwIfAborted();
    const reservation = this.#reserve(n, maxWaitMs ?? Infinity);
    if (!reservation.ok) throw new MaxWaitExceededError(n, reservation.delayMs, maxWaitMs ?? 0);
    const onAbort = (): void => reservation.cancel();
    // The latest event is that of this reservation.
    if (reservation.delayMs > 0)
      await this.#sleepers.sleep({ actAtNs: this.#lastEventNs, signal, onAbort });
    // Those that were woken go on in a microtask, and so must who comes after them.
    else await this.#sleepers.wakeLate();
  }

  #reserve(n: number, maxWaitMs: number): Reservation {
    checkCount('n', n);
    if (this.qps === Infinity) return { ok: true, delayMs: 0, cancel: () => {} };
    const nowNs = this.#nowNs();
    const tokens = this.#advance(nowNs) - n;
    const delayNs = tokens < 0 ? this.#durationOf(-tokens) : 0;
    const delayMs = delayNs / 1e6;
    if (n > this.burst) return { ok: false, delayMs: Infinity, cancel: () => {} };
    if (delayNs > nanosecondsOf(maxWaitMs)) return { ok: false, delayMs, cancel: () => {} };
    const actAtNs = nowNs + delayNs;
    this.#lastNs = nowNs;
    this.#tokens = tokens;
    this.#lastEventNs = actAtNs;
    let isCancelled = false;
    const cancel = (): void => {
      if (!isCancelled) this.#giveBack(n, actAtNs);
      isCancelled = true;
    };
    return { ok: true, delayMs, cancel };
  }

  #giveBack(n: number, actAtNs: number): void {
    const nowNs = this.#nowNs();
    if (n === 0 || actAtNs < nowNs) return;
    // What was reserved after this reservation counts on its tokens having been used.
    const restored = n - secondsOf(this.#lastEventNs - actAtNs) * this.qps;
    if (restored <= 0) return;
    this.#tokens = Math.min(this.#advance(nowNs) + restored, this.burst);
    this.#lastNs = nowNs;
    if (actAtNs !== this.#lastEventNs) return;
    const previousEventNs = actAtNs - this.#durationOf(n);
    if (previousEventNs >= nowNs) this.#lastEventNs = previousEventNs;
  }

  #nowNs(): number {
    return nanosecondsOf(this.#clock.now());
  }

  /** The tokens at `nowNs`, without taking note of them. */
  #advance(nowNs: number): number {
    if (this.#lastNs === -Infinity) return this.burst;
    const elapsedNs = Math.max(0, nowNs - this.#lastNs);
    return Math.min(this.#tokens + secondsOf(elapsedNs) * this.qps, this.burst);
  }

  /** How many nanoseconds `tokens` take to come. Whole ones, so that rounding errors below one do not refuse a token. */
  #durationOf(tokens: number): number {
    return Math.trunc((tokens / this.qps) * 1e9);
  }
}
