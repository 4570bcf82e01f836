import { endsWithin, untilAborted } from './deadline.ts';
import type { ReconcileRunner } from './reconcile-runner.ts';
import { requestKey } from './request.ts';
import type { WorkerPoolOptions } from './worker-pool.ts';
import { WorkerPool } from './worker-pool.ts';

/** What a {@link WorkPhase} is made of. */
export interface WorkPhaseOptions extends WorkerPoolOptions {
  /** Names the controller. */
  readonly name: string;
  /** How long running reconciles may go on after the stop before their signals abort. */
  readonly gracefulShutdownTimeoutMs: number;
  /** Aborts when they may not even finish. */
  readonly abort: AbortSignal;
  /** Called when no more keys are handed out. */
  readonly onStopping: () => void;
}

/** How long reconciles may take to end once their signals have aborted. */
const abortGraceMs = 1000;

/** The time in which a controller works: from the first key to the end of the last reconcile. */
export class WorkPhase {
  readonly #options: WorkPhaseOptions;

  constructor(options: WorkPhaseOptions) {
    this.#options = options;
  }

  /** Works until the signal aborts, or the queue is shut down, which is reported. @throws Error when reconciles go on although their signals have aborted */
  async run(signal: AbortSignal): Promise<void> {
    const workers = new WorkerPool(this.#options).run(signal);
    await untilAborted(signal, workers);
    if (!signal.aborted) this.#options.logger.error('The controller ends: its queue was shut down');
    this.#options.onStopping();
    await this.#finish(this.#options.runner, workers);
  }

  /** Lets running reconciles end, for a time. */
  async #finish(runner: ReconcileRunner, workers: Promise<void>): Promise<void> {
    const { name, abort, gracefulShutdownTimeoutMs, clock, logger } = this.#options;
    if (await endsWithin(workers, gracefulShutdownTimeoutMs, clock, abort)) return;
    const running = (): string =>
      runner.running.map(({ request }) => requestKey(request)).join(', ');
    const why = abort.aborted ? 'Reconciles' : 'Reconciles outlast the graceful shutdown and';
    if (running() !== '') logger.warn(`${why} are aborted`, { running: running() });
    runner.abort(new DOMException('The controller is shutting down', 'AbortError'));
    if (await endsWithin(workers, abortGraceMs, clock)) return;
    throw new Error(
      `Cannot stop controller "${name}": reconciles go on although their signals have aborted: ${running()}`,
    );
  }
}
