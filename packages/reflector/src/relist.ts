import type { Clock } from '@kubeloop/ratelimiter';

/** How much longer than asked for a period may be, as a part of it. */
const spread = 0.1;

/** What {@link RelistTimer} needs. */
export interface RelistTimerOptions {
  /** The least time until a list is due. 0 means never. */
  readonly periodMs: number;
  readonly clock: Clock;
  readonly random: () => number;
  /** Is told once, when a list is due. */
  readonly onDue: () => void;
}

/** Tells when the next periodic list is due, counted from the moment it is made. Belongs to one cycle of list and watch. */
export class RelistTimer {
  readonly #stop: () => void;
  #isDue = false;

  constructor({ periodMs, clock, random, onDue }: RelistTimerOptions) {
    if (periodMs === 0) {
      this.#stop = () => undefined;
      return;
    }
    const due = (): void => {
      this.#isDue = true;
      onDue();
    };
    const timer = clock.setTimeout(due, periodMs * (1 + spread * random()));
    this.#stop = () => timer.cancel();
  }

  /** Whether it has told so. */
  get isDue(): boolean {
    return this.#isDue;
  }

  /** Leaves no timer behind. */
  stop(): void {
    this.#stop();
  }
}
