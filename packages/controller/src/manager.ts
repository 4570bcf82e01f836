import type { ObjectLike } from '@kubeloop/cache-store';
import type { KubeClient, Resource } from '@kubeloop/client';
import type { InformerForOptions, SharedInformer, SharedInformerFactory } from '@kubeloop/informer';
import type { Clock } from '@kubeloop/ratelimiter';
import { systemClock } from '@kubeloop/ratelimiter';
import type { ReconcileBarrier } from './consistency/barrier.ts';
import type { ConsistentClient, WatchedResource } from './consistency/consistent-client.ts';
import type { ControllerHost, ControllerParts } from './controller-host.ts';
import { ControllerBuilder } from './builder.ts';
import { Cluster } from './cluster.ts';
import type { Controller } from './controller.ts';
import { ControllerSet } from './controller-set.ts';
import { EventRecorder } from './events/event-recorder.ts';
import type { HealthCheck, HealthCheckSelection, HealthReport } from './health/health-checks.ts';
import { ManagerHealth } from './health/manager-health.ts';
import { Lifecycle } from './lifecycle.ts';
import type { Logger } from './logger.ts';
import { defaultLogger } from './default-logger.ts';
import { guardLogger } from './logger.ts';
import type { ManagerDescription, ManagerOptions, Runnable } from './manager-options.ts';
import { checkManagerOptions, checkRunnable } from './manager-options.ts';
import { checkSignal, describeValue } from './option-checks.ts';
import { whyNotReady } from './readiness.ts';

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
  /** Where reports go. */
  readonly logger: Logger;
  readonly #options: ManagerOptions;
  readonly #clock: Clock;
  readonly #cluster: Cluster;
  readonly #clusters = new Map<string, Cluster>();
  readonly #lifecycle: Lifecycle;
  readonly #health: ManagerHealth;
  readonly #controllers: ControllerSet;
  readonly #recorders = new Map<string, EventRecorder>();

  /**
   * @throws TypeError unless there is exactly one of `client` and `kubeConfig`; when namespace, logger or a rate limiter is none
   * @throws RangeError when a number is out of range
   */
  constructor(options: ManagerOptions) {
    checkManagerOptions(options);
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.logger = guardLogger(options.logger ?? defaultLogger());
    this.#controllers = new ControllerSet({ options, logger: this.logger, clock: this.#clock });
    this.#cluster = new Cluster({ ...options, name: '' });
    this.#lifecycle = new Lifecycle({
      leaderElection: options.leaderElection,
      logger: this.logger,
      clock: this.#clock,
      warmUpTimeoutMs: options.cacheSyncTimeoutMs ?? 120_000,
      gracefulShutdownTimeoutMs: options.gracefulShutdownTimeoutMs ?? 30_000,
      closeRecorders: () =>
        Promise.all(Array.from(this.#recorders.values(), (recorder) => recorder.close())),
    });
    this.#attach(this.#cluster);
    this.#health = new ManagerHealth({
      options: options.health,
      clock: this.#clock,
      logger: this.logger,
      state: () => this.#lifecycle.state,
      leadership: () => this.#lifecycle.leadership,
      controllers: this.#controllers.all,
    });
    if (this.#health.server) this.#lifecycle.addRunnable(this.#health.server);
  }

  /** The connection to the API server; made from `kubeConfig` unless given. */
  get client(): KubeClient {
    return this.#cluster.client;
  }

  /**
   * Writes to the API server, reads from the caches, and knows what was written: with it a controller does not act on its
   * own past. See {@link ManagerOptions.consistency}.
   */
  get consistentClient(): ConsistentClient {
    return this.#cluster.consistentClient;
  }

  /** The shared informers of all controllers. */
  get informers(): SharedInformerFactory {
    return this.#cluster.informers;
  }

  /** Where health checks are answered, such as `http://localhost:8081`; `undefined` while they are not. */
  get healthUrl(): string | undefined {
    return this.#health.server?.url;
  }

  /**
   * What holds the reconciles of a controller back until the caches of these kinds show what this process has written;
   * `undefined` unless `consistency` is `barrier`. Builders ask for it.
   */
  barrierFor(watched: readonly WatchedResource[]): ReconcileBarrier | undefined {
    return this.#cluster.barrierFor(watched);
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
    this.#controllers.checkName(name);
    return new ControllerBuilder(this, name);
  }

  /** Adds a controller of given parts; what builders end with. It starts at once when the manager runs. */
  addController(parts: ControllerParts): Controller {
    this.#checkOpen(`controller "${parts.name}"`);
    const isRunning = this.#lifecycle.state === 'running';
    const { controller, syncTimeoutMs } = this.#controllers.add(parts, isRunning);
    const insists = this.#options.stopOnCacheSyncTimeout ?? false;
    this.#lifecycle.addController(controller, insists ? syncTimeoutMs : 0);
    return controller;
  }

  /**
   * Adds something else that runs from the manager's start to its stop, or, unless its `needsLeaderElection` is `false`, from
   * the beginning of the leadership; one with `isServer` starts before all else and stops after it. It starts at once when
   * the manager runs and, if need be, leads. When it rejects, the manager stops and `run` rejects with the same error; it may
   * end early.
   *
   * A {@link Cluster} is added in the same way; its informers run from the start to the stop.
   *
   * @throws TypeError when it cannot be run; Error after the stop, when there is a cluster of this name, and when the cluster
   * is another manager's
   */
  add(runnable: Runnable | Cluster): void {
    if (Cluster.is(runnable)) return this.addCluster(runnable);
    checkRunnable(runnable);
    this.#checkOpen(`runnable "${runnable.name ?? 'unnamed'}"`);
    this.#lifecycle.addRunnable(runnable);
  }

  /** Adds a cluster, unless it is added already. Builders call it with each cluster that is watched. */
  addCluster(cluster: Cluster): void {
    if (this.#clusters.get(cluster.name) === cluster) return;
    this.#checkOpen(`cluster "${cluster.name}"`);
    if (cluster.name === '')
      throw new TypeError('Cannot add a cluster to the manager: it needs a name');
    if (this.#clusters.has(cluster.name))
      throw new Error(
        `Cannot add cluster "${cluster.name}" to the manager: there is one of this name; choose another name`,
      );
    this.#attach(cluster);
  }

  /**
   * Adds a condition of `/healthz`: the process is restarted when it fails for long. There is none but the user's own.
   *
   * @throws TypeError when name or check is none; Error when the name is taken
   */
  addHealthzCheck(name: string, check: HealthCheck): void {
    this.#health.healthz.add(name, check);
  }

  /**
   * Adds a condition of `/readyz`, beside those of the manager's own: `manager`, which fails before the start and from the
   * beginning of the stop, `leader-election`, `controller/<name>`, `controller/<name>/queue` and
   * `controller/<name>/<source>`.
   *
   * @throws TypeError when name or check is none; Error when the name is taken
   */
  addReadyzCheck(name: string, check: HealthCheck): void {
    this.#health.readyz.add(name, check);
  }

  /**
   * What a probe is told, for those who serve it by themselves. Resolves with `undefined` when there is no such check.
   *
   * @throws TypeError when there is no such probe, or when the selection is none; never because of a check
   */
  async checkHealth(
    probe: 'healthz' | 'readyz',
    selection?: HealthCheckSelection,
  ): Promise<HealthReport | undefined> {
    if (probe !== 'healthz' && probe !== 'readyz')
      throw new TypeError(
        `Cannot check the health of ${describeValue(probe)}: it must be "healthz" or "readyz"`,
      );
    return this.#health[probe].run(selection);
  }

  /**
   * The shared informer for a resource, namespace and selectors: the same one however often it is asked for. It runs while
   * the manager does. Further indices can be given each time.
   */
  informerFor<T extends ObjectLike>(
    resource: Resource<T>,
    options?: InformerForOptions<T>,
  ): SharedInformer<T> {
    return this.#cluster.informerFor(resource, options);
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
    const controllers = Array.from(this.#controllers.all.values(), (each) => each.describe());
    const { state, leadership } = this.#lifecycle;
    const own = state === 'running' ? [] : [`The manager is ${state}`];
    const notReady = [...own, ...controllers.flatMap(whyNotReady)];
    return { state, leadership, isReady: notReady.length === 0, notReady, controllers };
  }

  /**
   * Runs everything until the signal aborts, a runnable fails or the leadership is lost.
   *
   * Servers start first, those for health checks among them, and nothing else before those that have a method `listening`
   * can be reached. Caches, runnables and controllers that need no leader election start next, and so do the sources of controllers with
   * `warmup`; when these are warm the election begins, and what needs it starts when it is won. The stop goes backwards:
   * controllers hand out no more keys and finish what runs, for `gracefulShutdownTimeoutMs`, then the runnables of the leader
   * end, then the lock is given away, then the other runnables end, then informers, then the client when the manager has
   * made it, and last the servers. All of it has `gracefulShutdownTimeoutMs` and a few seconds more; what takes longer is
   * left behind and named. Resolves when nothing is left. A lock under which work goes on, although asked to end, is not given away.
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
    this.#controllers.claimNames();
    try {
      await this.#lifecycle.run(signal);
    } finally {
      this.#controllers.releaseNames();
    }
  }

  #attach(cluster: Cluster): void {
    const attached = cluster.attach({ logger: this.logger, metrics: this.#options.metrics });
    this.#clusters.set(cluster.name, cluster);
    this.#lifecycle.addCluster(attached);
  }

  #checkOpen(what: string): void {
    const { state } = this.#lifecycle;
    if (state === 'stopping' || state === 'stopped')
      throw new Error(`Cannot add ${what} to the manager: it is ${state}`);
  }
}
