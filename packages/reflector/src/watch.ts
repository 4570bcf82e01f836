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
      const event = stream.shift() ?? (await stream.read());
      if (event === undefined) return 'ended';
      if (event.type === 'ERROR') throw new WatchStatusError(event.object);
      const fault = this.#faultOf(event);
      if (fault === undefined) {
        // Nothing is awaited that is not a promise: in most sinks it is not, and there are many events.
        const writing = this.#write(event);
        if (writing) await writing;
        this.#note(event);
        if (untilInitialEventsEnd && isInitialEventsEnd(event)) return 'initial-events-end';
      } else this.#options.onSkip(new TypeError(`Cannot use a ${event.type} event: ${fault}`));
      if (this.#turns.isOver) await this.#turns.yield();
    }
  }

  /** What is wrong with an event. */
  #faultOf(event: NewsEvent<T>): string | undefined {
    const fault = mismatch(event.object, this.#options.expectedKind);
    if (fault !== undefined) return fault;
    return knownTypes.has(event.type) ? undefined : 'no such type of event is known';
  }

  #note({ type, object }: NewsEvent<T>): void {
    if (type !== 'ADDED') this.#isPastInitialEvents = true;
    this.#events += 1;
    const { resourceVersion } = object.metadata ?? {};
    if (resourceVersion) this.#options.onVersion(resourceVersion, this.#isPastInitialEvents);
  }

  #write(event: NewsEvent<T>): void | Promise<void> {
    const { sink } = this.#options;
    if (event.type === 'ADDED') return sink.add(event.object);
    if (event.type === 'MODIFIED') return sink.update(event.object);
    if (event.type === 'DELETED') return sink.delete(event.object);
    return sink.bookmark?.(event.object.metadata?.resourceVersion ?? '');
  }
}

/** Any event but an ERROR. */
type NewsEvent<T> = Exclude<ReflectorEvent<T>, { readonly type: 'ERROR' }>;

/** The types of events that are known. */
const knownTypes: ReadonlySet<string> = new Set(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK']);

/** Whether an event is the bookmark that ends a streaming list. */
function isInitialEventsEnd({ type, object }: NewsEvent<unknown>): boolean {
  return type === 'BOOKMARK' && object.metadata?.annotations?.[initialEventsEnd] === 'true';
}
