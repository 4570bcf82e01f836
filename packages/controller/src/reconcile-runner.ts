import type { Clock, Timer } from '@kubeloop/ratelimiter';
import type { Queue } from '@kubeloop/workqueue';
import type { CauseTracker } from './cause-tracker.ts';
import { causesOf } from './cause-tracker.ts';
import type { ReconcileBarrier } from './consistency/barrier.ts';
import { ConsistencyTimeoutError } from './consistency/consistency-timeout-error.ts';
import type { ReconcileMeter } from './controller-metrics.ts';
import type { Logger } from './logger.ts';
import type { OwnEvents } from './own-events/own-events.ts';
import { isProgrammingError } from './programming-error.ts';
import { setReconcileID } from './reconcile-id.ts';
import { ReconcileOutcomes } from './reconcile-outcomes.ts';
import type { HandedOut, Run, RunningReconcile } from './reconcile-run.ts';
import type { ReconcileTracing } from './reconcile-tracing.ts';
import type { Reconciler, Request, Result } from './request.ts';
import { requestFromKey, requestKey } from './request.ts';

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
  /** Hears of a mistake in the program. Default: it is an error as any other. */
  readonly onPanic?: ((error: Error) => void) | undefined;
  /** Makes spans. Default none. */
  readonly tracing?: ReconcileTracing | undefined;
}

/** Runs the reconciler for one key at a time and puts the key back as its outcome demands. */
export class ReconcileRunner {
  readonly #options: ReconcileRunnerOptions;
  readonly #outcomes: ReconcileOutcomes;
  readonly #runs = new Set<Run>();
  #abortReason: Error | undefined;

  constructor(options: ReconcileRunnerOptions) {
    this.#options = options;
    this.#outcomes = new ReconcileOutcomes(options);
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

  /**
   * Runs the reconciler for a key. The caller calls `done`. A key that the queue takes back is not put into it again: it
   * comes again, to whoever is to work on it. Rejects only when the queue does.
   */
  async run(handedOut: HandedOut): Promise<void> {
    const run = this.#begin(handedOut);
    if (!run) {
      await this.#options.queue.forget(handedOut.item);
      return;
    }
    const { taken } = run;
    const onTaken = (): void => run.abort.abort(taken?.reason);
    taken?.addEventListener('abort', onTaken, { once: true });
    try {
      if (taken?.aborted) this.#outcomes.takenBack(run);
      else await this.#work(run);
    } finally {
      taken?.removeEventListener('abort', onTaken);
      this.#runs.delete(run);
      this.#options.meter.activeWorkers(this.#runs.size);
    }
  }

  async #work(run: Run): Promise<void> {
    let timer: Timer | undefined;
    try {
      const { signal } = this.#options;
      const waits = run.taken ? AbortSignal.any([signal, run.taken]) : signal;
      const behind = this.#options.barrier?.wait({ signal: waits });
      if (behind && !(await this.#caughtUp(run, behind))) return;
      const mayBegin = this.#options.mayBegin?.() ?? true;
      if (this.#abortReason || !mayBegin) {
        await this.#outcomes.putBack(run);
        return;
      }
      timer = this.#armTimeout(run);
      const result = await this.#reconcile(run);
      if (run.taken?.aborted) this.#outcomes.takenBack(run);
      else await this.#outcomes.succeeded(run, result);
    } catch (error) {
      if (run.taken?.aborted) this.#outcomes.takenBack(run, error);
      else {
        if (isProgrammingError(error)) this.#options.onPanic?.(error);
        await this.#outcomes.failed(run, error, this.#abortReason !== undefined);
      }
    } finally {
      timer?.cancel();
    }
  }

  #begin({ item: key, priority, signal: taken }: HandedOut): Run | undefined {
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
    setReconcileID(abort.signal, reconcileID);
    const run: Run = {
      key,
      request,
      reconcileID,
      startMs: clock.now(),
      abort,
      taken,
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
  async #caughtUp(run: Run, behind: Promise<void>): Promise<boolean> {
    const { meter, clock, signal } = this.#options;
    try {
      await behind;
      meter.waitedForCaches(clock.now() - run.startMs, false);
      return true;
    } catch (error) {
      if (run.taken?.aborted) throw error;
      if (!signal.aborted) {
        if (!ConsistencyTimeoutError.is(error)) throw error;
        meter.waitedForCaches(clock.now() - run.startMs, true);
        run.logger.warn('A reconcile is put off: caches do not show what was written', { error });
      }
      await this.#outcomes.putOff(run, !signal.aborted);
      return false;
    }
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
