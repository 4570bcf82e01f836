import type { Answer } from './answer.ts';
import type { WatchEvent } from './api.ts';
import { chunksOf } from './body-chunks.ts';
import type { CallScope } from './call-scope.ts';
import { inFairTurns } from './fair-turns.ts';
import { describeAction } from './failure.ts';
import { IdleTimer } from './idle-timer.ts';
import type { Session, SessionRequest } from './session.ts';
import { eventReaderOf, type EventReader } from './watch-events.ts';
import { WatchIdleError } from './watch-idle-error.ts';

/** What a {@link WatchStream} is made of. */
export interface WatchStreamOptions {
  readonly session: Session;
  readonly request: SessionRequest;
  readonly signal: AbortSignal | undefined;
  readonly idleTimeoutMs: number;
  /** Whether objects go without `metadata.managedFields`. */
  readonly omitManagedFields: boolean | undefined;
}

/** One watch over one connection, opened by the first `next`. */
export class WatchStream<T> implements AsyncIterableIterator<WatchEvent<T>> {
  readonly #session: Session;
  readonly #request: SessionRequest;
  readonly #signal: AbortSignal | undefined;
  readonly #omitManagedFields: boolean;
  readonly #idle: IdleTimer;
  readonly #batches: AsyncGenerator<readonly WatchEvent<T>[], undefined>;
  /** What has been read and not handed out, the next one last. */
  #rest: WatchEvent<T>[] = [];
  #scope: CallScope | undefined;
  /** The consumer left, which is no failure. */
  #isLeft = false;

  constructor(options: WatchStreamOptions) {
    this.#session = options.session;
    const onPause = (isPaused: boolean): void => (isPaused ? this.#idle.end() : this.#idle.begin());
    this.#request = { ...options.request, onPause };
    this.#signal = options.signal;
    this.#omitManagedFields = options.omitManagedFields === true;
    const { idleTimeoutMs } = options;
    this.#idle = new IdleTimer(this.#session.behaviour.clock, idleTimeoutMs, () =>
      this.#scope?.abort(new WatchIdleError(describeAction(this.#request.action), idleTimeoutMs)),
    );
    this.#batches = this.#run();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<WatchEvent<T>, undefined>> {
    // Whoever takes their time may come back to a watch that was ended meanwhile; what it had read is not handed out then.
    if (this.#scope?.signal.aborted === true) this.#rest = [];
    if (this.#rest.length === 0) {
      const { value } = await this.#batches.next();
      // Calls may overlap: what one has read and not handed out goes first.
      if (value) this.#rest.unshift(...value.toReversed());
    }
    const event = this.#rest.pop();
    return event ? { done: false, value: event } : { done: true, value: undefined };
  }

  /** All events that came together, at least one; `undefined` at the end. For those who never call `next`. */
  async nextBatch(): Promise<readonly WatchEvent<T>[] | undefined> {
    const { done, value } = await this.#batches.next();
    return done === true ? undefined : value;
  }

  /** Closes the connection at once, also while a `next` is waiting for it. */
  async return(): Promise<IteratorResult<WatchEvent<T>, undefined>> {
    this.#isLeft = true;
    this.#scope?.abort(new Error('The watch was left'));
    this.#rest = [];
    await this.#batches.return(undefined);
    return { done: true, value: undefined };
  }

  async *#run(): AsyncGenerator<readonly WatchEvent<T>[], undefined> {
    const scope = this.#session.begin(this.#request.action, this.#signal);
    this.#scope = scope;
    let answer: Answer | undefined;
    try {
      this.#idle.begin();
      answer = await this.#session.send(this.#request, scope);
      // An answer that is no watch is read for its words.
      const reader = await this.#readerOf(answer);
      this.#idle.end();
      for await (const pieces of inFairTurns(chunksOf(answer, this.#idle))) {
        const events: WatchEvent<T>[] = [];
        const failure = readAll(pieces, reader, events);
        if (events.length > 0) yield events;
        if (failure) throw failure.error;
        // A consumer that takes its time may come back to a watch that was ended meanwhile.
        scope.signal.throwIfAborted();
      }
      const last = reader.end();
      if (last) yield [last];
    } catch (error) {
      if (!this.#isLeft && !this.#session.isClosed) throw this.#session.readFailure(error, scope);
    } finally {
      answer?.body.destroy();
      this.#idle.stop();
      scope.end();
    }
    return undefined;
  }

  #readerOf(answer: Answer): Promise<EventReader<T>> {
    const { server, behaviour } = this.#session;
    return eventReaderOf(answer, {
      server: server.text,
      action: describeAction(this.#request.action),
      behaviour,
      omitManagedFields: this.#omitManagedFields,
    });
  }
}

/** Reads what came; the failure is told apart, since the events before it come first. */
function readAll<T>(
  pieces: readonly Buffer[],
  reader: EventReader<T>,
  events: WatchEvent<T>[],
): { readonly error: unknown } | undefined {
  try {
    for (const piece of pieces) reader.push(piece, events);
    return undefined;
  } catch (error) {
    return { error };
  }
}
