import type { Clock } from '@kubeloop/ratelimiter';
import { Backoff } from '@kubeloop/ratelimiter';
import type { Queue } from '@kubeloop/workqueue';
import { TurnBudget } from '@kubeloop/workqueue/engine';
import type { Logger } from './logger.ts';
import type { ReconcileRunner } from './reconcile-runner.ts';
import { sleep } from './sleep.ts';

/** What a {@link WorkerPool} works with. */
export interface WorkerPoolOptions {
  readonly queue: Queue<string>;
  readonly runner: ReconcileRunner;
  readonly concurrency: number;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** Workers that take keys out of a queue and run the reconciler for each. */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #turn = new TurnBudget();

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  /** Works until the signal aborts or the queue is shut down; resolves when the last reconcile has ended. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { concurrency } = this.#options;
    await Promise.all(Array.from({ length: concurrency }, () => this.#work(signal)));
  }

  async #work(signal: AbortSignal): Promise<void> {
    const { queue, runner, logger, clock } = this.#options;
    const backoff = new Backoff({ initialMs: 100, maxMs: 30_000, jitter: 0.1, clock });
    while (!signal.aborted) {
      try {
        const got = await queue.get({ signal });
        backoff.reset();
        if (got.shutdown) return;
        try {
          await runner.run(got);
        } finally {
          await queue.done(got.item);
        }
        if (this.#turn.isSpent) await this.#turn.renew();
      } catch (error) {
        if (signal.aborted) return;
        logger.error('The queue failed and will be asked again', { error });
        await sleep(backoff.next(), clock, signal).catch(() => undefined); // only an abort ends it early
      }
    }
  }
}
