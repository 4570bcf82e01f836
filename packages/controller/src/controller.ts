import type { Clock } from '@kubeloop/ratelimiter';
import { ItemExponentialFailureRateLimiter, systemClock } from '@kubeloop/ratelimiter';
import type { Queue } from '@kubeloop/workqueue';
import { PriorityQueue } from '@kubeloop/workqueue';
import type { ReconcileCounters } from './controller-metrics.ts';
import { ReconcileMeter } from './controller-metrics.ts';
import type {
  ControllerDescription,
  ControllerOptions,
  ControllerState,
} from './controller-options.ts';
import { checkOptions } from './controller-options.ts';
import { Debouncer } from './debouncer.ts';
import { endsWithin, untilAborted } from './deadline.ts';
import type { EnqueueOptions } from './event-handler.ts';
import { isPromise } from './event-handler.ts';
import { guardRateLimiter } from './guarded-rate-limiter.ts';
import type { Logger } from './logger.ts';
import { guardLogger, quietLogger } from './logger.ts';
import { checkSignal } from './option-checks.ts';
import { ReconcileRunner } from './reconcile-runner.ts';
import type { Request } from './request.ts';
import { requestKey } from './request.ts';
import { retryUntilAborted } from './retry.ts';
import { SourceSet } from './source-set.ts';
import { WorkerPool } from './worker-pool.ts';

/** How long reconciles may take to end once their signals have aborted. */
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
  readonly #sources: SourceSet;
  readonly #gracefulShutdownTimeoutMs: number;
  readonly #debouncer: Debouncer;
  #state: ControllerState = 'new';
  #queue: Queue<string> | undefined;
  /** That of the run; `undefined` before. */
  #signal: AbortSignal | undefined;
  #runner: ReconcileRunner | undefined;

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
    this.#logger = guardLogger(options.logger ?? quietLogger).child({ controller: this.name });
    this.#meter = new ReconcileMeter(options.metrics?.forController(this.name), (error) =>
      this.#logger.error('The metrics threw', { error }),
    );
    this.#debouncer = new Debouncer({
      debounceMs: options.debounceMs ?? 0,
      clock: this.#clock,
      enqueue: (request, enqueueOptions) => this.#take(request, enqueueOptions),
      onError: (error, request) =>
        this.#logger.error('A request that was held back could not be enqueued', {
          request,
          error,
        }),
    });
    this.#sources = new SourceSet({
      sources: options.sources,
      enqueue: (request, enqueueOptions) => this.#debouncer.enqueue(request, enqueueOptions),
      onHandlerError: () => this.#meter.handlerFailed(),
      cacheSyncTimeoutMs: options.cacheSyncTimeoutMs ?? 120_000,
      logger: this.#logger,
      clock: this.#clock,
    });
  }

  /** The queue; `undefined` until the controller has started. */
  get queue(): Queue<string> | undefined {
    return this.#queue;
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
      queued: this.#queue?.length ?? 0,
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
    if (!this.#queue)
      throw new Error(`Cannot enqueue "${key}" in controller "${this.name}": it has not started`);
    return this.#queue.add(key, {
      ...(options.priority !== undefined && { priority: options.priority }),
      ...(options.afterMs !== undefined && { afterMs: options.afterMs }),
      ...(options.rateLimited !== undefined && { rateLimited: options.rateLimited }),
    });
  }

  /**
   * Starts the sources, waits for them, then works until the signal aborts.
   *
   * Then no more keys are handed out, and running reconciles may end for `gracefulShutdownTimeoutMs`; what still runs by
   * then has its signal aborted. Resolves when nothing is left: no timer, no handler, no reconcile.
   *
   * @throws TypeError without a signal; Error when called twice, and when reconciles go on although their signals have aborted
   */
  async run(options: { readonly signal: AbortSignal }): Promise<void> {
    const signal: unknown = options?.signal;
    checkSignal(`Cannot run controller "${this.name}"`, signal);
    if (this.#state !== 'new')
      throw new Error(`Cannot run controller "${this.name}" twice: it is ${this.#state}`);
    this.#signal = signal;
    this.#state = 'waiting';
    try {
      const queue = await retryUntilAborted(() => this.#makeQueue(), {
        title: 'make its queue',
        signal,
        logger: this.#logger,
        clock: this.#clock,
        onLate: (late) => late.shutDown(),
      });
      this.#queue = queue;
      if (!queue || !(await this.#sources.start(signal))) return;
      await this.#work(queue, signal);
    } finally {
      await this.#stop();
    }
  }

  /** As {@link enqueue}, for sources: a request that the queue rejects is offered again until it is taken. */
  #take(request: Request, options?: EnqueueOptions): void | Promise<void> {
    const answer = this.enqueue(request, options);
    if (!isPromise(answer) || !this.#signal) return answer;
    let first: Promise<void> | undefined = answer;
    const offer = async (): Promise<void> => {
      const taken = first ?? this.enqueue(request, options);
      first = undefined;
      await taken;
    };
    const [signal, logger, clock] = [this.#signal, this.#logger, this.#clock];
    const title = `enqueue "${requestKey(request)}"`;
    return retryUntilAborted(offer, { title, signal, logger, clock });
  }

  async #makeQueue(): Promise<Queue<string>> {
    const ownLimiter = new ItemExponentialFailureRateLimiter<string>({
      baseDelayMs: 5,
      maxDelayMs: 1_000_000,
    });
    const rateLimiter = this.#options.rateLimiter
      ? guardRateLimiter(this.#options.rateLimiter, ownLimiter, (error) =>
          this.#logger.error('The rate limiter threw; the default one stands in', { error }),
        )
      : ownLimiter;
    const { newQueue, queueMetrics: metrics } = this.#options;
    if (newQueue) return newQueue(this.name, rateLimiter);
    return new PriorityQueue<string>({ name: this.name, rateLimiter, clock: this.#clock, metrics });
  }

  async #work(queue: Queue<string>, signal: AbortSignal): Promise<void> {
    const concurrency = this.#options.maxConcurrentReconciles ?? 1;
    const [logger, clock, meter] = [this.#logger, this.#clock, this.#meter];
    const { reconcile, reconcileTimeoutMs = 0, barrier } = this.#options;
    const runner = new ReconcileRunner({
      reconcile,
      queue,
      logger,
      meter,
      clock,
      barrier,
      reconcileTimeoutMs,
      signal,
    });
    this.#runner = runner;
    meter.maxConcurrentReconciles(concurrency);
    meter.activeWorkers(0);
    this.#state = 'running';
    logger.info('The controller is running', { workers: concurrency });
    const workers = new WorkerPool({ queue, runner, concurrency, logger, clock }).run(signal);
    await untilAborted(signal, workers);
    this.#state = 'stopping';
    await this.#finish(runner, workers);
  }

  /** Lets running reconciles end, for a time. */
  async #finish(runner: ReconcileRunner, workers: Promise<void>): Promise<void> {
    if (await endsWithin(workers, this.#gracefulShutdownTimeoutMs, this.#clock)) return;
    const running = (): string =>
      runner.running.map(({ request }) => requestKey(request)).join(', ');
    this.#logger.warn('Reconciles outlast the graceful shutdown and are aborted', {
      running: running(),
    });
    runner.abort(new DOMException('The controller is shutting down', 'AbortError'));
    if (await endsWithin(workers, abortGraceMs, this.#clock)) return;
    throw new Error(
      `Cannot stop controller "${this.name}": reconciles go on although their signals have aborted: ${running()}`,
    );
  }

  async #stop(): Promise<void> {
    this.#state = 'stopping';
    this.#debouncer.stop();
    const stopped = Promise.all([this.#sources.stop(), this.#shutDownQueue()]);
    if (!(await endsWithin(stopped, this.#gracefulShutdownTimeoutMs + abortGraceMs, this.#clock)))
      this.#logger.error('A source or the queue does not stop and is left behind');
    this.#state = 'stopped';
  }

  async #shutDownQueue(): Promise<void> {
    try {
      await this.#queue?.shutDown();
    } catch (error) {
      this.#logger.error('The queue did not shut down well', { error });
    }
  }
}
