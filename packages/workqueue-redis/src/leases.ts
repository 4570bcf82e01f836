import type { Clock, Timer } from '@kubeloop/ratelimiter';
import type { Run } from './run.ts';

/** Options of {@link Leases}. */
export interface LeasesOptions {
  readonly clock: Clock;
  /** The time of day, in milliseconds: unlike `clock.now()` it goes on while the host sleeps. */
  readonly epochNow: () => number;
  readonly leaseMs: number;
  /** Asks the server to renew these. Resolves with the keys that are lost; rejects when there is no answer. */
  readonly renew: (runs: readonly Run[]) => Promise<ReadonlySet<string>>;
  /** Called after runs became stale. */
  readonly onStale: (runs: readonly Run[]) => void;
}

/** A moment, by both clocks. */
export interface Moment {
  readonly ms: number;
  readonly epochMs: number;
}

/** The part of the lease before its end in which a run is told to stop. */
const stopShare = 0.1;

/**
 * Keeps the keys that are in work here.
 *
 * The server counts a lease from when a call reached it, this process from when the call was sent, and stops a tenth before the end:
 * so it has stopped before the server gives the key to another, frozen and woken or cut off without a word.
 */
export class Leases {
  readonly #options: LeasesOptions;
  /** Until when a run is ours without another answer. */
  readonly #ends = new Map<Run, Moment>();
  #renewal: Timer | undefined;
  #expiry: Timer | undefined;
  #isRenewing = false;

  constructor(options: LeasesOptions) {
    this.#options = options;
  }

  /** The moment of now. */
  now(): Moment {
    return { ms: this.#options.clock.now(), epochMs: this.#options.epochNow() };
  }

  /** Whether a lease that was asked for then may be relied on now. */
  isValid(sent: Moment): boolean {
    return this.#leftMs(this.#endOf(sent)) > 0;
  }

  /** Keeps a run, whose key was asked for at that moment. */
  add(run: Run, sent: Moment): void {
    this.#ends.set(run, this.#endOf(sent));
    this.#arm();
  }

  /** The run has ended. */
  delete(run: Run): void {
    this.#ends.delete(run);
    if (this.#ends.size === 0) this.stop();
  }

  /** Renews all now. */
  async renewNow(): Promise<void> {
    const runs = [...this.#ends.keys()];
    if (this.#isRenewing || runs.length === 0) return;
    this.#isRenewing = true;
    const sent = this.now();
    try {
      const lost = await this.#options.renew(runs);
      const end = this.#endOf(sent);
      for (const run of runs) if (this.#ends.has(run)) this.#ends.set(run, end);
      this.#drop(
        runs.filter((run) => this.#ends.has(run) && lost.has(run.taken.key)),
        'the server has given the key to another process, or has lost it',
      );
    } catch {
      // Told by the link. The next try may come in time.
    } finally {
      this.#isRenewing = false;
    }
  }

  /** Gives all up: the runs become stale. */
  abandon(why: string): void {
    this.#drop([...this.#ends.keys()], why);
  }

  /** Leaves no timer. */
  stop(): void {
    this.#renewal?.cancel();
    this.#expiry?.cancel();
    this.#renewal = undefined;
    this.#expiry = undefined;
  }

  #endOf({ ms, epochMs }: Moment): Moment {
    const lengthMs = this.#options.leaseMs * (1 - stopShare);
    return { ms: ms + lengthMs, epochMs: epochMs + lengthMs };
  }

  #leftMs(end: Moment): number {
    const now = this.now();
    return Math.min(end.ms - now.ms, end.epochMs - now.epochMs);
  }

  #drop(runs: readonly Run[], why: string): void {
    if (runs.length === 0) return;
    for (const run of runs) {
      this.#ends.delete(run);
      run.becomeStale(why);
    }
    if (this.#ends.size === 0) this.stop();
    this.#options.onStale(runs);
  }

  #arm(): void {
    const { clock, leaseMs } = this.#options;
    this.#renewal ??= clock.setTimeout(() => {
      this.#renewal = undefined;
      void this.renewNow();
      if (this.#ends.size > 0) this.#arm();
    }, leaseMs / 3);
    this.#expiry ??= clock.setTimeout(
      () => {
        this.#expiry = undefined;
        this.#expire();
        if (this.#ends.size > 0) this.#arm();
      },
      Math.max(1, this.#leastLeftMs()),
    );
  }

  #leastLeftMs(): number {
    let leastMs = this.#options.leaseMs;
    for (const end of this.#ends.values()) leastMs = Math.min(leastMs, this.#leftMs(end));
    return leastMs;
  }

  #expire(): void {
    const over = [...this.#ends].filter(([, end]) => this.#leftMs(end) <= 0).map(([run]) => run);
    this.#drop(over, 'the lease of the key may have run out: the server was not reached in time');
  }
}
