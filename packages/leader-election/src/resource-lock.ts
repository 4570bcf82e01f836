import type { LeaderElectionRecord } from './record.ts';

/** How one call of a lock is made. */
export interface LockCallOptions {
  /** Aborts when the answer is no longer wanted: the elector gives each call a timeout of its own. */
  readonly signal: AbortSignal;
}

/**
 * What an election is about: one record that many see and that is changed only by those who have seen its last state. A
 * {@link LeaseLock} keeps it in a Lease.
 *
 * A failure is whatever the client rejects with; `isNotFound` and `isConflict` of `@kubeloop/client` tell what it means, and
 * need no more of a lock's own errors than `reason` (`NotFound`, `Conflict`) or `code`. A lock belongs to one elector.
 */
export interface ResourceLock {
  /** Who takes part by this lock; unlike all others. */
  readonly identity: string;
  /** The record as it is now. Rejects with `NotFound` when there is none. */
  get(options: LockCallOptions): Promise<LeaderElectionRecord>;
  /** Writes the first record. Rejects with `AlreadyExists` when somebody else was quicker. */
  create(record: LeaderElectionRecord, options: LockCallOptions): Promise<void>;
  /** Replaces the record that this lock has got or written last. Rejects with `Conflict` when there is a newer one. */
  update(record: LeaderElectionRecord, options: LockCallOptions): Promise<void>;
  /**
   * The record after each change that others make to what this lock has got or written last. Optional: those who wait then hear at once that
   * the lock was given away, and else at their next try.
   *
   * Ends when it cannot go on, rejects when that is a failure, and ends or rejects as soon as the signal aborts; it is opened again after
   * another `get`, at most once per retry period. Called after a `get` only. Changes may be left out, and deletions are.
   */
  watch?(options: LockCallOptions): AsyncIterable<LeaderElectionRecord>;
  /** Hears of `became leader` and `stopped leading`. */
  recordEvent(message: string): void;
  /** The lock in a few words, for messages. */
  describe(): string;
}
