/** What the leader is to do: `onStartedLeading`. */
type StartWork = (signal: AbortSignal, isLeader: () => boolean) => Promise<void> | void;

/** What the leader does: the promise of `onStartedLeading`, and what has become of it. Never an unhandled rejection. */
export class Work {
  /** Resolves when the work has ended, well or not. */
  readonly settled: Promise<void>;
  /** Resolves when the work has failed although nobody had asked it to end; else never. */
  readonly failed: Promise<void>;
  readonly #signal: AbortSignal;
  #failure: { readonly error: unknown } | undefined;
  #onLate: ((error: unknown) => void) | undefined;

  /** Starts the work, which may ask at any time whether it may go on. */
  constructor(start: StartWork, signal: AbortSignal, isLeader: () => boolean) {
    this.#signal = signal;
    let fail = (): void => {};
    this.failed = new Promise((resolve) => {
      fail = resolve;
    });
    this.settled = begin(start, signal, isLeader).catch((error: unknown) => {
      if (this.#isOurAbort(error)) return;
      if (this.#onLate) this.#onLate(error);
      else this.#failure = { error };
      if (!signal.aborted) fail();
    });
  }

  /** @throws what the work failed with, unless it is only the abort that was asked for */
  throwIfFailed(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) throw failure.error;
  }

  /** From now on nobody asks: what has failed, or fails later, is told to `report`. */
  reportLateFailure(report: (error: unknown) => void): void {
    this.#onLate = report;
    if (this.#failure) report(this.#failure.error);
    this.#failure = undefined;
  }

  #isOurAbort(error: unknown): boolean {
    if (!this.#signal.aborted) return false;
    return error === this.#signal.reason || (error instanceof Error && error.name === 'AbortError');
  }
}

async function begin(
  start: StartWork,
  signal: AbortSignal,
  isLeader: () => boolean,
): Promise<void> {
  await start(signal, isLeader);
}
