import type { Clock, Timer } from '@kubeloop/ratelimiter';

/** How long a connection may be silent before it is asked whether it is alive; client-go's `ReadIdleTimeout`. */
const silenceMs = 30_000;
/** The same while an answer has not begun: a call should not wait so long to learn that its connection is dead. */
const awaitingSilenceMs = 5000;
/** How long it may take to answer; client-go's `PingTimeout`. */
const answerMs = 15_000;
/** How often is looked whether something came: noting each piece that comes would cost more. */
const lookMs = 5000;

/** What a {@link PingWatch} is made of. */
export interface PingWatchOptions {
  readonly clock: Clock;
  /** How many bytes have come so far. */
  readonly bytesRead: () => number;
  /** Whether an answer is awaited whose headers have not come. */
  readonly isAwaiting: () => boolean;
  /** Sends a ping and calls back with its answer. */
  readonly ping: (answered: () => void) => void;
  /** Called once, when neither the answer nor anything else came. */
  readonly onDead: (waitedMs: number) => void;
}

/**
 * Finds connections that are open on one side only: one that was silent for 30 to 35 s (5 to 10 s while an answer is awaited)
 * is pinged, and dead when nothing comes for another 15 s. Anything that comes is a sign of life, since the answer to a ping waits behind data on slow lines.
 */
export class PingWatch {
  readonly #options: PingWatchOptions;
  #timer: Timer | undefined;
  #seen = -1;
  #seenAt = 0;
  #pingedAt: number | undefined;

  constructor(options: PingWatchOptions) {
    this.#options = options;
  }

  /** Begins, or goes on; the silence before does not count. */
  start(): void {
    if (this.#timer) return;
    this.#seenAt = this.#options.clock.now();
    this.#again();
  }

  /** Leaves no timer. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#pingedAt = undefined;
  }

  #again(): void {
    this.#timer = this.#options.clock.setTimeout(() => this.#look(), lookMs);
  }

  #look(): void {
    const now = this.#options.clock.now();
    if (this.#hasRead()) {
      this.#seenAt = now;
      this.#pingedAt = undefined;
    } else if (this.#pingedAt === undefined) {
      const limitMs = this.#options.isAwaiting() ? awaitingSilenceMs : silenceMs;
      if (now - this.#seenAt >= limitMs) this.#ping(now);
    } else if (now - this.#pingedAt >= answerMs) {
      this.#confirm();
      return;
    }
    this.#again();
  }

  #ping(now: number): void {
    this.#pingedAt = now;
    this.#options.ping(() => {
      this.#pingedAt = undefined;
      this.#seenAt = this.#options.clock.now();
    });
  }

  /** A process that was busy or stopped for long finds its timers due before it has read what came meanwhile. */
  #confirm(): void {
    const timer = this.#timer;
    setImmediate(() =>
      setImmediate(() => {
        if (this.#timer !== timer) return;
        if (this.#pingedAt === undefined || this.#hasRead()) {
          this.#pingedAt = undefined;
          this.#seenAt = this.#options.clock.now();
          this.#again();
        } else {
          this.stop();
          this.#options.onDead(answerMs);
        }
      }),
    );
  }

  #hasRead(): boolean {
    const bytes = this.#options.bytesRead();
    const isMore = bytes !== this.#seen;
    this.#seen = bytes;
    return isMore;
  }
}
