import type { Clock } from '@kubeloop/ratelimiter';
import type { Queue } from '@kubeloop/workqueue';
import type { CauseTracker } from './cause-tracker.ts';
import type { ReconcileMeter, ReconcileResult } from './controller-metrics.ts';
import type { Run } from './reconcile-run.ts';
import type { ReconcileTracing } from './reconcile-tracing.ts';
import type { Result } from './request.ts';
import { resultOf } from './request.ts';
import { retryUntilAborted } from './retry.ts';
import { sleep } from './sleep.ts';
import { TerminalError } from './terminal-error.ts';

/** What {@link ReconcileOutcomes} work with. */
export interface ReconcileOutcomesOptions {
  readonly queue: Queue<string>;
  readonly meter: ReconcileMeter;
  readonly clock: Clock;
  /** Aborts when the controller stops: a queue that fails then is not asked again. */
  readonly signal: AbortSignal;
  readonly causes?: CauseTracker | undefined;
  readonly tracing?: ReconcileTracing | undefined;
}

/** How long to wait for a queue that has failed for the first time. */
const retryMs = 100;

/** Counts and reports how reconciles end, and puts their keys back into the queue as that demands. */
export class ReconcileOutcomes {
  readonly #options: ReconcileOutcomesOptions;

  constructor(options: ReconcileOutcomesOptions) {
    this.#options = options;
  }

  /** As it came, and without a failure of its own. */
  async putBack(run: Run): Promise<void> {
    this.#options.causes?.putBack(run.key, run.pending);
    const options = run.priority === undefined ? {} : { priority: run.priority };
    await this.#tell(run, async () => this.#options.queue.add(run.key, options));
  }

  /** Caches lag too far behind: with a delay that grows. @param counts - whether that is to be counted */
  async putOff(run: Run, counts: boolean): Promise<void> {
    if (counts) this.#ended(run, 'requeue');
    this.#options.causes?.putBack(run.key, run.pending);
    const options = run.priority === undefined ? {} : { priority: run.priority };
    await this.#tell(run, async () => this.#options.queue.addRateLimited(run.key, options));
  }

  /** The reconciler has ended with this result. */
  async succeeded(run: Run, result: Result): Promise<void> {
    const { queue } = this.#options;
    const priority = result.priority ?? run.priority;
    const options = priority === undefined ? {} : { priority };
    const outcome = resultOf(result);
    this.#ended(run, outcome);
    if (outcome === 'success') return this.#tell(run, async () => queue.forget(run.key));
    this.#requeued(run);
    if (outcome === 'requeue')
      return this.#tell(run, async () => queue.addRateLimited(run.key, options));
    return this.#tell(run, async () => {
      await queue.forget(run.key);
      await queue.addAfter(run.key, result.requeueAfterMs ?? 0, options);
    });
  }

  /** The reconciler has thrown. @param isCutShort - whether it was told to end for a stop */
  async failed(run: Run, error: unknown, isCutShort: boolean): Promise<void> {
    const { queue, meter } = this.#options;
    const isTerminal = TerminalError.is(error);
    this.#ended(run, 'error');
    meter.failed(isTerminal);
    this.#report(run, error, { isTerminal, isCutShort });
    if (isTerminal) return;
    this.#requeued(run);
    const options = run.priority === undefined ? {} : { priority: run.priority };
    await this.#tell(run, async () => queue.addRateLimited(run.key, options));
  }

  /** The queue has taken the key back, and hands it out again by itself: nothing is put into it. */
  takenBack(run: Run, error?: unknown): void {
    const reason: unknown = run.taken?.reason;
    this.#options.meter.takenBack();
    run.logger.info(
      'A reconcile was taken back by the queue; its request may run elsewhere by now',
      {
        reason,
        ...(error !== undefined && error !== reason && { error }),
      },
    );
  }

  /** The next run of the key comes from this one. */
  #requeued(run: Run): void {
    const { causes, tracing } = this.#options;
    if (!causes) return;
    const cause = { type: 'requeue' } as const;
    tracing?.follow(cause, run.span);
    causes.requeued(run.key, cause);
  }

  /** Tells the queue the outcome, again and again until it takes it: otherwise the key would be lost. Never rejects. */
  async #tell(run: Run, outcome: () => Promise<void>): Promise<void> {
    const { clock } = this.#options;
    // What the queue has taken back is not lost.
    const signal = run.taken
      ? AbortSignal.any([this.#options.signal, run.taken])
      : this.#options.signal;
    try {
      await outcome();
    } catch (error) {
      run.logger.error('The queue did not take the outcome of a reconcile', { error });
      const title = 'tell the queue the outcome of a reconcile';
      await sleep(retryMs, clock, signal).catch(() => undefined); // only an abort ends it early
      await retryUntilAborted(outcome, { title, signal, logger: run.logger, clock });
    }
  }

  #report(
    run: Run,
    error: unknown,
    { isTerminal, isCutShort }: { readonly isTerminal: boolean; readonly isCutShort: boolean },
  ): void {
    if (isCutShort && !isTerminal)
      run.logger.info('A reconcile was cut short by the shutdown', { error });
    else if (isTerminal)
      run.logger.error('A reconcile failed for good; it runs again when something changes', {
        error,
      });
    else
      run.logger.error('A reconcile failed and will be tried again', {
        error,
        failures: this.#options.queue.numRequeues(run.key) + 1,
      });
  }

  #ended(run: Run, result: ReconcileResult): void {
    this.#options.meter.reconciled(result, this.#options.clock.now() - run.startMs);
  }
}
