/**
 * Takes part in a leader election until the signal aborts; `new LeaderElector(…).run` of `@kubeloop/leader-election` fits:
 *
 *     (onStartedLeading, { signal }) =>
 *       new LeaderElector({ lock, onStartedLeading, releaseOnCancel: true }).run({ signal })
 *
 * It calls `lead` once, when this process leads, with a signal that aborts as soon as it must not act any more, and with
 * `isLeader`, if it can, which says so before a timer could: a process that was paused hears of events first and of its timers
 * later. The promise
 * of `lead` settles when all the work has ended; only then may the lock be given away. It rejects when the leadership is
 * lost, and resolves after the signal has aborted and the lock, if it was held, has been given away.
 */
export type LeaderElection = (
  lead: (signal: AbortSignal, isLeader?: () => boolean) => Promise<void>,
  options: { readonly signal: AbortSignal },
) => Promise<void>;

/**
 * Whether a manager may act for all of its kind: `none` means that there is no election and it always may, `waiting` that
 * another leads or nobody yet, `released` that it led and has stopped in order, `lost` that it led and was not asked to stop.
 */
export type LeadershipState = 'none' | 'waiting' | 'leading' | 'released' | 'lost';

/** What a {@link Leadership} works with. */
export interface LeadershipOptions {
  /** `undefined` when there is none: then this process leads from the start. */
  readonly election: LeaderElection | undefined;
  /** Aborts when nothing may begin any more: an election that is won after that is won for nothing. */
  readonly stop: AbortSignal;
  /** Called once, when this process leads. */
  readonly onGained: () => void;
  /** Called at once when the leadership is lost, or the election has failed or ended although nobody asked it to. */
  readonly onEnded: (reason: Error) => void;
}

/** The part that a manager takes in a leader election. */
export class Leadership {
  readonly #options: LeadershipOptions;
  readonly #gained: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly #workHasEnded: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly #stop = new AbortController();
  #state: LeadershipState;
  #election: Promise<void> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;
  #isLeader: (() => boolean) | undefined;

  constructor(options: LeadershipOptions) {
    this.#options = options;
    this.#state = options.election ? 'waiting' : 'none';
  }

  /** Whether this process leads. */
  get state(): LeadershipState {
    return this.#state;
  }

  /** Whether work may begin at this very moment; if not, and it could before, the loss has been dealt with already. */
  mayAct(): boolean {
    if (this.#state !== 'leading') return this.#state === 'none';
    if (this.#isLeader?.() ?? true) return true;
    if (!this.#stop.signal.aborted) this.#end(new Error('The leadership has run out'));
    return false;
  }

  /** Resolves when this process leads; never when it does not get to. */
  get gained(): Promise<void> {
    return this.#gained.promise;
  }

  /** What the election has failed with. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  /** Enters the election. */
  start(): void {
    const { election } = this.#options;
    if (election) this.#election = this.#takePart(election);
    else this.#gain();
  }

  /**
   * Leaves the election. Resolves when the election has ended; what it fails with is in {@link failure}.
   *
   * @param isWorkDone - whether all work has ended; if not, the lock must not be given away
   */
  async release(isWorkDone: boolean): Promise<void> {
    if (isWorkDone) this.#workHasEnded.resolve();
    this.#stop.abort();
    await this.#election;
    if (this.#state === 'leading') this.#state = isWorkDone ? 'released' : 'lost';
  }

  async #takePart(election: LeaderElection): Promise<void> {
    let error: unknown;
    try {
      await election(async (signal, isLeader) => this.#lead(signal, isLeader), {
        signal: this.#stop.signal,
      });
      if (this.#stop.signal.aborted && this.#state !== 'lost') return;
      error = new Error('The leader election has ended although the manager runs');
    } catch (thrown) {
      error = thrown;
    }
    this.#failure = { error };
    this.#end(asError(error));
  }

  async #lead(signal: AbortSignal, isLeader?: () => boolean): Promise<void> {
    // Won at the very moment of the stop: nothing begins, and the lock can be given away.
    if (this.#options.stop.aborted) return;
    if (this.#state !== 'waiting') throw new Error('Cannot lead twice');
    this.#isLeader = isLeader;
    this.#gain();
    const onAbort = (): void => {
      if (!this.#stop.signal.aborted) this.#end(asError(signal.reason));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    await this.#workHasEnded.promise;
    signal.removeEventListener('abort', onAbort);
  }

  #gain(): void {
    if (this.#options.election) this.#state = 'leading';
    this.#gained.resolve();
    this.#options.onGained();
  }

  #end(reason: Error): void {
    if (this.#state === 'lost') return;
    if (this.#state === 'leading') this.#state = 'lost';
    this.#options.onEnded(reason);
  }
}

function asError(reason: unknown): Error {
  if (reason instanceof Error) return reason;
  return new Error('The leader election has ended', { cause: reason });
}
