import type { ObjectLike } from '@kubeloop/cache-store';
import type { Resource } from '@kubeloop/client';
import { KubeClient } from '@kubeloop/client';
import type { InformerForOptions, SharedInformer } from '@kubeloop/informer';
import { SharedInformerFactory } from '@kubeloop/informer';
import type { Clock } from '@kubeloop/ratelimiter';
import { systemClock } from '@kubeloop/ratelimiter';
import type { ReconcileBarrier } from './consistency/barrier.ts';
import type { WatchedResource } from './consistency/consistent-client.ts';
import { ConsistentClient } from './consistency/consistent-client.ts';
import type { ControllerHost, ControllerParts } from './builder.ts';
import { ControllerBuilder } from './builder.ts';
import { Controller } from './controller.ts';
import { endsWithin, untilAborted } from './deadline.ts';
import { EventRecorder } from './events/event-recorder.ts';
import type { Logger } from './logger.ts';
import { guardLogger, quietLogger } from './logger.ts';
import type {
  ManagerDescription,
  ManagerOptions,
  ManagerState,
  Runnable,
} from './manager-options.ts';
import { checkManagerOptions, checkRunnable } from './manager-options.ts';
import { checkSignal } from './option-checks.ts';
import { whyNotReady } from './readiness.ts';
import { NameClaims } from './running-names.ts';

/** How long runnables and informers may take to end beyond the graceful shutdown. */
const stopGraceMs = 5000;

/**
 * Runs controllers on one client and one set of shared informers, from one signal.
 *
 * A controller whose sources cannot sync, because a CustomResourceDefinition is missing or access is forbidden, waits for
 * them and joins when they can; the others work meanwhile. A manager runs once.
 *
 * @example
 * const manager = new Manager({ kubeConfig, logger: consoleLogger() });
 * manager.controller('webapp').for(webApps).owns(deployments).reconcile(async (request) => { … });
 * await manager.run({ signal });
 */
export class Manager implements ControllerHost {
  /** The connection to the API server; made from `kubeConfig` unless given. */
  readonly client: KubeClient;
  /**
   * Writes to the API server, reads from the caches, and knows what was written: with it a controller does not act on its
   * own past. See {@link ManagerOptions.consistency}.
   */
  readonly consistentClient: ConsistentClient;
  /** The shared informers of all controllers. */
  readonly informers: SharedInformerFactory;
  /** Where reports go. */
  readonly logger: Logger;
  readonly #options: ManagerOptions;
  readonly #clock: Clock;
  readonly #gracefulShutdownTimeoutMs: number;
  readonly #controllers = new Map<string, Controller>();
  readonly #recorders = new Map<string, EventRecorder>();
  readonly #runnables: Runnable[] = [];
  /** Aborts when the user wants to stop or a runnable has failed. */
  readonly #stop = new AbortController();
  /** Aborts after the last controller has stopped. */
  readonly #stopRunnables = new AbortController();
  /** Aborts after the last runnable has stopped. */
  readonly #stopInformers = new AbortController();
  readonly #runningControllers = new Set<Promise<void>>();
  readonly #runningRunnables = new Map<Promise<void>, string>();
  readonly #failures: unknown[] = [];
  readonly #names = new NameClaims();
  readonly #namesToClaim: string[] = [];
  #state: ManagerState = 'new';

  /**
   * @throws TypeError unless there is exactly one of `client` and `kubeConfig`; when namespace, logger or a rate limiter is none
   * @throws RangeError when a number is out of range
   */
  constructor(options: ManagerOptions) {
    checkManagerOptions(options);
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#gracefulShutdownTimeoutMs = options.gracefulShutdownTimeoutMs ?? 30_000;
    this.logger = guardLogger(options.logger ?? quietLogger);
    // checkManagerOptions has seen that one of the two is there.
    this.client = options.client ?? new KubeClient(options.kubeConfig!);
    this.informers = new SharedInformerFactory(this.client, {
      resyncPeriodMs: options.resyncPeriodMs,
      namespace: options.namespace,
      reflector: options.reflector,
      clock: options.clock,
      onError: (error, context) =>
        this.logger.warn('An informer failed and goes on', { error, ...context }),
    });
    this.consistentClient = new ConsistentClient({
      client: this.client,
      informerFor: (resource, selection) => this.informerFor(resource, selection),
      namespace: options.namespace,
      consistency: options.consistency ?? 'barrier',
      timeoutMs: options.consistencyTimeoutMs ?? 5000,
      clock: this.#clock,
    });
  }

  /**
   * What holds the reconciles of a controller back until the caches of these kinds show what this process has written;
   * `undefined` unless `consistency` is `barrier`. Builders ask for it.
   */
  barrierFor(watched: readonly WatchedResource[]): ReconcileBarrier | undefined {
    return this.consistentClient.barrierFor(watched);
  }

  /**
   * Begins a controller.
   *
   * @param name - names it in the log, in metrics and in messages; unique in the manager, and among all controllers that
   * run at the same time in the process unless `skipNameValidation` is set
   * @throws Error when there is a controller of this name
   */
  controller(name: string): ControllerBuilder {
    if (typeof name !== 'string' || name === '')
      throw new TypeError('Cannot make a controller without a name');
    this.#checkName(name);
    return new ControllerBuilder(this, name);
  }

  /** Adds a controller of given parts; what builders end with. It starts at once when the manager runs. */
  addController(parts: ControllerParts): Controller {
    this.#checkOpen(`controller "${parts.name}"`);
    this.#checkName(parts.name);
    const { cacheSyncTimeoutMs, metrics, queueMetrics, controllers } = this.#options;
    const controller = new Controller({
      logger: this.logger,
      clock: this.#clock,
      cacheSyncTimeoutMs,
      gracefulShutdownTimeoutMs: this.#gracefulShutdownTimeoutMs,
      metrics,
      queueMetrics,
      ...definedOf(controllers ?? {}),
      ...definedOf(parts),
    });
    if (!(parts.skipNameValidation ?? controllers?.skipNameValidation)) {
      if (this.#state === 'running') this.#names.claim(parts.name);
      else this.#namesToClaim.push(parts.name);
    }
    this.#controllers.set(parts.name, controller);
    if (this.#state === 'running') this.#startController(controller);
    return controller;
  }

  /**
   * Adds something else that runs from the manager's start to its stop. It starts at once when the manager runs.
   *
   * When it rejects, the manager stops and `run` rejects with the same error; it may end early.
   *
   * @throws TypeError when it cannot be run; Error after the stop
   */
  add(runnable: Runnable): void {
    checkRunnable(runnable);
    this.#checkOpen(`runnable "${runnable.name ?? 'unnamed'}"`);
    this.#runnables.push(runnable);
    if (this.#state === 'running') this.#startRunnable(runnable);
  }

  /**
   * The shared informer for a resource, namespace and selectors: the same one however often it is asked for. It runs while
   * the manager does. Further indices can be given each time.
   */
  informerFor<T extends ObjectLike>(
    resource: Resource<T>,
    options?: InformerForOptions<T>,
  ): SharedInformer<T> {
    const informer = this.informers.informerFor(resource, options);
    if (this.#state === 'running') this.informers.start({ signal: this.#stopInformers.signal });
    return informer;
  }

  /**
   * Tells people what happens to objects: the recorder of a name, the same one however often it is asked for. It works at
   * once, and is closed when the controllers have stopped.
   *
   * @param name - names the reporting controller: a qualified name such as `greeting` or `example.com/greeting`
   * @throws TypeError when the name is none; Error after the stop
   */
  eventRecorder(name: string): EventRecorder {
    const known = this.#recorders.get(name);
    if (known) return known;
    this.#checkOpen(`event recorder "${name}"`);
    const { client, logger } = this;
    const recorder = new EventRecorder({ client, name, logger, clock: this.#clock });
    this.#recorders.set(name, recorder);
    return recorder;
  }

  /** What the manager does at this moment: which controllers work, and which wait for what and why. */
  describe(): ManagerDescription {
    const controllers = Array.from(this.#controllers.values(), (each) => each.describe());
    const own = this.#state === 'running' ? [] : [`The manager is ${this.#state}`];
    const notReady = [...own, ...controllers.flatMap(whyNotReady)];
    return { state: this.#state, isReady: notReady.length === 0, notReady, controllers };
  }

  /**
   * Runs everything until the signal aborts or a runnable fails.
   *
   * The stop goes backwards: controllers hand out no more keys and finish what runs, for `gracefulShutdownTimeoutMs`, then
   * runnables end, then informers, and last the client when the manager has made it. Resolves when nothing is left.
   *
   * @throws Error when called twice, and when another manager of the process runs a controller of the same name; then
   * nothing has been started
   * @throws TypeError without a signal; then too nothing has been started
   * @throws what a runnable threw; an `AggregateError` when several things failed
   */
  async run(options: { readonly signal: AbortSignal }): Promise<void> {
    const signal: unknown = options?.signal;
    checkSignal('Cannot run the manager', signal);
    if (this.#state !== 'new')
      throw new Error(`Cannot run the manager twice: it is ${this.#state}; make a new one`);
    this.#claimNames();
    this.#state = 'running';
    this.informers.start({ signal: this.#stopInformers.signal });
    for (const runnable of this.#runnables) this.#startRunnable(runnable);
    for (const controller of this.#controllers.values()) this.#startController(controller);
    await untilAborted(signal, untilAborted(this.#stop.signal, new Promise(() => {})));
    await this.#shutDown();
    this.#names.release();
    if (this.#failures.length === 1) throw this.#failures[0];
    if (this.#failures.length > 1)
      throw new AggregateError(this.#failures, 'Several parts of the manager failed');
  }

  /** All names or none. */
  #claimNames(): void {
    try {
      for (const name of this.#namesToClaim) this.#names.claim(name);
    } catch (error) {
      this.#names.release();
      throw error;
    }
  }

  #startController(controller: Controller): void {
    const run = this.#runController(controller);
    this.#runningControllers.add(run);
    void run.finally(() => this.#runningControllers.delete(run));
  }

  async #runController(controller: Controller): Promise<void> {
    try {
      await controller.run({ signal: this.#stop.signal });
    } catch (error) {
      this.logger.error('A controller failed', { controller: controller.name, error });
      this.#failures.push(error);
    }
  }

  #startRunnable(runnable: Runnable): void {
    const run = this.#runRunnable(runnable);
    this.#runningRunnables.set(run, runnable.name ?? 'unnamed');
    void run.finally(() => this.#runningRunnables.delete(run));
  }

  async #runRunnable(runnable: Runnable): Promise<void> {
    try {
      await runnable.run({ signal: this.#stopRunnables.signal });
    } catch (error) {
      if (this.#stopRunnables.signal.aborted && isAbort(error, this.#stopRunnables.signal)) return;
      this.logger.error('A runnable failed and the manager stops', {
        runnable: runnable.name,
        error,
      });
      this.#failures.push(error);
      this.#stop.abort();
    }
  }

  async #shutDown(): Promise<void> {
    this.#state = 'stopping';
    this.#stop.abort();
    await Promise.all(this.#runningControllers); // each has its own deadline
    this.#stopRunnables.abort();
    const runnables = Promise.all(this.#runningRunnables.keys());
    await this.#orGiveUp(runnables, () => [...this.#runningRunnables.values()].join(', '));
    const recorders = Array.from(this.#recorders.values(), (recorder) => recorder.close());
    await this.#orGiveUp(Promise.all(recorders), () => 'an event recorder');
    this.#stopInformers.abort();
    await this.#orGiveUp(this.informers.shutdown(), () => 'the informers');
    if (!this.#options.client) await this.#orGiveUp(this.client.close(), () => 'the client');
    this.#state = 'stopped';
  }

  async #orGiveUp(stopping: Promise<unknown>, what: () => string): Promise<void> {
    try {
      if (await endsWithin(stopping, this.#gracefulShutdownTimeoutMs + stopGraceMs, this.#clock))
        return;
      this.#failures.push(new Error(`Cannot stop the manager: ${what()} does not end`));
    } catch (error) {
      this.#failures.push(error);
    }
  }

  #checkName(name: string): void {
    if (this.#controllers.has(name))
      throw new Error(
        `Cannot add controller "${name}" to the manager: there is one of this name; choose another name`,
      );
  }

  #checkOpen(what: string): void {
    if (this.#state === 'stopping' || this.#state === 'stopped')
      throw new Error(`Cannot add ${what} to the manager: it is ${this.#state}`);
  }
}

/** Whether a failure says nothing but that the signal has aborted. Node's own functions wrap the signal's reason. */
function isAbort(error: unknown, { reason }: AbortSignal): boolean {
  if (error === reason) return true;
  return error instanceof Error && error.name === 'AbortError' && error.cause === reason;
}

/** Without the members that are `undefined`, which would hide a default. */
function definedOf<T extends object>(options: T): T {
  // Only members whose value is undefined go, and each member of T that may be undefined is optional.
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as T;
}
