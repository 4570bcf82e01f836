import type { Clock, Timer } from '@kubeloop/ratelimiter';

/**
 * Calls back when something was waited for too long without a sign of life.
 *
 * One timer serves many waits: it is not set again for each of them, but looks when it fires how long the present
 * wait has lasted. Time in which nobody waits does not count.
 */
export class IdleTimer {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #onIdle: () => void;
  #waitingSinceMs: number | undefined;
  #timer: Timer | undefined;
  #isStopped = false;

  /** @param timeoutMs - zero means never */
  constructor(clock: Clock, timeoutMs: number, onIdle: () => void) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#onIdle = onIdle;
  }

  /** Says that a wait begins, if there is none. */
  begin(): void {
    if (this.#timeoutMs === 0 || this.#isStopped || this.#waitingSinceMs !== undefined) return;
    this.#waitingSinceMs = this.#clock.now();
    this.#timer ??= this.#arm(this.#timeoutMs);
  }

  /** Says that something came; the wait, if there is one, begins anew. */
  note(): void {
    if (this.#waitingSinceMs !== undefined) this.#waitingSinceMs = this.#clock.now();
  }

  /** Says that nothing is waited for. */
  end(): void {
    this.#waitingSinceMs = undefined;
  }

  /** Takes back the timer, for good. */
  stop(): void {
    this.#isStopped = true;
    this.end();
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(delayMs: number): Timer {
    return this.#clock.setTimeout(() => {
      this.#timer = undefined;
      if (this.#waitingSinceMs === undefined) return;
      const leftMs = this.#waitingSinceMs + this.#timeoutMs - this.#clock.now();
      if (leftMs > 0) this.#timer = this.#arm(leftMs);
      else this.#onIdle();
    }, delayMs);
  }
}
