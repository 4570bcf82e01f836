import type { Clock } from '@kubeloop/ratelimiter';
import type { AttachedCluster } from './cluster.ts';
import type { Controller } from './controller.ts';
import { endsWithin, untilAborted } from './deadline.ts';
import type { LeaderElection, LeadershipState } from './leadership.ts';
import { Leadership } from './leadership.ts';
import type { Logger } from './logger.ts';
import type { ManagerState, Runnable } from './manager-options.ts';
import { whyNotReady } from './readiness.ts';
import { RunnableGroup } from './runnable-group.ts';
import { StopDeadline } from './stop-deadline.ts';

/** What a {@link Lifecycle} works with. */
export interface LifecycleOptions {
  readonly leaderElection: LeaderElection | undefined;
  readonly logger: Logger;
  readonly clock: Clock;
  /** How long the election is put off at most until controllers have warmed up. */
  readonly warmUpTimeoutMs: number;
  readonly gracefulShutdownTimeoutMs: number;
  /** Closes what controllers and runnables report to. */
  readonly closeRecorders: () => Promise<unknown>;
}

/** A controller, and after what time without its sources the manager gives up; zero for never. */
interface Led {
  readonly controller: Controller;
  readonly syncTimeoutMs: number;
}

/**
 * In which order the parts of a manager start and stop: servers, the informers of all clusters, runnables that need no
 * leadership, controllers that need none and those that warm up, the election, and then all the rest. The stop goes
 * backwards, except that both kinds of controllers stop at the same time.
 */
export class Lifecycle {
  readonly #options: LifecycleOptions;
  readonly #clusters: AttachedCluster[] = [];
  readonly #controllers: Led[] = [];
  readonly #servers: RunnableGroup;
  readonly #runnables: RunnableGroup;
  readonly #leaderRunnables: RunnableGroup;
  readonly #leadership: Leadership;
  /** Aborts when the user wants to stop, a runnable has failed or the election has ended. */
  readonly #stop = new AbortController();
  /** Aborts after the last runnable has stopped. */
  readonly #stopInformers = new AbortController();
  readonly #running = new Map<Promise<void>, Controller>();
  readonly #warmUps: Promise<void>[] = [];
  readonly #failures: unknown[] = [];
  /** Whether reconciles of a leader go on although they were asked to end. */
  #leaderGoesOn = false;
  #state: ManagerState = 'new';
  /** Whether more than the servers was started. */
  #hasBegun = false;
  /** Set when the stop begins. */
  #deadline: StopDeadline | undefined;

  constructor(options: LifecycleOptions) {
    this.#options = options;
    const onFailure = (error: unknown): void => this.#fail(error);
    const { logger, leaderElection: election } = options;
    this.#servers = new RunnableGroup({ logger, onFailure });
    this.#runnables = new RunnableGroup({ logger, onFailure });
    this.#leaderRunnables = new RunnableGroup({ logger, onFailure });
    this.#leadership = new Leadership({
      election,
      stop: this.#stop.signal,
      onGained: () => this.#startToLead(),
      onEnded: (reason) => this.#electionEnded(reason),
    });
  }

  /** Where the manager is in its life. */
  get state(): ManagerState {
    return this.#state;
  }

  /** Whether the manager leads. */
  get leadership(): LeadershipState {
    return this.#leadership.state;
  }

  /** Adds a cluster; its informers start at once when the manager runs. */
  addCluster(cluster: AttachedCluster): void {
    this.#clusters.push(cluster);
    if (this.#hasBegun && this.#state === 'running') cluster.start(this.#stopInformers.signal);
  }

  /** Adds a controller; it starts at once when the manager runs. */
  addController(controller: Controller, syncTimeoutMs: number): void {
    const led = { controller, syncTimeoutMs };
    this.#controllers.push(led);
    if (this.#hasBegun && this.#state === 'running') this.#startController(led);
  }

  /** Adds a runnable; it starts at once when the manager runs, and leads if need be. */
  addRunnable(runnable: Runnable): void {
    if (runnable.isServer) this.#servers.add(runnable);
    else if (runnable.needsLeaderElection ?? true) this.#leaderRunnables.add(runnable);
    else this.#runnables.add(runnable);
  }

  /**
   * Starts everything, waits until the signal aborts, a runnable fails or the leadership is lost, and stops everything.
   *
   * @throws what the election failed with, alone; else what failed; an `AggregateError` when several things did
   */
  async run(signal: AbortSignal): Promise<void> {
    const release = holdProcess();
    try {
      await this.#startAndStop(signal);
    } finally {
      release();
    }
    const { failure } = this.#leadership;
    if (failure) throw failure.error;
    if (this.#failures.length === 1) throw this.#failures[0];
    if (this.#failures.length > 1)
      throw new AggregateError(this.#failures, 'Several parts of the manager failed');
  }

  async #startAndStop(signal: AbortSignal): Promise<void> {
    this.#state = 'running';
    const onAbort = (): void => this.#stop.abort();
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    this.#servers.start();
    const reached = this.#servers.reached();
    if (reached) await untilAborted(this.#stop.signal, reached);
    const election = reached && this.#stop.signal.aborted ? undefined : this.#begin();
    await untilAborted(this.#stop.signal, new Promise(() => {}));
    this.#state = 'stopping';
    signal.removeEventListener('abort', onAbort);
    await election;
    await this.#shutDown();
    this.#state = 'stopped';
  }

  /** Starts all but the servers. Resolves when this process takes part in the election. */
  #begin(): Promise<void> {
    this.#hasBegun = true;
    for (const cluster of this.#clusters) cluster.start(this.#stopInformers.signal);
    this.#runnables.start();
    for (const led of this.#controllers) this.#startController(led);
    return this.#enterElection();
  }

  /** Those that come to lead have warm caches and full queues, unless these take too long. Never rejects. */
  async #enterElection(): Promise<void> {
    const { leaderElection, warmUpTimeoutMs, clock, logger } = this.#options;
    const { signal } = this.#stop;
    if (leaderElection && this.#warmUps.length > 0) {
      const isWarm = await endsWithin(Promise.all(this.#warmUps), warmUpTimeoutMs, clock, signal);
      if (!isWarm && !signal.aborted)
        logger.warn(
          'The manager takes part in the leader election before all controllers are warm',
        );
    }
    if (!signal.aborted) this.#leadership.start();
  }

  #startToLead(): void {
    if (this.#options.leaderElection) this.#options.logger.info('The manager leads');
    this.#leaderRunnables.start();
  }

  /** Whoever leads now must not meet work of ours: unlike at a stop, nothing may take its time. */
  #electionEnded(error: Error): void {
    const isLost = this.#leadership.state === 'lost';
    this.#stop.abort();
    if (isLost) {
      this.#deadline?.shorten();
      for (const controller of this.#running.values()) controller.abort(error);
      void this.#leaderRunnables.stop(error);
    }
    const what = isLost ? 'The leadership was lost' : 'The leader election failed';
    this.#options.logger.error(`${what} and the manager stops`, { error });
  }

  #fail(error: unknown): void {
    this.#failures.push(error);
    this.#stop.abort();
  }

  #startController(led: Led): void {
    const run = this.#runController(led);
    this.#running.set(run, led.controller);
    void run.finally(() => this.#running.delete(run));
  }

  async #runController({ controller, syncTimeoutMs }: Led): Promise<void> {
    const isLed = this.#options.leaderElection !== undefined && controller.needsLeaderElection;
    const { promise: warm, resolve: onSynced } = Promise.withResolvers<void>();
    if (isLed && controller.warmup) this.#warmUps.push(warm);
    const begun = isLed && !controller.warmup ? this.#leadership.gained : Promise.resolve();
    if (syncTimeoutMs > 0) void this.#insistOnSync(controller, begun, warm, syncTimeoutMs);
    try {
      const led = isLed && {
        leading: this.#leadership.gained,
        isLeader: () => this.#leadership.mayAct(),
      };
      await controller.run({ signal: this.#stop.signal, onSynced, ...led });
    } catch (error) {
      this.#options.logger.error('A controller failed', { controller: controller.name, error });
      this.#fail(error);
      this.#leaderGoesOn ||= isLed && controller.activeWorkers > 0;
    }
  }

  /** Stops the manager when a controller's sources take too long. Never rejects. */
  async #insistOnSync(
    controller: Controller,
    begun: Promise<void>,
    synced: Promise<void>,
    timeoutMs: number,
  ): Promise<void> {
    const { signal } = this.#stop;
    await untilAborted(signal, begun);
    if (signal.aborted) return;
    const isSynced = await endsWithin(synced, timeoutMs, this.#options.clock, signal);
    if (isSynced || signal.aborted) return;
    const why = whyNotReady(controller.describe()).join('; ');
    const error = new Error(
      `Cannot start controller "${controller.name}" within ${timeoutMs} ms: ${why}`,
    );
    this.#options.logger.error('A controller lacks its sources and the manager stops', { error });
    this.#fail(error);
  }

  async #shutDown(): Promise<void> {
    const { closeRecorders } = this.#options;
    const deadline = this.#beginToStop();
    const others = this.#runsOf((controller) => !controller.needsLeaderElection);
    await Promise.all([this.#stopLeading(deadline), ...others]); // each controller has its own deadline
    await deadline.wait(this.#runnables.stop(), () => this.#runnables.running.join(', '));
    await deadline.wait(closeRecorders(), () => 'an event recorder');
    this.#stopInformers.abort();
    const all = (stop: (each: AttachedCluster) => Promise<void>): Promise<unknown> =>
      Promise.all(this.#clusters.map((each) => stop(each)));
    await deadline.wait(
      all((each) => each.shutDown()),
      () => 'the informers',
    );
    await deadline.wait(
      all((each) => each.close()),
      () => 'the client',
    );
    await deadline.wait(this.#servers.stop(), () => this.#servers.running.join(', '));
  }

  #beginToStop(): StopDeadline {
    const { clock, logger, gracefulShutdownTimeoutMs } = this.#options;
    const timeoutMs = this.#leadership.state === 'lost' ? 0 : gracefulShutdownTimeoutMs;
    const onFailure = (error: unknown): void => void this.#failures.push(error);
    this.#deadline = new StopDeadline({ clock, logger, timeoutMs, onFailure });
    return this.#deadline;
  }

  /** Ends all that needs the leadership, and then gives it away: never under work that goes on. */
  async #stopLeading(deadline: StopDeadline): Promise<void> {
    await Promise.all(this.#runsOf((controller) => controller.needsLeaderElection));
    const runnables = this.#leaderRunnables;
    await deadline.wait(runnables.stop(), () => runnables.running.join(', '));
    const isWorkDone = !this.#leaderGoesOn && runnables.running.length === 0;
    await deadline.wait(this.#leadership.release(isWorkDone), () => 'the leader election');
  }

  #runsOf(which: (controller: Controller) => boolean): Promise<void>[] {
    return [...this.#running].flatMap(([run, controller]) => (which(controller) ? [run] : []));
  }
}

/** The longest interval that Node knows. */
const longestMs = 2 ** 31 - 1;

/**
 * Keeps the process from ending because nothing but promises is left, as when all sources are channels, until what it returns
 * is called. No clock: it is about the process, not about time.
 */
function holdProcess(): () => void {
  const timer = setInterval(() => {}, longestMs);
  return () => clearInterval(timer);
}
