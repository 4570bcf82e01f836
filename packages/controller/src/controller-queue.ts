import type { Clock } from '@kubeloop/ratelimiter';
import { ItemExponentialFailureRateLimiter, systemClock } from '@kubeloop/ratelimiter';
import type { Queue } from '@kubeloop/workqueue';
import { PriorityQueue } from '@kubeloop/workqueue';
import { guardMetrics } from '@kubeloop/workqueue/engine';
import type { ControllerOptions, ControllerState, QueueState } from './controller-options.ts';
import type { EnqueueOptions } from './event-handler.ts';
import { guardRateLimiter } from './guarded-rate-limiter.ts';
import type { Logger } from './logger.ts';
import { retryUntilAborted } from './retry.ts';

/** What a {@link ControllerQueue} is made of. */
export interface ControllerQueueOptions {
  readonly options: ControllerOptions;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** The queue of a controller, which may have to be asked for several times. */
export class ControllerQueue {
  readonly #options: ControllerQueueOptions;
  #queue: Queue<string> | undefined;
  #lastError: unknown;

  constructor(options: ControllerQueueOptions) {
    this.#options = options;
  }

  /** `undefined` until it is made. */
  get current(): Queue<string> | undefined {
    return this.#queue;
  }

  /** `undefined` for one that cannot fail. */
  describe(): QueueState | undefined {
    if (!this.#options.options.newQueue) return undefined;
    return { isReady: this.#queue !== undefined, lastError: this.#lastError };
  }

  /** Makes it, again and again until that succeeds; `undefined` when the signal aborts first. */
  async make(signal: AbortSignal): Promise<Queue<string> | undefined> {
    const { options, logger, clock } = this.#options;
    const make = async (): Promise<Queue<string>> => {
      try {
        return await makeQueue(options, logger);
      } catch (error) {
        this.#lastError = error;
        throw error;
      }
    };
    this.#queue = await retryUntilAborted(make, {
      title: 'make its queue',
      signal,
      logger,
      clock,
      onLate: (late) => late.shutDown(),
    });
    if (this.#queue) this.#lastError = undefined;
    return this.#queue;
  }

  /** @throws Error before it is made */
  add(key: string, enqueueOptions: EnqueueOptions, state: ControllerState): void | Promise<void> {
    if (!this.#queue)
      throw new Error(
        `Cannot enqueue "${key}" in controller "${this.#options.options.name}": it has not started, its state is ${state}`,
      );
    const { priority, afterMs, rateLimited } = enqueueOptions;
    return this.#queue.add(key, {
      ...(priority !== undefined && { priority }),
      ...(afterMs !== undefined && { afterMs }),
      ...(rateLimited !== undefined && { rateLimited }),
    });
  }

  /** Never rejects. */
  async shutDown(): Promise<void> {
    try {
      await this.#queue?.shutDown();
    } catch (error) {
      this.#options.logger.error('The queue did not shut down well', { error });
    }
  }
}

/** The queue of a controller, with the rate limiter that its options ask for. */
async function makeQueue(
  { name, rateLimiter: given, newQueue, queueMetrics, clock }: ControllerOptions,
  logger: Logger,
): Promise<Queue<string>> {
  const ownLimiter = new ItemExponentialFailureRateLimiter<string>({
    baseDelayMs: 5,
    maxDelayMs: 1_000_000,
  });
  const onError = (error: unknown): void =>
    logger.error('The rate limiter threw; the default one stands in', { error });
  const rateLimiter = given ? guardRateLimiter(given, ownLimiter, onError) : ownLimiter;
  if (newQueue) return checkQueue(await newQueue(name, rateLimiter));
  const onMetricsError = (error: unknown): void =>
    logger.error('The metrics of the queue threw', { error });
  const metrics = queueMetrics && {
    queue: (name: string) => guardMetrics(queueMetrics.queue(name), onMetricsError),
  };
  return new PriorityQueue<string>({ name, rateLimiter, clock: clock ?? systemClock, metrics });
}

/** A queue that cannot be worked with would lose every event. */
function checkQueue(queue: Queue<string>): Queue<string> {
  const methods = [
    'add',
    'get',
    'done',
    'shutDown',
    'addAfter',
    'addRateLimited',
    'forget',
  ] as const;
  // What the function of a user answers may be anything.
  const answer = queue as Partial<Queue<string>> | undefined | null;
  const missing = methods.filter((method) => typeof answer?.[method] !== 'function');
  if (missing.length > 0)
    throw new TypeError(
      `Cannot work with what newQueue answered: it has no method ${missing.join(', ')}`,
    );
  return queue;
}
