import type { ObjectLike } from '@kubeloop/cache-store';
import { WatchStatusError } from './errors.ts';
import { EventLoopTurns } from './event-loop.ts';
import { mismatch, type ExpectedKind } from './kind.ts';
import type { ReflectorEvent } from './lister-watcher.ts';
import type { EventSink } from './sink.ts';
import type { WatchStream } from './watch-stream.ts';

/** Marks the bookmark after the last object of a streaming list. Its value must be `"true"`. */
const initialEventsEnd = 'k8s.io/initial-events-end';

/** What {@link Consumer} needs. */
export interface ConsumerOptions<T> {
  readonly sink: EventSink<T>;
  readonly expectedKind: ExpectedKind | undefined;
  /** Is told of an event that is skipped. */
  readonly onSkip: (error: Error) => void;
  /** Is told of the version of each event. The second argument: made-up ADDED events, which come in no order, are over. */
  readonly onVersion: (resourceVersion: string, isPastInitialEvents: boolean) => void;
}

/** Carries the events of one stream into a sink, one at a time, waiting for the sink each time. */
export class Consumer<T extends ObjectLike> {
  readonly #options: ConsumerOptions<T>;
  readonly #turns = new EventLoopTurns();
  #isPastInitialEvents = false;
  #events = 0;

  constructor(options: ConsumerOptions<T>) {
    this.#options = options;
  }

  /** How many events have been applied. */
  get events(): number {
    return this.#events;
  }

  /**
   * Reads until the server ends the watch or, where asked, until the bookmark that ends a streaming list.
   * Rejects with what broke the stream, and with {@link WatchStatusError} after an ERROR event.
   */
  async run(
    stream: WatchStream<T>,
    { untilInitialEventsEnd }: { readonly untilInitialEventsEnd: boolean },
  ): Promise<'ended' | 'initial-events-end'> {
    for (;;) {
      const event = await stream.read();
      if (event === undefined) return 'ended';
      if (event.type === 'ERROR') throw new WatchStatusError(event.object);
      const isEnd = await this.#apply(event);
      if (untilInitialEventsEnd && isEnd) return 'initial-events-end';
      if (this.#turns.isOver) await this.#turns.yield();
    }
  }

  /** Applies one event; true when it is the bookmark that ends a streaming list. */
  async #apply(event: Exclude<ReflectorEvent<T>, { readonly type: 'ERROR' }>): Promise<boolean> {
    const fault = mismatch(event.object, this.#options.expectedKind) ?? (await this.#write(event));
    if (fault !== undefined) {
      this.#options.onSkip(new TypeError(`Cannot use a ${event.type} event: ${fault}`));
      return false;
    }
    const { metadata } = event.object;
    if (event.type !== 'ADDED') this.#isPastInitialEvents = true;
    this.#events += 1;
    if (metadata?.resourceVersion) {
      this.#options.onVersion(metadata.resourceVersion, this.#isPastInitialEvents);
    }
    return event.type === 'BOOKMARK' && metadata?.annotations?.[initialEventsEnd] === 'true';
  }

  /** Hands an event to the sink. Answers what is wrong with an event of no known type. */
  async #write(
    event: Exclude<ReflectorEvent<T>, { readonly type: 'ERROR' }>,
  ): Promise<string | undefined> {
    const { sink } = this.#options;
    switch (event.type) {
      case 'ADDED':
        await sink.add(event.object);
        return undefined;
      case 'MODIFIED':
        await sink.update(event.object);
        return undefined;
      case 'DELETED':
        await sink.delete(event.object);
        return undefined;
      case 'BOOKMARK':
        await sink.bookmark?.(event.object.metadata?.resourceVersion ?? '');
        return undefined;
      default:
        return 'no such type of event is known';
    }
  }
}
