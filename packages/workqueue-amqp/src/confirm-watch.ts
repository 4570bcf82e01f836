import type { Clock, Timer } from '@kubeloop/ratelimiter';

/** What is watched. */
export interface Confirming {
  /** Whether publishes wait, of a broker that does not say that it takes none. */
  readonly isWaiting: boolean;
  /** How many publishes have been confirmed so far. */
  readonly confirmed: number;
}

/** Options of {@link ConfirmWatch}. */
export interface ConfirmWatchOptions {
  readonly clock: Clock;
  readonly heartbeatMs: number;
  readonly watched: Confirming;
  /** Called when nothing was confirmed for too long, with how long that is. The watch has ended then. */
  readonly onStuck: (stuckMs: number) => void;
}

/** Leaders are elected within ten seconds, and then tell those who have published to them before. */
const electionMs = 15_000;
/** By how much the patience with connections that confirm nothing may grow. */
const mostPatience = 4;

/**
 * Finds connections by which nothing is confirmed any more.
 *
 * When the node of a queue's leader freezes, messages to it are neither confirmed nor refused. A channel that has published to the
 * queue before hears of the next leader, and should be left alone. One that was opened after the freeze hears nothing, and holds up its
 * connection: it has to be replaced until the brokers have noticed, which takes them their `net_ticktime`.
 */
export class ConfirmWatch {
  readonly #options: ConfirmWatchOptions;
  #timer: Timer | undefined;
  #patience = 1;
  #confirmedAtFirst = 0;
  #confirmed = 0;
  #sinceMs = 0;

  constructor(options: ConfirmWatchOptions) {
    this.#options = options;
  }

  /** A connection is made: watches it. */
  start(): void {
    this.stop();
    this.#confirmedAtFirst = this.#options.watched.confirmed;
    this.#confirmed = this.#confirmedAtFirst;
    this.#sinceMs = this.#options.clock.now();
    this.#lookLater();
  }

  /** Something is new, such as a refusal: patience begins anew. */
  stir(): void {
    this.#patience = 1;
  }

  /** Watches no longer. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #lookLater(): void {
    const { clock, heartbeatMs } = this.#options;
    this.#timer = clock.setTimeout(() => this.#look(), heartbeatMs / 4);
    this.#timer.unref();
  }

  #look(): void {
    const { clock, heartbeatMs, watched, onStuck } = this.#options;
    const nowMs = clock.now();
    if (watched.confirmed !== this.#confirmed) this.#patience = 1;
    if (!watched.isWaiting || watched.confirmed !== this.#confirmed) this.#sinceMs = nowMs;
    this.#confirmed = watched.confirmed;
    const isProven = this.#confirmed > this.#confirmedAtFirst;
    const limitMs = isProven
      ? Math.max(electionMs, 2 * heartbeatMs)
      : (heartbeatMs / 2) * this.#patience;
    const stuckMs = nowMs - this.#sinceMs;
    if (stuckMs < limitMs) {
      this.#lookLater();
      return;
    }
    this.#patience = Math.min(2 * this.#patience, mostPatience);
    this.stop();
    onStuck(stuckMs);
  }
}
