import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '@kubeloop/ratelimiter';
import {
  type AddOptions,
  type DrainOptions,
  type GetOptions,
  type PrioritizedGetResult,
  type Queue,
  RateLimitingQueue,
} from '@kubeloop/workqueue';
import type { Abilities } from '@kubeloop/workqueue-conformance';

/** Options of {@link SharedQueue}. */
export interface SharedQueueOptions {
  readonly clock: Clock;
  /** Whether answers take a turn of the event loop, as those of a broker do. */
  readonly isSlow?: boolean;
}

/** What it can do. */
export const sharedAbilities: Abilities = {
  countsAtOnce: false,
  handsOutAfterShutdown: false,
  keepsAfterShutdown: true,
  takesEmptyItem: false,
};

const shutdownResult = { item: undefined, shutdown: true } as const;

/** A queue that several handles share, and which survives each of them: what a queue in a broker looks like from here. */
export class SharedQueue implements Queue<string> {
  /** What all handles share. */
  protected readonly core: RateLimitingQueue<string>;
  protected readonly options: SharedQueueOptions;
  /** What this handle has in work. */
  protected readonly held: Set<string> = new Set();
  readonly #closing = new AbortController();
  #onDone: (() => void) | undefined;
  #drained: Promise<void> | undefined;

  constructor(options: SharedQueueOptions, core?: RateLimitingQueue<string>) {
    this.options = options;
    this.core = core ?? new RateLimitingQueue<string>({ clock: options.clock });
  }

  /** A second handle, of the same kind. */
  another(): SharedQueue {
    // Every kind is made like this one.
    const Kind = this.constructor as typeof SharedQueue;
    return new Kind(this.options, this.core);
  }

  get length(): number {
    return this.core.length;
  }

  get shuttingDown(): boolean {
    return this.#closing.signal.aborted;
  }

  add(item: string, options?: AddOptions): Promise<void> {
    if (item === '')
      return Promise.reject(new RangeError('Cannot add the empty string: a message needs a body'));
    return this.#answer(() => this.shuttingDown || this.core.add(item, options));
  }

  addAfter(item: string, delayMs: number, options?: AddOptions): Promise<void> {
    return this.add(item, { ...options, afterMs: delayMs });
  }

  addRateLimited(item: string, options?: AddOptions): Promise<void> {
    return this.add(item, { ...options, rateLimited: true });
  }

  forget(item: string): Promise<void> {
    return this.#answer(() => this.core.forget(item));
  }

  numRequeues(item: string): number {
    return this.core.numRequeues(item);
  }

  async get({ signal }: GetOptions = {}): Promise<PrioritizedGetResult<string>> {
    if (signal !== undefined && !(signal instanceof AbortSignal))
      throw new TypeError('Cannot wait: the signal is none');
    signal?.throwIfAborted();
    const closing = this.#closing.signal;
    if (closing.aborted) return shutdownResult;
    try {
      const result = await this.core.get({
        signal: signal ? AbortSignal.any([signal, closing]) : closing,
      });
      if (!result.shutdown) this.held.add(result.item);
      return result;
    } catch (error) {
      if (signal?.aborted) throw error;
      return shutdownResult;
    }
  }

  done(item: string): Promise<void> {
    return this.#answer(() => {
      if (!this.held.delete(item)) return;
      this.core.done(item);
      if (this.held.size === 0) this.#onDone?.();
    });
  }

  shutDown(): Promise<void> {
    return this.#answer(() => {
      this.#closing.abort();
      this.#onDone?.();
    });
  }

  async shutDownWithDrain({ signal }: DrainOptions = {}): Promise<void> {
    this.#closing.abort();
    signal?.throwIfAborted();
    if (this.held.size === 0) return;
    this.#drained ??= new Promise((resolve) => (this.#onDone = resolve));
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const onAbort = (): void => reject(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    await Promise.race([this.#drained, aborted]);
    signal?.removeEventListener('abort', onAbort);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    for (;;) {
      const result = await this.get();
      if (result.shutdown) return;
      yield result.item;
    }
  }

  /** What a broker does: takes its time, and keeps the order of what it is told. */
  async #answer(call: () => unknown): Promise<void> {
    if (this.options.isSlow) await turn();
    call();
  }
}
