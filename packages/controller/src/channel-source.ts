import { dispatch } from './dispatch.ts';
import type { EventHandler, MapFunction } from './event-handler.ts';
import { enqueueMapped } from './event-handler.ts';
import type { Predicate } from './predicates.ts';
import type { Source, SourceContext, SourceDescription } from './source.ts';
import { checkGiven } from './option-checks.ts';

/** What a {@link ChannelSource} is made of. */
export interface ChannelSourceOptions<T> {
  /** Names the source in reports. */
  readonly name: string;
  /** Objects that something outside the cluster concerns, such as the body of a webhook; any async iterable. */
  readonly channel: AsyncIterable<T>;
  /** Says which requests an object concerns, or handles its generic event. */
  readonly handler: MapFunction<T> | EventHandler<T>;
  /** A generic event must pass all of them. Default none. */
  readonly predicates?: readonly Predicate<T>[] | undefined;
}

/**
 * Requests from outside the cluster. Objects are taken from the channel one by one, in order, and the next one only when
 * the queue has the requests of the one before; what waits meanwhile is the channel's business. The end of the channel is
 * the end of the source, not of the controller; a channel that throws is reported and ends too.
 */
export class ChannelSource<T> implements Source {
  /** Names the source in reports. */
  readonly name: string;
  readonly #options: ChannelSourceOptions<T>;
  #iterator: AsyncIterator<T> | undefined;
  #handling: void | Promise<void> = undefined;
  #isStopped = false;
  #lastError: unknown;

  /** @throws TypeError when the channel is no async iterable */
  constructor(options: ChannelSourceOptions<T>) {
    checkGiven('Cannot make a channel source', options);
    if (typeof options.channel?.[Symbol.asyncIterator] !== 'function')
      throw new TypeError(`Cannot make source "${options.name}": its channel is no async iterable`);
    this.name = options.name;
    this.#options = options;
  }

  /** Begins to take objects from the channel. There is nothing to wait for. */
  start(context: SourceContext): Promise<void> {
    if (this.#iterator)
      return Promise.reject(new Error(`Cannot start source "${this.name}" twice`));
    this.#iterator = this.#options.channel[Symbol.asyncIterator]();
    void this.#pump(this.#iterator, context);
    return Promise.resolve();
  }

  /** Takes no more objects; resolves when the one in work has been handled. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    // Not awaited: an async generator ends only after the item it waits for. Its failure is of no interest any more.
    this.#iterator?.return?.().catch(() => undefined);
    await this.#handling;
  }

  /** How far it is; a channel has nothing to catch up with. */
  describe(): SourceDescription {
    return { name: this.name, isSynced: this.#iterator !== undefined, lastError: this.#lastError };
  }

  async #pump(iterator: AsyncIterator<T>, context: SourceContext): Promise<void> {
    const { handler, predicates = [] } = this.#options;
    const options = {
      handler: typeof handler === 'function' ? enqueueMapped(handler) : handler,
      predicates,
      enqueue: context.enqueue,
      onError: context.onHandlerError,
      source: context.wantsCauses ? this.name : undefined,
    };
    try {
      for (;;) {
        const next = await iterator.next();
        if (next.done || this.#isStopped) return;
        this.#handling = dispatch({ type: 'generic', event: { object: next.value } }, options);
        await this.#handling;
      }
    } catch (error) {
      if (this.#isStopped) return;
      this.#lastError = error;
      context.logger.error('A channel threw and gives no more requests', { error });
    }
  }
}
