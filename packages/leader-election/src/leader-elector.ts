import { checkDuration, checkSignal } from './checks.ts';
import {
  electorSettings,
  jitterFactor,
  type ElectorSettings,
  type LeaderElectorOptions,
} from './elector-options.ts';
import { LockAttempts } from './lock-attempts.ts';
import { ReleaseWatch } from './release-watch.ts';
import { callQuietly, failureReporter, type ReportFailure } from './reporter.ts';
import { Term } from './term.ts';
import { aborted, pause } from './timing.ts';
import { Work } from './work.ts';

/**
 * Takes part in an election until it is stopped or has lost, with the contract of client-go's `tools/leaderelection`: both may
 * compete for one Lease.
 *
 * At most one of all that keep to the rules leads at a time, as far as a lease can say so. Nothing can hold back a step that is under way
 * when a process is paused and its lease expires: let writes carry a resourceVersion or another precondition, and look at
 * {@link isLeader} before a step that cannot be taken back.
 */
export class LeaderElector {
  readonly #settings: ElectorSettings;
  readonly #report: ReportFailure;
  readonly #attempts: LockAttempts;
  #term: Term | undefined;
  #running = false;
  #reportedLeader = '';

  /**
   * Starts nothing.
   *
   * @throws TypeError for a lock, identity, callback or other option that is none
   * @throws RangeError unless lease duration > renew deadline > retry period × 1.2 > 0, the first in whole seconds
   */
  constructor(options: LeaderElectorOptions) {
    this.#settings = electorSettings(options);
    this.#report = failureReporter(options.onError);
    this.#attempts = new LockAttempts(this.#settings, this.#report);
    this.#measure('off');
  }

  /**
   * Whether this process leads at this very moment. By the monotonic clock: false once the renew deadline has passed, even if no timer has
   * had a chance to say so, as in a process that was paused. True until the lock is given away while the work of a stopped leader ends.
   */
  get isLeader(): boolean {
    return this.#term?.isValid ?? false;
  }

  /** Who leads, as far as was seen; `undefined` when nobody is known to. For messages, not for decisions. */
  get leader(): string | undefined {
    return this.#attempts.observed.holder || undefined;
  }

  /**
   * Takes part until the signal aborts; then resolves, in this order: the leader's signal aborts, the promise of `onStartedLeading`
   * settles while the lock is still renewed, the lock is released if `releaseOnCancel` says so, `onStoppedLeading` is called.
   *
   * @throws LeadershipLostError as soon as a leadership is lost, without waiting for the work, whose signal has aborted before; nothing is released then.
   *   A process that cannot be sure that the work has ended should end itself. Also when the work did not end within `drainTimeoutMs`.
   * @throws what `onStartedLeading` rejected with; the lock is then released as after a stop
   * @throws Error when it is running; TypeError without a signal
   */
  async run(options: { readonly signal: AbortSignal }): Promise<void> {
    const { lock, onStoppedLeading } = this.#settings;
    checkSignal('Cannot run the elector', options?.signal);
    if (this.#running)
      throw new Error(`Cannot run the elector of ${lock.describe()}: it is running`);
    this.#running = true;
    try {
      const sinceMs = await this.#acquire(options.signal);
      if (sinceMs !== undefined) await this.#lead(sinceMs, options.signal);
    } finally {
      this.#running = false;
      this.#call('onStoppedLeading', () => onStoppedLeading?.());
    }
  }

  /**
   * For health checks, at any time. Throws when this process holds the lock and has not renewed it for longer than the lease duration
   * and `maxTolerableExpiredLeaseMs`, for instance because it hangs after a loss. All is well before the start and for those who wait.
   *
   * @throws Error
   * @throws TypeError or RangeError for what is no duration
   */
  check(maxTolerableExpiredLeaseMs: number = 0): void {
    checkDuration('maxTolerableExpiredLeaseMs', maxTolerableExpiredLeaseMs);
    const { lock, clock, leaseDurationMs, name } = this.#settings;
    const { holder, seenAtMs } = this.#attempts.observed;
    if (holder !== lock.identity) return;
    const ageMs = clock.now() - seenAtMs;
    if (ageMs > leaseDurationMs + maxTolerableExpiredLeaseMs)
      throw new Error(`The leadership of "${name}" was last renewed ${Math.round(ageMs)} ms ago`);
  }

  /** Tries until the lock is ours; the time at which the winning try began, or `undefined` when stopped before. */
  async #acquire(signal: AbortSignal): Promise<number | undefined> {
    const watch = new ReleaseWatch(this.#settings, this.#report);
    const sinceMs = await this.#win(watch, signal);
    watch.stop();
    if (sinceMs !== undefined) return sinceMs;
    await watch.close();
    const mayHold = this.#attempts.observed.holder === this.#settings.lock.identity;
    if (mayHold || this.#attempts.isUncertain) await this.#release();
    return undefined;
  }

  async #win(watch: ReleaseWatch, signal: AbortSignal): Promise<number | undefined> {
    const { clock, random, retryPeriodMs, renewDeadlineMs } = this.#settings;
    while (!signal.aborted) {
      const outcome = await this.#attempts.once(false, signal);
      this.#reportLeader();
      if (outcome.held) {
        if (signal.aborted) return undefined;
        // What came so late is not ours for long enough to begin with: renew it first.
        if (clock.now() - outcome.sinceMs < renewDeadlineMs) return outcome.sinceMs;
        continue;
      }
      if (outcome.holder !== undefined) watch.open();
      await watch.pause(retryPeriodMs * (1 + random() * jitterFactor), signal);
    }
    return undefined;
  }

  async #lead(sinceMs: number, signal: AbortSignal): Promise<void> {
    const settings = this.#settings;
    const onTry = (): void => this.#reportLeader();
    const term = new Term({ settings, attempts: this.#attempts, sinceMs, onTry });
    this.#term = term;
    this.#recordEvent('became leader');
    this.#measure('on');
    term.start();
    const work = new Work(settings.onStartedLeading, term.signal, () => term.mayAct());
    const stop = aborted(signal, () => term.stopWork(signal.reason));
    let isDrained = false;
    try {
      const loss = await Promise.race([term.lost, stop.promise, work.failed]);
      if (loss) throw loss;
      term.stopWork(new Error('The work of the leader failed'));
      await this.#drain(term, work);
      isDrained = true;
      work.throwIfFailed();
    } finally {
      stop.forget();
      await this.#leave(term, work, isDrained);
    }
  }

  /** Waits until the work has ended, while the lock is still renewed. */
  async #drain(term: Term, work: Work): Promise<void> {
    const { clock, drainTimeoutMs } = this.#settings;
    const waited = new AbortController();
    const late = pause(clock, drainTimeoutMs, waited.signal).then(() => 'late' as const);
    const ended = await Promise.race([term.lost, work.settled, late]);
    waited.abort();
    if (ended === 'late')
      throw term.lose('drain-timeout', `its work did not end within ${drainTimeoutMs} ms`);
    if (ended) throw ended;
  }

  /** The end of a leadership, however it came. Work that is still under way is heard when it fails. */
  async #leave(term: Term, work: Work, isDrained: boolean): Promise<void> {
    await term.end();
    this.#measure('off');
    if (isDrained) await this.#release();
    this.#term = undefined;
    this.#recordEvent('stopped leading');
    work.reportLateFailure((error) => this.#report(error, 'end the work of the leader'));
  }

  async #release(): Promise<void> {
    if (!this.#settings.releaseOnCancel) return;
    try {
      await this.#attempts.release();
    } catch (error) {
      this.#report(error, 'release');
    }
  }

  #reportLeader(): void {
    const { holder } = this.#attempts.observed;
    if (holder === this.#reportedLeader) return;
    this.#reportedLeader = holder;
    const { onNewLeader } = this.#settings;
    this.#call('onNewLeader', () => onNewLeader?.(holder));
  }

  #recordEvent(message: string): void {
    this.#call('record an event', () => this.#settings.lock.recordEvent(message));
  }

  #measure(status: 'on' | 'off'): void {
    const { metrics, name } = this.#settings;
    this.#call('call metrics', () => metrics?.[status](name));
  }

  #call(action: string, callback: () => unknown): void {
    callQuietly(callback, (error) => this.#report(error, action));
  }
}
