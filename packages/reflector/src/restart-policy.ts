import { Backoff, type Clock } from '@kubeloop/ratelimiter';
import { isInternalError, retryAfterMs } from './api-errors.ts';

/** Answers how long to wait before the next try. `Backoff` of `@kubeloop/ratelimiter` fits. */
export interface DelaySource {
  /** The next delay in milliseconds; each call counts as one more failure. */
  next(): number;
}

/** How long the delays of {@link defaultBackoff} may grow. */
const startOverEveryMs = 120_000;

/**
 * client-go's numbers: 800 ms, doubled up to 30 s, each plus up to as much again at random; from the start again every two
 * minutes, however often something failed meanwhile, so that a server with many troubles is not left alone for a minute after each of them.
 * Source: `tools/cache/reflector.go`, and `DelayWithReset` of apimachinery's `util/wait`.
 */
export function defaultBackoff(clock: Clock, random: () => number): DelaySource {
  const delays = new Backoff({
    initialMs: 800,
    maxMs: 30_000,
    factor: 2,
    jitter: 1,
    clock,
    random,
  });
  let startedAtMs = clock.now();
  return {
    next() {
      if (clock.now() - startedAtMs > startOverEveryMs) {
        delays.reset();
        startedAtMs = clock.now();
      }
      return delays.next();
    },
  };
}

/**
 * For a connection that broke within a second of being asked for: 50 ms, doubled up to 1 s, each plus up to as much again at
 * random; from the start again after ten seconds without another. It says nothing against the server, so it is tried again
 * soon and makes no other failure wait longer; client-go's `rest/request.go` tries again at once.
 */
export function reconnectBackoff(clock: Clock, random: () => number): DelaySource {
  return new Backoff({
    initialMs: 50,
    maxMs: 1000,
    factor: 2,
    jitter: 1,
    resetAfterMs: 10_000,
    clock,
    random,
  });
}

/** The next delay, but never less than the server asks for with Retry-After. */
export function delayAfter(error: unknown, backoff: DelaySource): number {
  return Math.max(backoff.next(), retryAfterMs(error));
}

/** How long without an internal error makes the next one the first again. */
const resetAfterMs = 60_000;

/**
 * For how long internal errors of the server on a watch are answered by another watch instead of a list.
 * The time runs from the first such error; a minute without one starts it anew. Zero means never.
 * Source: client-go's `tools/cache/retry_with_deadline.go`.
 */
export class InternalErrorBudget {
  readonly #budgetMs: number;
  readonly #clock: Clock;
  #firstAtMs: number | undefined;
  #lastAtMs: number | undefined;

  constructor(budgetMs: number, clock: Clock) {
    this.#budgetMs = budgetMs;
    this.#clock = clock;
  }

  /** Notes how a watch ended. Only internal errors count. */
  observe(error: unknown): void {
    if (!isInternalError(error)) return;
    const nowMs = this.#clock.now();
    if (this.#lastAtMs !== undefined && nowMs - this.#lastAtMs >= resetAfterMs) {
      this.#firstAtMs = undefined;
    }
    this.#firstAtMs ??= nowMs;
    this.#lastAtMs = nowMs;
  }

  /** Whether the error observed last may be answered by another watch. */
  allows(error: unknown): boolean {
    if (this.#budgetMs <= 0 || !isInternalError(error)) return false;
    if (this.#firstAtMs === undefined) return false;
    if (this.#clock.now() - this.#firstAtMs <= this.#budgetMs) return true;
    this.#firstAtMs = undefined;
    this.#lastAtMs = undefined;
    return false;
  }
}
