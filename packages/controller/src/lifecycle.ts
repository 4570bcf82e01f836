import type { SharedInformerFactory } from '@kubeloop/informer';
import type { Clock } from '@kubeloop/ratelimiter';
import type { Controller } from './controller.ts';
import { endsWithin, untilAborted } from './deadline.ts';
import type { Logger } from './logger.ts';
import type { ManagerState, Runnable } from './manager-options.ts';
import { RunnableGroup } from './runnable-group.ts';

/** How long runnables and informers may take to end beyond the graceful shutdown. */
const stopGraceMs = 5000;

/** What a {@link Lifecycle} works with. */
export interface LifecycleOptions {
  readonly informers: SharedInformerFactory;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly gracefulShutdownTimeoutMs: number;
  /** Closes what controllers and runnables report to. */
  readonly closeRecorders: () => Promise<unknown>;
  /** Closes what everything else has used. */
  readonly closeClient: () => Promise<unknown>;
}

/** In which order the parts of a manager start and stop. */
export class Lifecycle {
  readonly #options: LifecycleOptions;
  readonly #controllers: Controller[] = [];
  readonly #runnables: RunnableGroup;
  /** Aborts when the user wants to stop or a runnable has failed. */
  readonly #stop = new AbortController();
  /** Aborts after the last runnable has stopped. */
  readonly #stopInformers = new AbortController();
  readonly #runningControllers = new Set<Promise<void>>();
  readonly #failures: unknown[] = [];
  #state: ManagerState = 'new';

  constructor(options: LifecycleOptions) {
    this.#options = options;
    this.#runnables = new RunnableGroup({
      logger: options.logger,
      onFailure: (error) => {
        this.#failures.push(error);
        this.#stop.abort();
      },
    });
  }

  /** Where the manager is in its life. */
  get state(): ManagerState {
    return this.#state;
  }

  /** Adds a controller; it starts at once when the manager runs. */
  addController(controller: Controller): void {
    this.#controllers.push(controller);
    if (this.#state === 'running') this.#startController(controller);
  }

  /** Adds a runnable; it starts at once when the manager runs. */
  addRunnable(runnable: Runnable): void {
    this.#runnables.add(runnable);
  }

  /** Starts informers that are new, if the manager runs. */
  startNewInformers(): void {
    if (this.#state === 'running')
      this.#options.informers.start({ signal: this.#stopInformers.signal });
  }

  /**
   * Starts everything, waits until the signal aborts or a runnable fails, and stops everything.
   *
   * @throws what failed; an `AggregateError` when several things did
   */
  async run(signal: AbortSignal): Promise<void> {
    this.#state = 'running';
    this.startNewInformers();
    this.#runnables.start();
    for (const controller of this.#controllers) this.#startController(controller);
    await untilAborted(signal, untilAborted(this.#stop.signal, new Promise(() => {})));
    await this.#shutDown();
    if (this.#failures.length === 1) throw this.#failures[0];
    if (this.#failures.length > 1)
      throw new AggregateError(this.#failures, 'Several parts of the manager failed');
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
      this.#options.logger.error('A controller failed', { controller: controller.name, error });
      this.#failures.push(error);
    }
  }

  async #shutDown(): Promise<void> {
    const { informers, closeRecorders, closeClient } = this.#options;
    this.#state = 'stopping';
    this.#stop.abort();
    await Promise.all(this.#runningControllers); // each has its own deadline
    await this.#orGiveUp(this.#runnables.stop(), () => this.#runnables.running.join(', '));
    await this.#orGiveUp(closeRecorders(), () => 'an event recorder');
    this.#stopInformers.abort();
    await this.#orGiveUp(informers.shutdown(), () => 'the informers');
    await this.#orGiveUp(closeClient(), () => 'the client');
    this.#state = 'stopped';
  }

  async #orGiveUp(stopping: Promise<unknown>, what: () => string): Promise<void> {
    const { gracefulShutdownTimeoutMs, clock } = this.#options;
    try {
      if (await endsWithin(stopping, gracefulShutdownTimeoutMs + stopGraceMs, clock)) return;
      this.#failures.push(new Error(`Cannot stop the manager: ${what()} does not end`));
    } catch (error) {
      this.#failures.push(error);
    }
  }
}
