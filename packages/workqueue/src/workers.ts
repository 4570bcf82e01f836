import { checkCount, checkFunction, checkSignal } from './check.ts';
import type { PrioritizedGetResult, Queue } from './contract.ts';
import { TurnBudget } from './turns.ts';

/** What {@link runWorkers} needs of a queue; every queue fits. One without `addRateLimited` does not retry. */
export type WorkerQueue<T> = Pick<Queue<T>, 'get' | 'done' | 'shutDown'> &
  Partial<Pick<Queue<T>, 'forget' | 'addRateLimited'>>;

/** Options of {@link runWorkers}. */
export interface RunWorkersOptions<T> {
  /** How many items are worked on at a time; default 1. */
  readonly concurrency?: number | undefined;
  /**
   * Shuts the queue down when it aborts. As in client-go, what is queued is still worked on, with this signal aborted, so
   * that work which passes the signal on fails at once: `onError` is told, and the item is not tried again. Work that begins
   * with `if (signal.aborted) return` leaves what is queued. To finish it instead, give the work another signal, or none, and
   * call `shutDownWithDrain` of the queue.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * Told of every failure of the work, before the item is added again. Needed for a queue that does not retry. When it
   * returns a promise, the worker waits for it.
   */
  readonly onError?: ((error: unknown, item: T) => void) | undefined;
}

/** What the work gets beside its item. */
export interface WorkContext {
  /**
   * Aborts when that of {@link RunWorkersOptions} does, and from a queue that several processes share also when the item may by now be
   * worked on elsewhere: end as soon as you can. Never aborts when there is neither.
   */
  readonly signal: AbortSignal;
  /** The priority at which the item was handed out, from queues that know priorities. */
  readonly priority?: number;
}

/** Works on one item. Fails by throwing or by a promise that rejects. */
export type Work<T> = (item: T, context: WorkContext) => void | Promise<void>;

/**
 * Takes items from a queue and works on them until the queue is shut down.
 *
 * When the work succeeds, the item's failures are forgotten; when it fails, `onError` is told and the item is
 * added again after the delay of the rate limiter, with the priority it had. In both cases it is done: a
 * worker never ends while it has an item.
 *
 * Resolves when the queue is shut down, all that was queued has been worked on, and nothing is under way.
 * Failures of the work never end a worker. Work that never really waits keeps timers and sockets out for some ten milliseconds at most, or for
 * one item.
 *
 * @throws RangeError when `concurrency` is not a whole number, 1 or more
 * @throws TypeError when the work is no function, or the queue does not retry and there is no `onError`
 * @throws what the queue itself or `onError` throws or rejects with: when the queue fails, all workers end after the item they have; when `onError` does, they go on until shutdown
 *
 * @example
 * ```ts
 * import { RateLimitingQueue, runWorkers } from '@kubeloop/workqueue';
 *
 * const queue = new RateLimitingQueue<string>();
 * queue.add('a');
 * queue.shutDown();
 * const worked: string[] = [];
 * await runWorkers(queue, { concurrency: 4 }, async (item) => {
 *   worked.push(item);
 * });
 * worked; // => ['a']
 * ```
 */
export async function runWorkers<T>(
  queue: WorkerQueue<T>,
  options: RunWorkersOptions<T>,
  work: Work<T>,
): Promise<void> {
  const concurrency = checkRun(queue, options, work);
  const { signal } = options;
  const workers = new Workers(queue, options, work);
  const onAbort = (): void => workers.shutDown();
  if (signal?.aborted) onAbort();
  else signal?.addEventListener('abort', onAbort, { once: true });
  await Promise.all(Array.from({ length: concurrency }, () => workers.run()));
  signal?.removeEventListener('abort', onAbort);
  await workers.ended();
}

/** Refuses what cannot run, before anything does. Returns the number of workers. */
function checkRun<T>(queue: WorkerQueue<T>, options: RunWorkersOptions<T>, work: Work<T>): number {
  const what = 'Cannot run workers';
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`${what}: the options must be an object; give {} and the work after it`);
  checkFunction(`${what}: the work`, work);
  if (options.onError !== undefined) checkFunction(`${what}: onError`, options.onError);
  checkSignal(`${what}: the signal`, options.signal);
  for (const name of ['get', 'done', 'shutDown'] as const)
    checkFunction(`${what}: the queue's member ${name}`, queue?.[name]);
  if (queue.addRateLimited === undefined && options.onError === undefined)
    throw new TypeError(
      'Cannot run workers: this queue does not retry, so failures would go unseen; give the option onError or use a RateLimitingQueue',
    );
  return checkCount('concurrency', options.concurrency ?? 1, 1);
}

/** What work gets that has no signal. */
const never = new AbortController().signal;

/** A signal that aborts when one of the two does; none when there is none. */
function either(
  one: AbortSignal | undefined,
  other: AbortSignal | undefined,
): AbortSignal | undefined {
  return one && other ? AbortSignal.any([one, other]) : (one ?? other);
}

class Workers<T> {
  readonly #queue: WorkerQueue<T>;
  readonly #work: Work<T>;
  readonly #signal: AbortSignal | undefined;
  readonly #onError: ((error: unknown, item: T) => void) | undefined;
  /** Aborted when the queue itself fails, so that no worker waits for a broken queue. */
  readonly #broken = new AbortController();
  readonly #turn = new TurnBudget();
  #failure: { readonly error: unknown } | undefined;
  #shutdown: Promise<void> | undefined;

  constructor(queue: WorkerQueue<T>, options: RunWorkersOptions<T>, work: Work<T>) {
    this.#queue = queue;
    this.#work = work;
    this.#signal = options.signal;
    this.#onError = options.onError;
  }

  /** One worker. Never rejects. */
  async run(): Promise<void> {
    try {
      const { signal } = this.#broken;
      while (!signal.aborted) {
        const result = await this.#queue.get({ signal });
        if (result.shutdown) return;
        // With the item in hand: between done and get, a drain would take it that nobody fetches what is queued.
        if (this.#turn.isSpent) await this.#turn.renew();
        await this.#handle(result.item, this.#contextOf(result));
      }
    } catch (error) {
      this.#break(error);
    }
  }

  shutDown(): void {
    this.#shutdown = this.#tryShutDown();
  }

  /** Throws the first failure that was not one of the work. */
  async ended(): Promise<void> {
    await this.#shutdown;
    if (this.#failure) throw this.#failure.error;
  }

  #contextOf({ signal: itsOwn, priority }: PrioritizedGetResult<T>): WorkContext {
    const signal = either(this.#signal, itsOwn) ?? never;
    return priority === undefined ? { signal } : { signal, priority };
  }

  async #handle(item: T, context: WorkContext): Promise<void> {
    const { priority } = context;
    try {
      const failure = await this.#attempt(item, context);
      if (failure === undefined) await this.#queue.forget?.(item);
      else
        await this.#queue.addRateLimited?.(item, priority === undefined ? undefined : { priority });
    } finally {
      await this.#queue.done(item);
    }
  }

  async #attempt(item: T, context: WorkContext): Promise<{ readonly error: unknown } | undefined> {
    try {
      await this.#work(item, context);
      return undefined;
    } catch (error) {
      await this.#report(error, item);
      return { error };
    }
  }

  async #report(error: unknown, item: T): Promise<void> {
    try {
      // A function that returns a promise fits too.
      const answer: unknown = this.#onError?.(error, item);
      await answer;
    } catch (thrown) {
      this.#failure ??= { error: thrown };
    }
  }

  async #tryShutDown(): Promise<void> {
    try {
      await this.#queue.shutDown();
    } catch (error) {
      this.#break(error);
    }
  }

  #break(error: unknown): void {
    this.#failure ??= { error };
    this.#broken.abort(error);
  }
}
