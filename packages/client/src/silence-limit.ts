import type { Clock, Timer } from '@kubeloop/ratelimiter';

/** A time limit on silence, which notes signs of life without setting a timer for each. */
export class SilenceLimit {
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #onSilence: () => void;
  #timer: Timer | undefined;
  #lastAt = 0;
  #isPaused = false;

  /** @param limitMs - zero means no limit */
  constructor(clock: Clock, limitMs: number, onSilence: () => void) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#onSilence = onSilence;
    if (limitMs === 0) return;
    this.#lastAt = clock.now();
    this.#arm(limitMs);
  }

  /** Something came. */
  note(): void {
    if (this.#timer) this.#lastAt = this.#clock.now();
  }

  /** Nothing is awaited now, since nobody reads. */
  pause(): void {
    this.#isPaused = true;
  }

  /** Something is awaited again. */
  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.note();
  }

  /** Leaves no timer. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(delayMs: number): void {
    this.#timer = this.#clock.setTimeout(() => {
      const restMs = this.#isPaused
        ? this.#limitMs
        : this.#lastAt + this.#limitMs - this.#clock.now();
      if (restMs > 0) return this.#arm(restMs);
      this.#timer = undefined;
      this.#onSilence();
    }, delayMs);
  }
}
