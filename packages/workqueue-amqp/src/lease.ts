import type { Clock, Timer } from '@kubeloop/ratelimiter';

/** Options of {@link Lease}. */
export interface LeaseOptions {
  readonly clock: Clock;
  /** The time of day, in milliseconds: unlike `clock.now()` it goes on while the host sleeps. */
  readonly epochNow: () => number;
  /** Called when the lease runs out. */
  readonly onExpired: () => void;
}

/**
 * How long this process may start work.
 *
 * The broker gives the work of a silent process to another after twice the heartbeat. A process that starts nothing later than one
 * heartbeat after it *asked* a question that was answered has stopped before that, frozen and woken or cut off without a word.
 */
export class Lease {
  readonly #options: LeaseOptions;
  #untilMs = 0;
  #untilEpochMs = 0;
  #timer: Timer | undefined;
  #valid: PromiseWithResolvers<void> | undefined;

  constructor(options: LeaseOptions) {
    this.#options = options;
  }

  /** Whether work may be started now. */
  get isValid(): boolean {
    return this.leftMs > 0;
  }

  /** How much longer work may be started without another answer; 0: not now. */
  get leftMs(): number {
    const leftMs = this.#untilMs - this.#options.clock.now();
    return Math.max(0, Math.min(leftMs, this.#untilEpochMs - this.#options.epochNow()));
  }

  /** The broker has answered a question that was sent at these times: work may be started for `durationMs` from then. */
  extend(sentMs: number, sentEpochMs: number, durationMs: number): void {
    this.#untilMs = sentMs + durationMs;
    this.#untilEpochMs = sentEpochMs + durationMs;
    if (!this.isValid) return;
    this.#arm();
    this.#valid?.resolve();
    this.#valid = undefined;
  }

  /** The connection is lost: nothing may be started. `onExpired` is not called. */
  drop(): void {
    this.#untilMs = 0;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Resolves when work may be started, or at `release`. */
  whenValid(): Promise<void> {
    if (this.isValid) return Promise.resolve();
    this.#valid ??= Promise.withResolvers<void>();
    return this.#valid.promise;
  }

  /** Wakes all that wait. */
  release(): void {
    this.#valid?.resolve();
    this.#valid = undefined;
  }

  #arm(): void {
    if (this.#timer) return;
    const check = (): void => {
      this.#timer = undefined;
      if (this.isValid) this.#arm();
      else this.#options.onExpired();
    };
    // Re-armed at the end rather than with every answer.
    this.#timer = this.#options.clock.setTimeout(check, Math.max(1, this.leftMs));
    this.#timer.unref();
  }
}
