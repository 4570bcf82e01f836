import type { Clock, Timer } from '@kubeloop/ratelimiter';
import type { Queue } from '@kubeloop/workqueue';
import type { CauseTracker, Pending } from './cause-tracker.ts';
import { causesOf } from './cause-tracker.ts';
import type { ReconcileCauses } from './causes.ts';
import type { ReconcileBarrier } from './consistency/barrier.ts';
import { ConsistencyTimeoutError } from './consistency/consistency-timeout-error.ts';
import type { ReconcileMeter, ReconcileResult } from './controller-metrics.ts';
import type { Logger } from './logger.ts';
import type { OwnEvents } from './own-events/own-events.ts';
import type { ReconcileTracing } from './reconcile-tracing.ts';
import type { Reconciler, Request, Result } from './request.ts';
import { requestFromKey, requestKey, resultOf } from './request.ts';
import { retryUntilAborted } from './retry.ts';
import { sleep } from './sleep.ts';
import { TerminalError } from './terminal-error.ts';
import type { TraceSpanContext } from './tracer.ts';

/** What a {@link ReconcileRunner} works with. */
export interface ReconcileRunnerOptions {
  readonly reconcile: Reconciler;
  readonly queue: Queue<string>;
  readonly logger: Logger;
  readonly meter: ReconcileMeter;
  readonly clock: Clock;
  readonly barrier?: ReconcileBarrier | undefined;
  /** Asked right before each reconcile whether it may begin. Default: it may. */
  readonly mayBegin?: (() => boolean) | undefined;
  /** Zero means no deadline. */
  readonly reconcileTimeoutMs: number;
  /** Aborts when the controller stops: a queue that fails then is not asked again. */
  readonly signal: AbortSignal;
  /** Knows what asked for each key. Default: nobody wants to know. */
  readonly causes?: CauseTracker | undefined;
  /** Whether the reconciler and descriptions are shown the causes. */
  readonly showsCauses?: boolean | undefined;
  /** Told of each reconcile. Default: events of own writes are not told from others. */
  readonly ownEvents?: OwnEvents | undefined;
  /** Makes spans. Default none. */
  readonly tracing?: ReconcileTracing | undefined;
}

/** How long to wait for a queue that has failed for the first time. */
const retryMs = 100;

/** A reconcile that has begun and not ended. */
export interface RunningReconcile {
  /** The object it is for. */
  readonly request: Request;
  /** Its id, as in the log. */
  readonly reconcileID: string;
  /** How long it has been running. */
  readonly runningMs: number;
  /** What asked for it, where reconciles are told that. */
  readonly causes?: ReconcileCauses | undefined;
}

interface Run {
  readonly request: Request;
  readonly reconcileID: string;
  readonly startMs: number;
  readonly abort: AbortController;
  readonly logger: Logger;
  readonly priority: number | undefined;
  readonly pending: Pending | undefined;
  readonly causes: ReconcileCauses | undefined;
  span: TraceSpanContext | undefined;
}

/** Runs the reconciler for one key at a time and puts the key back as its outcome demands. */
export class ReconcileRunner {
  readonly #options: ReconcileRunnerOptions;
  readonly #runs = new Set<Run>();
  #abortReason: Error | undefined;

  constructor(options: ReconcileRunnerOptions) {
    this.#options = options;
  }

  /** What runs now. */
  get running(): readonly RunningReconcile[] {
    const nowMs = this.#options.clock.now();
    return Array.from(this.#runs, ({ request, reconcileID, startMs, causes }) => ({
      request,
      reconcileID,
      runningMs: nowMs - startMs,
      ...(causes && { causes }),
    }));
  }

  /** Aborts the signal of each reconcile that runs, and lets no further one begin: its key is put back. */
  abort(reason: Error): void {
    this.#abortReason ??= reason;
    for (const run of this.#runs) run.abort.abort(reason);
  }

  /** Runs the reconciler for a key. The caller calls `done`. Rejects only when the queue does. */
  async run(key: string, priority: number | undefined): Promise<void> {
    const run = this.#begin(key, priority);
    if (!run) {
      await this.#options.queue.forget(key);
      return;
    }
    let timer: Timer | undefined;
    try {
      const behind = this.#options.barrier?.wait({ signal: this.#options.signal });
      if (behind && !(await this.#caughtUp(run, key, behind))) return;
      const mayBegin = this.#options.mayBegin?.() ?? true;
      if (this.#abortReason || !mayBegin) {
        await this.#putBack(run, key);
        return;
      }
      timer = this.#armTimeout(run);
      const result = await this.#reconcile(run);
      await this.#succeeded(run, key, result);
    } catch (error) {
      await this.#failed(run, key, error);
    } finally {
      timer?.cancel();
      this.#runs.delete(run);
      this.#options.meter.activeWorkers(this.#runs.size);
    }
  }

  #begin(key: string, priority: number | undefined): Run | undefined {
    const { logger, clock, meter, showsCauses } = this.#options;
    const pending = this.#options.causes?.take(key);
    let request: Request;
    try {
      request = requestFromKey(key);
    } catch (error) {
      logger.error('The queue has handed out what is no key of an object', { key, error });
      return undefined;
    }
    const reconcileID = crypto.randomUUID();
    const abort = new AbortController();
    const run: Run = {
      request,
      reconcileID,
      startMs: clock.now(),
      abort,
      logger: logger.child({ request: key, reconcileID }),
      priority,
      pending,
      causes: showsCauses ? causesOf(pending) : undefined,
      span: undefined,
    };
    this.#runs.add(run);
    meter.activeWorkers(this.#runs.size);
    return run;
  }

  /** Calls the reconciler, in a span if there is a tracer, and looks at its result. */
  #reconcile(run: Run): Promise<Result> {
    const { tracing, meter, clock } = this.#options;
    const { request, reconcileID, priority, pending, logger } = run;
    if (pending && pending.sinceMs !== Infinity)
      meter.eventToReconcile(Math.max(0, clock.now() - pending.sinceMs));
    if (!tracing) return this.#call(run, logger);
    const traced = { request, reconcileID, priority, causes: pending?.list ?? [] };
    return tracing.reconcile(traced, (span) => {
      run.span = span;
      if (!span) return this.#call(run, logger);
      return this.#call(run, logger.child({ traceId: span.traceId, spanId: span.spanId }));
    });
  }

  async #call(run: Run, logger: Logger): Promise<Result> {
    const { request, reconcileID, priority, causes, abort } = run;
    const context = { signal: abort.signal, logger, reconcileID, priority, causes };
    const reconcile = (): ReturnType<Reconciler> => this.#options.reconcile(request, context);
    const own = this.#options.ownEvents?.begin(requestKey(request));
    const result = (await (own ? own.run(reconcile) : reconcile())) ?? {};
    checkResult(result);
    return result;
  }

  #armTimeout(run: Run): Timer | undefined {
    const { reconcileTimeoutMs, clock, meter } = this.#options;
    if (reconcileTimeoutMs === 0) return undefined;
    return clock.setTimeout(() => {
      if (run.abort.signal.aborted) return;
      meter.timedOut();
      const message = `The reconcile took longer than ${reconcileTimeoutMs} ms`;
      run.abort.abort(new DOMException(message, 'TimeoutError'));
    }, reconcileTimeoutMs);
  }

  /** Whether the caches have caught up; otherwise the key is put back, with a delay that grows. */
  async #caughtUp(run: Run, key: string, behind: Promise<void>): Promise<boolean> {
    const { queue, meter, clock, signal } = this.#options;
    try {
      await behind;
      meter.waitedForCaches(clock.now() - run.startMs, false);
      return true;
    } catch (error) {
      if (!signal.aborted) {
        if (!ConsistencyTimeoutError.is(error)) throw error;
        meter.waitedForCaches(clock.now() - run.startMs, true);
        this.#ended(run, 'requeue');
        run.logger.warn('A reconcile is put off: caches do not show what was written', { error });
      }
      this.#options.causes?.putBack(key, run.pending);
      const options = run.priority === undefined ? {} : { priority: run.priority };
      await this.#tell(run, async () => queue.addRateLimited(key, options));
      return false;
    }
  }

  /** As it came, and without a failure of its own. */
  async #putBack(run: Run, key: string): Promise<void> {
    this.#options.causes?.putBack(key, run.pending);
    const options = run.priority === undefined ? {} : { priority: run.priority };
    await this.#tell(run, async () => this.#options.queue.add(key, options));
  }

  async #succeeded(run: Run, key: string, result: Result): Promise<void> {
    const { queue } = this.#options;
    const priority = result.priority ?? run.priority;
    const options = priority === undefined ? {} : { priority };
    const outcome = resultOf(result);
    this.#ended(run, outcome);
    if (outcome === 'success') return this.#tell(run, async () => queue.forget(key));
    this.#requeued(run, key);
    if (outcome === 'requeue')
      return this.#tell(run, async () => queue.addRateLimited(key, options));
    return this.#tell(run, async () => {
      await queue.forget(key);
      await queue.addAfter(key, result.requeueAfterMs ?? 0, options);
    });
  }

  async #failed(run: Run, key: string, error: unknown): Promise<void> {
    const { queue, meter } = this.#options;
    const isTerminal = TerminalError.is(error);
    this.#ended(run, 'error');
    meter.failed(isTerminal);
    this.#report(run, key, error, isTerminal);
    if (isTerminal) return;
    this.#requeued(run, key);
    const options = run.priority === undefined ? {} : { priority: run.priority };
    await this.#tell(run, async () => queue.addRateLimited(key, options));
  }

  /** The next run of the key comes from this one. */
  #requeued(run: Run, key: string): void {
    const { causes, tracing } = this.#options;
    if (!causes) return;
    const cause = { type: 'requeue' } as const;
    tracing?.follow(cause, run.span);
    causes.requeued(key, cause);
  }

  /** Tells the queue the outcome, again and again until it takes it: otherwise the key would be lost. Never rejects. */
  async #tell(run: Run, outcome: () => Promise<void>): Promise<void> {
    const { signal, clock } = this.#options;
    try {
      await outcome();
    } catch (error) {
      run.logger.error('The queue did not take the outcome of a reconcile', { error });
      const title = 'tell the queue the outcome of a reconcile';
      await sleep(retryMs, clock, signal).catch(() => undefined); // only an abort ends it early
      await retryUntilAborted(outcome, { title, signal, logger: run.logger, clock });
    }
  }

  #report(run: Run, key: string, error: unknown, isTerminal: boolean): void {
    if (this.#abortReason && !isTerminal)
      run.logger.info('A reconcile was cut short by the shutdown', { error });
    else if (isTerminal)
      run.logger.error('A reconcile failed for good; it runs again when something changes', {
        error,
      });
    else
      run.logger.error('A reconcile failed and will be tried again', {
        error,
        failures: this.#options.queue.numRequeues(key) + 1,
      });
  }

  #ended(run: Run, result: ReconcileResult): void {
    this.#options.meter.reconciled(result, this.#options.clock.now() - run.startMs);
  }
}

function checkResult(result: Result): void {
  const { requeueAfterMs, priority } = result;
  if (requeueAfterMs !== undefined && !(Number.isFinite(requeueAfterMs) && requeueAfterMs >= 0))
    throw new RangeError(
      `Cannot requeue after ${String(requeueAfterMs)} ms: requeueAfterMs must be a finite number from 0 up`,
    );
  if (priority !== undefined && !Number.isSafeInteger(priority))
    throw new RangeError(
      `Cannot requeue with priority ${String(priority)}: it must be a whole number`,
    );
}
