import type { Clock } from '@kubeloop/ratelimiter';
import { systemClock } from '@kubeloop/ratelimiter';
import type { Queue } from '@kubeloop/workqueue';
import type { CauseTracker } from './cause-tracker.ts';
import { causeTrackerFor } from './cause-tracker.ts';
import { ControllerQueue } from './controller-queue.ts';
import type { ReconcileCounters } from './controller-metrics.ts';
import { ReconcileMeter } from './controller-metrics.ts';
import type {
  ControllerDescription,
  ControllerOptions,
  ControllerRunOptions,
  ControllerState,
} from './controller-options.ts';
import { checkOptions } from './controller-options.ts';
import { checkSource } from './builder-checks.ts';
import { endsWithin, untilAborted } from './deadline.ts';
import type { EnqueueOptions } from './event-handler.ts';
import { Intake } from './intake.ts';
import type { Logger } from './logger.ts';
import { defaultLogger } from './default-logger.ts';
import { guardLogger } from './logger.ts';
import { checkSignal } from './option-checks.ts';
import { OwnEvents } from './own-events/own-events.ts';
import { ReconcileRunner } from './reconcile-runner.ts';
import type { ReconcileTracing } from './reconcile-tracing.ts';
import { tracingOf } from './reconcile-tracing.ts';
import type { Request } from './request.ts';
import { requestKey } from './request.ts';
import type { Source } from './source.ts';
import { SourceSet } from './source-set.ts';
import { WorkPhase } from './work-phase.ts';

/** How much longer than the reconciles everything else may take to stop. */
const abortGraceMs = 1000;

/**
 * A queue, its sources and its workers.
 *
 * Requests of the same key are put together while they wait, and never run at the same time; a request that comes while
 * its key runs makes it run again afterwards. Workers begin when every source has handed over what was there at the
 * start. Usually made by `manager.controller(…)`.
 */
export class Controller {
  /** Names it in the log, in metrics and in messages. */
  readonly name: string;
  readonly #options: ControllerOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #meter: ReconcileMeter;
  readonly #queue: ControllerQueue;
  readonly #sources: SourceSet;
  readonly #gracefulShutdownTimeoutMs: number;
  readonly #tracing: ReconcileTracing | undefined;
  /** Whether reconciles are told what asked for them. */
  readonly #showsCauses: boolean;
  readonly #causes: CauseTracker | undefined;
  readonly #intake: Intake;
  readonly #ownEvents: OwnEvents | undefined;
  /** Aborts when it has to stop. */
  readonly #stop = new AbortController();
  /** Aborts, after the former, when reconciles may not even finish. */
  readonly #abort = new AbortController();
  #state: ControllerState = 'new';
  #runner: ReconcileRunner | undefined;
  /** The mistake that ended it. */
  #panic: Error | undefined;

  /**
   * @throws TypeError when there is no name, no reconciler or no source
   * @throws RangeError when a number is out of range
   */
  constructor(options: ControllerOptions) {
    checkOptions(options);
    this.name = options.name;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#gracefulShutdownTimeoutMs = options.gracefulShutdownTimeoutMs ?? 30_000;
    this.#logger = guardLogger(options.logger ?? defaultLogger()).child({ controller: this.name });
    this.#meter = new ReconcileMeter(options.metrics?.forController(this.name), (error) =>
      this.#logger.error('The metrics threw', { error }),
    );
    this.#queue = new ControllerQueue({ options, logger: this.#logger, clock: this.#clock });
    this.#tracing = tracingOf(options, this.#logger);
    this.#showsCauses = options.causes ?? this.#tracing !== undefined;
    this.#causes = causeTrackerFor({
      showsCauses: this.#showsCauses,
      wantsLatency: this.#meter.wantsLatency,
      tracing: this.#tracing,
      isQueueForeign: options.newQueue !== undefined,
      clock: this.#clock,
    });
    this.#intake = new Intake({
      debounceMs: options.debounceMs ?? 0,
      enqueue: (key, enqueueOptions) => this.#add(key, enqueueOptions),
      causes: this.#causes,
      signal: this.#stop.signal,
      logger: this.#logger,
      clock: this.#clock,
    });
    this.#ownEvents = options.skipOwnEvents ? new OwnEvents(this.#logger) : undefined;
    this.#sources = new SourceSet({
      ownEvents: this.#ownEvents,
      sources: options.sources,
      enqueue: (request, enqueueOptions) => this.#intake.take(request, enqueueOptions),
      onHandlerError: () => this.#meter.handlerFailed(),
      wantsCauses: this.#showsCauses || this.#tracing !== undefined,
      cacheSyncTimeoutMs: options.cacheSyncTimeoutMs ?? 120_000,
      logger: this.#logger,
      clock: this.#clock,
    });
  }

  /** Whether it works only while its manager leads. */
  get needsLeaderElection(): boolean {
    return this.#options.needsLeaderElection ?? true;
  }

  /** Whether it fills its queue before its manager leads. */
  get warmup(): boolean {
    return this.#options.warmup ?? false;
  }

  /** The queue; `undefined` until the controller has started. */
  get queue(): Queue<string> | undefined {
    return this.#queue.current;
  }

  /** Where it is in its life. */
  get state(): ControllerState {
    return this.#state;
  }

  /** How many reconciles run now. */
  get activeWorkers(): number {
    return this.#runner?.running.length ?? 0;
  }

  /** What it has done so far. */
  get counters(): ReconcileCounters {
    return this.#meter.counters;
  }

  /** What it does at this moment. Cheap enough to be asked many times a second. */
  describe(): ControllerDescription {
    return {
      name: this.name,
      state: this.#state,
      sources: this.#sources.describe(),
      queue: this.#queue.describe(),
      queued: this.#queue.current?.length ?? 0,
      running: this.#runner?.running ?? [],
      counters: this.counters,
    };
  }

  /**
   * Asks for a reconcile, whatever the sources say. Nothing comes of it after the stop.
   *
   * @returns what the queue's `add` returns: a promise only when the queue works asynchronously
   * @throws Error before the start; TypeError when the request has no name
   */
  enqueue(request: Request, options: EnqueueOptions = {}): void | Promise<void> {
    const key = requestKey(request);
    const answer = this.#add(key, options);
    this.#causes?.event(key, options.cause ?? { type: 'generic' }, options.afterMs ?? 0);
    return answer;
  }

  #add(key: string, options: EnqueueOptions = {}): void | Promise<void> {
    return this.#queue.add(key, options, this.#state);
  }

  /**
   * Adds a source. It starts at once when the others have, as when the controller warms up or runs; workers that have not
   * begun yet wait for it too.
   *
   * @throws TypeError when it is none; Error after the stop
   */
  addSource(source: Source): void {
    checkSource(this.name, source);
    if (this.#state === 'stopping' || this.#state === 'stopped')
      throw new Error(
        `Cannot add source "${source.name}" to controller "${this.name}": it is ${this.#state}`,
      );
    this.#sources.add(source);
  }

  /**
   * Starts the sources, waits for them, then works until the signal aborts. With `leading` it works when that has resolved;
   * with `warmup` its sources do not wait for it.
   *
   * Then no more keys are handed out, and running reconciles may end for `gracefulShutdownTimeoutMs`; what still runs by
   * then has its signal aborted. Resolves when nothing is left: no timer, no handler, no reconcile.
   *
   * @throws TypeError without a signal; with `recoverPanic: false` what ended it; Error when called twice, and when reconciles go on although their signals have aborted
   */
  async run(options: ControllerRunOptions): Promise<void> {
    const signal: unknown = options?.signal;
    checkSignal(`Cannot run controller "${this.name}"`, signal);
    if (this.#state !== 'new')
      throw new Error(`Cannot run controller "${this.name}" twice: it is ${this.#state}`);
    this.#state = options.leading && !this.warmup ? 'standby' : 'waiting';
    const onAbort = (): void => this.#stop.abort(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    try {
      await this.#startAndWork(options);
      if (this.#panic) throw this.#panic;
    } finally {
      signal.removeEventListener('abort', onAbort);
      await this.#shutDown();
    }
  }

  /**
   * Ends it without letting anything finish, as after a lost leadership: no further reconcile begins, and the signals of
   * those that run abort at once.
   *
   * @param reason - what their signals abort with
   */
  abort(reason: Error): void {
    this.#stop.abort(reason);
    this.#abort.abort(reason);
    this.#runner?.abort(reason);
  }

  async #startAndWork(options: ControllerRunOptions): Promise<void> {
    const { leading, onSynced, isLeader } = options;
    const { signal } = this.#stop;
    if (leading && !this.warmup) await untilAborted(signal, leading);
    if (signal.aborted) return;
    this.#state = 'waiting';
    const queue = await this.#queue.make(signal);
    if (!queue || !(await this.#sources.start(signal))) return;
    onSynced?.();
    if (leading && this.warmup) {
      this.#state = 'standby';
      await untilAborted(signal, leading);
      if (signal.aborted || !(await this.#sources.synced())) return;
      this.#causes?.workBegins();
    }
    await this.#work(queue, signal, isLeader);
  }

  async #work(queue: Queue<string>, signal: AbortSignal, mayBegin?: () => boolean): Promise<void> {
    const concurrency = this.#options.maxConcurrentReconciles ?? 1;
    const [logger, clock, meter] = [this.#logger, this.#clock, this.#meter];
    const { reconcile, reconcileTimeoutMs = 0, barrier, recoverPanic = true } = this.#options;
    const runner = new ReconcileRunner({
      reconcile,
      queue,
      logger,
      meter,
      clock,
      barrier,
      mayBegin,
      reconcileTimeoutMs,
      signal,
      causes: this.#causes,
      showsCauses: this.#showsCauses,
      ownEvents: this.#ownEvents,
      onPanic: recoverPanic ? undefined : (error) => this.#panicked(error),
      tracing: this.#tracing,
    });
    this.#runner = runner;
    meter.begins(concurrency);
    this.#state = 'running';
    logger.info('The controller is running', { workers: concurrency });
    await new WorkPhase({
      name: this.name,
      gracefulShutdownTimeoutMs: this.#gracefulShutdownTimeoutMs,
      abort: this.#abort.signal,
      onStopping: () => {
        this.#state = 'stopping';
      },
      queue,
      runner,
      concurrency,
      logger,
      clock,
    }).run(signal);
  }

  #panicked(error: Error): void {
    this.#panic ??= error;
    this.#stop.abort(error);
  }

  async #shutDown(): Promise<void> {
    this.#state = 'stopping';
    this.#intake.stop();
    this.#causes?.stop();
    const stopped = Promise.all([this.#sources.stop(), this.#queue.shutDown()]);
    const timeMs = this.#abort.signal.aborted ? 0 : this.#gracefulShutdownTimeoutMs;
    if (!(await endsWithin(stopped, timeMs + abortGraceMs, this.#clock)))
      this.#logger.error('A source or the queue does not stop and is left behind');
    this.#state = 'stopped';
  }
}
