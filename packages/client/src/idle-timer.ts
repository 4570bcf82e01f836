import type { Clock, Timer } from '@kubeloop/ratelimiter';

/**
 * Calls back when something was waited for too long without a break.
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

  /** @param timeoutMs - zero means never */
  constructor(clock: Clock, timeoutMs: number, onIdle: () => void) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#onIdle = onIdle;
  }

  /** Says that a wait begins. */
  begin(): void {
    if (this.#timeoutMs === 0) return;
    this.#waitingSinceMs = this.#clock.now();
    this.#timer ??= this.#arm(this.#timeoutMs);
  }

  /** Says that the wait is over. */
  end(): void {
    this.#waitingSinceMs = undefined;
  }

  /** Takes back the timer. */
  stop(): void {
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
