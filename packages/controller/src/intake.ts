import type { Clock } from '@kubeloop/ratelimiter';
import type { CauseTracker } from './cause-tracker.ts';
import type { EnqueueKey } from './debouncer.ts';
import { Debouncer } from './debouncer.ts';
import type { EnqueueOptions } from './event-handler.ts';
import { isPromise } from './event-handler.ts';
import type { Logger } from './logger.ts';
import type { Request } from './request.ts';
import { requestKey } from './request.ts';
import { retryUntilAborted } from './retry.ts';

/** What an {@link Intake} works with. */
export interface IntakeOptions {
  /** Puts a key into the queue. */
  readonly enqueue: EnqueueKey;
  /** Zero lets everything pass at once. */
  readonly debounceMs: number;
  readonly causes: CauseTracker | undefined;
  /** Aborts when the controller stops: a queue that fails then is not asked again. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** The way of requests from the sources of a controller into its queue. */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #debouncer: Debouncer;

  constructor(options: IntakeOptions) {
    this.#options = options;
    const { debounceMs, clock, logger } = options;
    this.#debouncer = new Debouncer({
      debounceMs,
      clock,
      enqueue: (key, enqueueOptions) => this.#offer(key, enqueueOptions),
      onError: (error, request) =>
        logger.error('A request that was held back could not be enqueued', { request, error }),
    });
  }

  /** Takes a request of a source. */
  take(request: Request, options?: EnqueueOptions): void | Promise<void> {
    const key = requestKey(request);
    const answer = this.#debouncer.enqueue(key, options);
    // Not before: a request that was refused with an error does not wait.
    this.#options.causes?.event(key, options?.cause, options?.afterMs ?? 0);
    return answer;
  }

  /** Drops what is held back, and holds nothing back any more. */
  stop(): void {
    this.#debouncer.stop();
  }

  /** A key that the queue rejects is offered again until it is taken. */
  #offer(key: string, options?: EnqueueOptions): void | Promise<void> {
    const { enqueue, signal, logger, clock } = this.#options;
    const answer = enqueue(key, options);
    if (!isPromise(answer)) return answer;
    let first: Promise<void> | undefined = answer;
    const offer = async (): Promise<void> => {
      const taken = first ?? enqueue(key, options);
      first = undefined;
      await taken;
    };
    const title = `enqueue "${key}"`;
    return retryUntilAborted(offer, { title, signal, logger, clock });
  }
}
