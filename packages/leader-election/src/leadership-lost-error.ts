const brand = Symbol.for('@kubeloop/leader-election/LeadershipLostError');

/**
 * Why a leadership was lost: it was not renewed in time (`renew-deadline`), the lock turned out not to be ours any more (`taken`), or it
 * was given up because the work did not end in time after a stop (`drain-timeout`).
 */
export type LossReason = 'renew-deadline' | 'taken' | 'drain-timeout';

/** What a {@link LeadershipLostError} is made of. */
export interface LeadershipLostErrorOptions {
  /** Why it was lost. */
  readonly reason: LossReason;
  /** The lock, as it describes itself. */
  readonly lock: string;
  /** What happened, for a human; follows `Lost the leadership of <lock>: `. */
  readonly detail: string;
  /** The last failure of a renewal, if one failed. */
  readonly cause?: unknown;
}

/**
 * This process led and must not any more, though nobody asked it to stop. The reason of the leader's signal, and what `run` rejects
 * with. Work may still be on its way out: a process that does not know better ends itself, as those of Kubernetes do.
 */
export class LeadershipLostError extends Error {
  /** `LeadershipLostError`. */
  override readonly name: string = 'LeadershipLostError';
  /** Why it was lost. */
  readonly reason: LossReason;

  /** Made by the elector; also for tests of what reacts to it. */
  constructor(options: LeadershipLostErrorOptions) {
    super(`Lost the leadership of ${options.lock}: ${options.detail}`, {
      ...(options.cause !== undefined && { cause: options.cause }),
    });
    Object.defineProperty(this, brand, { value: true });
    this.reason = options.reason;
  }

  /** Whether a value is such an error, from whichever copy of this package. */
  static is(value: unknown): value is LeadershipLostError {
    return typeof value === 'object' && value !== null && brand in value;
  }
}
