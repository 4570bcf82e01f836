import type { SharedInformerFactory } from '@kubeloop/informer';
import type { Clock } from '@kubeloop/ratelimiter';
import type { Controller } from './controller.ts';
import { endsWithin, untilAborted } from './deadline.ts';
import type { LeaderElection, LeadershipState } from './leadership.ts';
import { Leadership } from './leadership.ts';
import type { Logger } from './logger.ts';
import type { ManagerState, Runnable } from './manager-options.ts';
import { RunnableGroup } from './runnable-group.ts';

/** How long runnables and informers may take to end beyond the graceful shutdown. */
const stopGraceMs = 5000;

/** What a {@link Lifecycle} works with. */
export interface LifecycleOptions {
  readonly informers: SharedInformerFactory;
  readonly leaderElection: LeaderElection | undefined;
  readonly logger: Logger;
  readonly clock: Clock;
  /** How long the election is put off at most until controllers have warmed up. */
  readonly warmUpTimeoutMs: number;
  readonly gracefulShutdownTimeoutMs: number;
  /** Closes what controllers and runnables report to. */
  readonly closeRecorders: () => Promise<unknown>;
  /** Closes what everything else has used. */
  readonly closeClient: () => Promise<unknown>;
}

/**
 * In which order the parts of a manager start and stop: informers, runnables that need no leadership, controllers that need
 * none and those that warm up, the election, and then all the rest. The stop goes backwards, except that both kinds of
 * controllers stop at the same time.
 */
export class Lifecycle {
  readonly #options: LifecycleOptions;
  readonly #controllers: Controller[] = [];
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

  constructor(options: LifecycleOptions) {
    this.#options = options;
    const onFailure = (error: unknown): void => {
      this.#failures.push(error);
      this.#stop.abort();
    };
    const { logger, leaderElection: election } = options;
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

  /** Adds a controller; it starts at once when the manager runs. */
  addController(controller: Controller): void {
    this.#controllers.push(controller);
    if (this.#state === 'running') this.#startController(controller);
  }

  /** Adds a runnable; it starts at once when the manager runs, and leads if need be. */
  addRunnable(runnable: Runnable): void {
    if (runnable.needsLeaderElection ?? true) this.#leaderRunnables.add(runnable);
    else this.#runnables.add(runnable);
  }

  /** Starts informers that are new, if the manager runs. */
  startNewInformers(): void {
    if (this.#state === 'running')
      this.#options.informers.start({ signal: this.#stopInformers.signal });
  }

  /**
   * Starts everything, waits until the signal aborts, a runnable fails or the leadership is lost, and stops everything.
   *
   * @throws what the election failed with, alone; else what failed; an `AggregateError` when several things did
   */
  async run(signal: AbortSignal): Promise<void> {
    this.#state = 'running';
    const onAbort = (): void => this.#stop.abort();
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    this.startNewInformers();
    this.#runnables.start();
    for (const controller of this.#controllers) this.#startController(controller);
    const election = this.#enterElection();
    await untilAborted(this.#stop.signal, new Promise(() => {}));
    this.#state = 'stopping';
    signal.removeEventListener('abort', onAbort);
    await election;
    await this.#shutDown();
    this.#state = 'stopped';
    const { failure } = this.#leadership;
    if (failure) throw failure.error;
    if (this.#failures.length === 1) throw this.#failures[0];
    if (this.#failures.length > 1)
      throw new AggregateError(this.#failures, 'Several parts of the manager failed');
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
      for (const controller of this.#running.values()) controller.abort(error);
      void this.#leaderRunnables.stop(error);
    }
    const what = isLost ? 'The leadership was lost' : 'The leader election failed';
    this.#options.logger.error(`${what} and the manager stops`, { error });
  }

  #startController(controller: Controller): void {
    const run = this.#runController(controller);
    this.#running.set(run, controller);
    void run.finally(() => this.#running.delete(run));
  }

  async #runController(controller: Controller): Promise<void> {
    const isLed = this.#options.leaderElection !== undefined && controller.needsLeaderElection;
    const { promise: warm, resolve: onSynced } = Promise.withResolvers<void>();
    if (isLed && controller.warmup) this.#warmUps.push(warm);
    try {
      const leading = isLed ? this.#leadership.gained : undefined;
      await controller.run({ signal: this.#stop.signal, leading, onSynced });
    } catch (error) {
      this.#options.logger.error('A controller failed', { controller: controller.name, error });
      this.#failures.push(error);
      this.#leaderGoesOn ||= isLed;
    }
  }

  async #shutDown(): Promise<void> {
    const { informers, closeRecorders, closeClient } = this.#options;
    const others = this.#runsOf((controller) => !controller.needsLeaderElection);
    await Promise.all([this.#stopLeading(), ...others]); // each controller has its own deadline
    await this.#orGiveUp(this.#runnables.stop(), () => this.#runnables.running.join(', '));
    await this.#orGiveUp(closeRecorders(), () => 'an event recorder');
    this.#stopInformers.abort();
    await this.#orGiveUp(informers.shutdown(), () => 'the informers');
    await this.#orGiveUp(closeClient(), () => 'the client');
  }

  /** Ends all that needs the leadership, and then gives it away: never under work that goes on. */
  async #stopLeading(): Promise<void> {
    await Promise.all(this.#runsOf((controller) => controller.needsLeaderElection));
    const runnables = this.#leaderRunnables;
    await this.#orGiveUp(runnables.stop(), () => runnables.running.join(', '));
    const isWorkDone = !this.#leaderGoesOn && runnables.running.length === 0;
    await this.#orGiveUp(this.#leadership.release(isWorkDone), () => 'the leader election');
  }

  #runsOf(which: (controller: Controller) => boolean): Promise<void>[] {
    return [...this.#running].flatMap(([run, controller]) => (which(controller) ? [run] : []));
  }

  async #orGiveUp(stopping: Promise<unknown>, what: () => string): Promise<void> {
    const { gracefulShutdownTimeoutMs, clock, logger } = this.#options;
    const isLost = this.#leadership.state === 'lost';
    const timeMs = (isLost ? 0 : gracefulShutdownTimeoutMs) + stopGraceMs;
    try {
      if (await endsWithin(stopping, timeMs, clock)) return;
      throw new Error(`Cannot stop the manager: ${what()} does not end`);
    } catch (error) {
      logger.error('The manager did not stop well', { error });
      this.#failures.push(error);
    }
  }
}
