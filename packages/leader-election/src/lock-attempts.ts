import { isAlreadyExists, isConflict, isNotFound } from '@kubeloop/client';
import type { ElectorSettings } from './elector-options.ts';
import { microTime } from './micro-time.ts';
import { ObservedRecord } from './observed-record.ts';
import type { LeaderElectionRecord } from './record.ts';
import { callQuietly, type ReportFailure } from './reporter.ts';
import type { ResourceLock } from './resource-lock.ts';
import { withTimeout } from './timing.ts';

/** What came of a try to get or renew the lock. */
export type Outcome =
  /** The lock is ours, by a write that was made after `sinceMs`. */
  | { readonly held: true; readonly sinceMs: number }
  /** It is not, or not known to be. `holder` is there when it was read that the lock is not ours. */
  | { readonly held: false; readonly holder?: string | undefined; readonly error?: unknown };

/** One try. */
interface Try {
  readonly startedMs: number;
  /** Whether this process acts as the leader. It then only renews: what somebody else has touched is lost. */
  readonly leading: boolean;
  readonly signal: AbortSignal;
}

/** The single steps of an election: what client-go does in `tryAcquireOrRenew`, `tryCoordinatedRenew` and `tryRelease`. */
export class LockAttempts {
  /** What is known of the lock. */
  readonly observed: ObservedRecord;
  readonly #settings: ElectorSettings;
  readonly #report: ReportFailure;
  readonly #lock: ResourceLock;
  /** Whether a write was sent whose answer never came: the lock may be ours without our knowing. */
  #unanswered = false;

  constructor(settings: ElectorSettings, report: ReportFailure) {
    this.#settings = settings;
    this.#report = report;
    this.#lock = settings.lock;
    this.observed = new ObservedRecord(settings.clock);
  }

  /** Whether the lock may be ours by a write whose answer never came. */
  get isUncertain(): boolean {
    return this.#unanswered;
  }

  /** Tries once. Never rejects: failures are reported, and the next try will tell. */
  async once(leading: boolean, signal: AbortSignal): Promise<Outcome> {
    const attempt = { startedMs: this.#settings.clock.now(), leading, signal };
    try {
      if (this.#settings.coordinated) return await this.#renewCoordinated(attempt);
      return (await this.#renewUnseen(attempt)) ?? (await this.#acquireOrRenew(attempt));
    } catch (error) {
      // Of those who hear at once that the lock is free, all but one meet a conflict.
      const isOutrun = !leading && (isConflict(error) || isAlreadyExists(error));
      if (!signal.aborted && !isOutrun) this.#report(error, leading ? 'renew' : 'acquire');
      return { held: false, error };
    }
  }

  /** Gives the lock away if a fresh look says that it is ours. Rejects when that fails for another reason than a conflict. */
  async release(): Promise<void> {
    const { clock, renewDeadlineMs: timeoutMs } = this.#settings;
    const never = new AbortController().signal;
    await withTimeout('release the lock', { clock, timeoutMs, signal: never }, async (signal) => {
      while (!signal.aborted && !(await this.#tryRelease(signal)));
    });
  }

  /** Whether there is nothing left to release. */
  async #tryRelease(signal: AbortSignal): Promise<boolean> {
    const found = await this.#get(signal);
    if (found?.holderIdentity !== this.#lock.identity) return true;
    const now = microTime(this.#settings.wallClock());
    const released = {
      holderIdentity: '',
      leaseDurationSeconds: 1,
      acquireTime: now,
      renewTime: now,
      leaderTransitions: found.leaderTransitions,
    };
    try {
      await this.#write('update', released, signal);
      return true;
    } catch (error) {
      // A renewal that was called off may have arrived all the same: look again.
      if (isConflict(error)) return false;
      throw error;
    }
  }

  /** Renews by one Update, trusting that nobody has touched the record. `undefined` when that is not known to have worked. */
  async #renewUnseen({ startedMs, signal }: Try): Promise<Outcome | undefined> {
    const { record } = this.observed;
    if (record?.holderIdentity !== this.#lock.identity || !this.observed.isValid(startedMs))
      return undefined;
    try {
      await this.#write('update', this.#continued(record), signal);
      return { held: true, sinceMs: startedMs };
    } catch {
      signal.throwIfAborted();
      // Most often a conflict. Whatever it was, the Get and Update that follow meet it again if it lasts.
      return undefined;
    }
  }

  async #acquireOrRenew({ startedMs, leading, signal }: Try): Promise<Outcome> {
    const known = this.observed.record;
    const found = await this.#get(signal);
    if (!found) {
      const isOurs = known?.holderIdentity === this.#lock.identity;
      await this.#write('create', isOurs ? this.#continued(known) : this.#fresh(0), signal);
      return { held: true, sinceMs: startedMs };
    }
    this.observed.see(found);
    const holder = found.holderIdentity;
    const isOurs = holder === this.#lock.identity;
    if (!isOurs && (leading || (holder !== '' && this.observed.isValid(startedMs))))
      return { held: false, holder };
    if (isOurs) this.#countSlowpath();
    const next = isOurs ? this.#continued(found) : this.#fresh(found.leaderTransitions + 1);
    await this.#write('update', next, signal);
    return { held: true, sinceMs: startedMs };
  }

  /** Renews what the cluster has given to this process, and nothing else. */
  async #renewCoordinated({ startedMs, signal }: Try): Promise<Outcome> {
    const found = await this.#get(signal);
    if (!found) return { held: false };
    this.observed.see(found);
    if (found.holderIdentity !== this.#lock.identity)
      return { held: false, holder: found.holderIdentity };
    // An expired lease, or one at the end of its term, is the cluster's to give again.
    if (!this.observed.isValid(startedMs) || found.preferredHolder) return { held: false };
    this.#countSlowpath();
    const { strategy } = found;
    await this.#write('update', { ...this.#continued(found), strategy }, signal);
    return { held: true, sinceMs: startedMs };
  }

  async #get(signal: AbortSignal): Promise<LeaderElectionRecord | undefined> {
    try {
      return await this.#call('get', signal, (inner) => this.#lock.get({ signal: inner }));
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async #write(
    verb: 'create' | 'update',
    record: LeaderElectionRecord,
    signal: AbortSignal,
  ): Promise<void> {
    this.#unanswered = true;
    try {
      await this.#call(verb, signal, (inner) => this.#lock[verb](record, { signal: inner }));
      this.#unanswered = false;
    } catch (error) {
      // A server that refuses has not written.
      if (isConflict(error) || isNotFound(error)) this.#unanswered = false;
      throw error;
    }
    this.observed.set(record);
  }

  #call<T>(
    verb: string,
    signal: AbortSignal,
    call: (inner: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { clock, callTimeoutMs: timeoutMs } = this.#settings;
    return withTimeout(`${verb} ${this.#lock.describe()}`, { clock, timeoutMs, signal }, call);
  }

  #fresh(leaderTransitions: number): LeaderElectionRecord {
    const now = microTime(this.#settings.wallClock());
    return {
      holderIdentity: this.#lock.identity,
      leaseDurationSeconds: this.#settings.leaseDurationMs / 1_000,
      acquireTime: now,
      renewTime: now,
      leaderTransitions,
    };
  }

  /** The record of the same leadership, renewed now. */
  #continued({ acquireTime, leaderTransitions }: LeaderElectionRecord): LeaderElectionRecord {
    return { ...this.#fresh(leaderTransitions), acquireTime };
  }

  #countSlowpath(): void {
    const { metrics, name } = this.#settings;
    callQuietly(
      () => metrics?.slowpathExercised(name),
      (error) => this.#report(error, 'call metrics'),
    );
  }
}
