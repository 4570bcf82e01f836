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
import { EventRecorder } from './events/event-recorder.ts';
import { Lifecycle } from './lifecycle.ts';
import type { Logger } from './logger.ts';
import { guardLogger, quietLogger } from './logger.ts';
import { controllerMetricsOf, factoryMetricsOf, queueMetricsOf } from './manager-metrics.ts';
import type { ManagerDescription, ManagerOptions, Runnable } from './manager-options.ts';
import { checkManagerOptions, checkRunnable } from './manager-options.ts';
import { checkSignal } from './option-checks.ts';
import { whyNotReady } from './readiness.ts';
import { NameClaims } from './running-names.ts';

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
  readonly #lifecycle: Lifecycle;
  readonly #gracefulShutdownTimeoutMs: number;
  readonly #controllers = new Map<string, Controller>();
  readonly #recorders = new Map<string, EventRecorder>();
  readonly #names = new NameClaims();
  readonly #namesToClaim: string[] = [];

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
      ...factoryMetricsOf(options.metrics, ''),
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
    this.#lifecycle = new Lifecycle({
      informers: this.informers,
      leaderElection: options.leaderElection,
      logger: this.logger,
      clock: this.#clock,
      warmUpTimeoutMs: options.cacheSyncTimeoutMs ?? 120_000,
      gracefulShutdownTimeoutMs: this.#gracefulShutdownTimeoutMs,
      closeRecorders: () =>
        Promise.all(Array.from(this.#recorders.values(), (recorder) => recorder.close())),
      closeClient: async () => (options.client ? undefined : this.client.close()),
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
    const { cacheSyncTimeoutMs, metrics, controllers } = this.#options;
    const controller = new Controller({
      logger: this.logger,
      clock: this.#clock,
      cacheSyncTimeoutMs,
      gracefulShutdownTimeoutMs: this.#gracefulShutdownTimeoutMs,
      metrics: controllerMetricsOf(metrics),
      queueMetrics: this.#options.queueMetrics ?? queueMetricsOf(metrics),
      ...definedOf(controllers ?? {}),
      ...definedOf(parts),
    });
    if (!(parts.skipNameValidation ?? controllers?.skipNameValidation)) {
      if (this.#lifecycle.state === 'running') this.#names.claim(parts.name);
      else this.#namesToClaim.push(parts.name);
    }
    this.#controllers.set(parts.name, controller);
    this.#lifecycle.addController(controller);
    return controller;
  }

  /**
   * Adds something else that runs from the manager's start to its stop, or, unless its `needsLeaderElection` is `false`, from
   * the beginning of the leadership. It starts at once when the manager runs and leads.
   *
   * When it rejects, the manager stops and `run` rejects with the same error; it may end early.
   *
   * @throws TypeError when it cannot be run; Error after the stop
   */
  add(runnable: Runnable): void {
    checkRunnable(runnable);
    this.#checkOpen(`runnable "${runnable.name ?? 'unnamed'}"`);
    this.#lifecycle.addRunnable(runnable);
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
    this.#lifecycle.startNewInformers();
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

  /** What the manager does at this moment: whether it leads, which controllers work, and which wait for what and why. */
  describe(): ManagerDescription {
    const controllers = Array.from(this.#controllers.values(), (each) => each.describe());
    const { state, leadership } = this.#lifecycle;
    const own = state === 'running' ? [] : [`The manager is ${state}`];
    const notReady = [...own, ...controllers.flatMap(whyNotReady)];
    return { state, leadership, isReady: notReady.length === 0, notReady, controllers };
  }

  /**
   * Runs everything until the signal aborts, a runnable fails or the leadership is lost.
   *
   * Caches, runnables and controllers that need no leader election start at once, and so do the sources of controllers with
   * `warmup`; when these are warm the election begins, and what needs it starts when it is won. The stop goes backwards:
   * controllers hand out no more keys and finish what runs, for `gracefulShutdownTimeoutMs`, then the runnables of the leader
   * end, then the lock is given away, then the other runnables end, then informers, and last the client when the manager has
   * made it. Resolves when nothing is left. A lock under which work goes on, although asked to end, is not given away.
   *
   * A leadership that is lost lets nothing finish: no further reconcile begins, and the signals of those that run abort at
   * once. Who goes on after that without heed to its signal can only be ended with the process.
   *
   * @throws Error when called twice, and when another manager of the process runs a controller of the same name; then
   * nothing has been started
   * @throws TypeError without a signal; then too nothing has been started
   * @throws what the leader election failed with, such as a `LeadershipLostError`; what else failed is in the log then
   * @throws what a runnable threw; an `AggregateError` when several things failed
   */
  async run(options: { readonly signal: AbortSignal }): Promise<void> {
    const signal: unknown = options?.signal;
    checkSignal('Cannot run the manager', signal);
    const { state } = this.#lifecycle;
    if (state !== 'new')
      throw new Error(`Cannot run the manager twice: it is ${state}; make a new one`);
    this.#claimNames();
    try {
      await this.#lifecycle.run(signal);
    } finally {
      this.#names.release();
    }
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

  #checkName(name: string): void {
    if (this.#controllers.has(name))
      throw new Error(
        `Cannot add controller "${name}" to the manager: there is one of this name; choose another name`,
      );
  }

  #checkOpen(what: string): void {
    const { state } = this.#lifecycle;
    if (state === 'stopping' || state === 'stopped')
      throw new Error(`Cannot add ${what} to the manager: it is ${state}`);
  }
}

/** Without the members that are `undefined`, which would hide a default. */
function definedOf<T extends object>(options: T): T {
  // Only members whose value is undefined go, and each member of T that may be undefined is optional.
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as T;
}
