import type { Timer } from '@kubeloop/ratelimiter';
import type { ElectorSettings } from './elector-options.ts';
import { LeadershipLostError, type LossReason } from './leadership-lost-error.ts';
import type { LockAttempts } from './lock-attempts.ts';
import { pause } from './timing.ts';

/** What a {@link Term} is made of. */
export interface TermOptions {
  readonly settings: ElectorSettings;
  readonly attempts: LockAttempts;
  /** When the try was begun by which the lock was acquired. */
  readonly sinceMs: number;
  /** Called after each try to renew. */
  readonly onTry: () => void;
}

/**
 * One leadership, from the acquired lock until it is lost or given up. It is over by the monotonic clock, `renewDeadlineMs` after the last
 * renewal that worked was sent. Others wait `leaseDurationMs`, which is more, from a moment that cannot be earlier.
 */
export class Term {
  readonly #options: TermOptions;
  readonly #work = new AbortController();
  readonly #renewing = new AbortController();
  #validUntilMs = 0;
  #deadline: Timer | undefined;
  #loss: LeadershipLostError | undefined;
  /** The last failure since a renewal worked. */
  #failure: unknown;
  #resolveLost: (error: LeadershipLostError) => void = () => {};
  #renewals: Promise<void> = Promise.resolve();
  /** Resolves with the error when the leadership is lost, else never. */
  readonly lost: Promise<LeadershipLostError> = new Promise((resolve) => {
    this.#resolveLost = resolve;
  });

  constructor(options: TermOptions) {
    this.#options = options;
  }

  /** Aborts when the work has to end. */
  get signal(): AbortSignal {
    return this.#work.signal;
  }

  /** Whether the lock is surely ours at this moment. */
  get isValid(): boolean {
    return (
      !this.#renewing.signal.aborted && this.#options.settings.clock.now() < this.#validUntilMs
    );
  }

  /** Whether the work may go on. When the lock may be another's by now, its signal has aborted before this answers. */
  mayAct(): boolean {
    return !this.#work.signal.aborted && !this.#isLate();
  }

  /** Begins to renew. */
  start(): void {
    this.#extend(this.#options.sinceMs);
    this.#renewals = this.#renew();
  }

  /** Asks the work to end; the lock goes on being renewed. */
  stopWork(reason: unknown): void {
    if (!this.#work.signal.aborted) this.#work.abort(reason);
  }

  /** Stops renewing and leaves no timer or call behind. */
  async end(): Promise<void> {
    this.#stopRenewing();
    await this.#renewals;
  }

  /** Ends the leadership at once: the work's signal aborts before anything else happens. */
  lose(reason: LossReason, detail: string): LeadershipLostError {
    if (this.#loss) return this.#loss;
    const cause = this.#failure;
    const lock = this.#options.settings.lock.describe();
    this.#loss = new LeadershipLostError({ reason, lock, detail, cause });
    this.stopWork(this.#loss);
    this.#stopRenewing();
    this.#resolveLost(this.#loss);
    return this.#loss;
  }

  async #renew(): Promise<void> {
    const { clock, retryPeriodMs } = this.#options.settings;
    const { signal } = this.#renewing;
    for (;;) {
      await pause(clock, retryPeriodMs, signal);
      if (signal.aborted || this.#isLate()) return;
      const outcome = await this.#options.attempts.once(true, signal);
      if (signal.aborted || this.#isLate()) return;
      this.#options.onTry();
      if (outcome.held) this.#extend(outcome.sinceMs);
      else if (outcome.holder !== undefined) this.#taken(outcome.holder);
      else this.#failure = outcome.error ?? this.#failure;
    }
  }

  /** Whether it is past the deadline, whose timer may still be due: a process that was paused finds out by whatever runs first. */
  #isLate(): boolean {
    if (this.#options.settings.clock.now() < this.#validUntilMs) return false;
    this.#expire();
    return true;
  }

  #extend(sinceMs: number): void {
    const { clock, renewDeadlineMs } = this.#options.settings;
    this.#failure = undefined;
    this.#validUntilMs = sinceMs + renewDeadlineMs;
    this.#deadline?.cancel();
    this.#deadline = clock.setTimeout(() => this.#expire(), this.#validUntilMs - clock.now());
  }

  #expire(): void {
    const { renewDeadlineMs } = this.#options.settings;
    this.lose('renew-deadline', `it was not renewed within ${renewDeadlineMs} ms`);
  }

  #taken(holder: string): void {
    this.lose('taken', holder === '' ? 'nobody holds it' : `"${holder}" holds it`);
  }

  #stopRenewing(): void {
    this.#deadline?.cancel();
    this.#renewing.abort();
  }
}
