import { excerpt, refuseUnlessJson, type Answer } from './answer.ts';
import type { WatchEvent } from './api.ts';
import { chunksOf } from './body-chunks.ts';
import type { CallScope } from './call-scope.ts';
import { ConnectionError } from './connection-error.ts';
import { inFairTurns } from './fair-turns.ts';
import { describeAction } from './failure.ts';
import { IdleTimer } from './idle-timer.ts';
import { LineSplitter } from './line-splitter.ts';
import { dropManagedFields } from './managed-fields.ts';
import { messageOf } from './pem.ts';
import { isProtobuf } from './protobuf/negotiation.ts';
import type { Session, SessionRequest } from './session.ts';
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
    this.#request = options.request;
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
    if (this.#rest.length === 0 || this.#scope?.signal.aborted === true) {
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
    try {
      yield* this.#read(await this.#open(scope), scope);
    } catch (error) {
      if (!this.#isLeft && !this.#session.isClosed) throw this.#session.readFailure(error, scope);
    } finally {
      this.#idle.stop();
      scope.end();
    }
    return undefined;
  }

  async #open(scope: CallScope): Promise<Answer> {
    this.#idle.begin();
    const answer = await this.#session.send(this.#request, scope);
    this.#idle.end();
    return answer;
  }

  async *#read(answer: Answer, scope: CallScope): AsyncGenerator<readonly WatchEvent<T>[]> {
    try {
      yield* isProtobuf(answer) ? this.#frames(answer, scope) : this.#lines(answer, scope);
    } finally {
      answer.body.destroy();
    }
  }

  async *#lines(answer: Answer, scope: CallScope): AsyncGenerator<readonly WatchEvent<T>[]> {
    const { server, behaviour } = this.#session;
    await refuseUnlessJson(answer, server.text);
    const what = `A line of server ${server.text} for "${describeAction(this.#request.action)}"`;
    const lines = new LineSplitter(behaviour.maxObjectBytes, what);
    for await (const pieces of inFairTurns(this.#chunks(answer)))
      yield* inBatch((batch: WatchEvent<T>[]) => {
        for (const piece of pieces)
          for (const line of lines.push(piece)) batch.push(this.#parse(line));
      }, scope);
    const rest = lines.end();
    if (rest.trim() !== '') yield [this.#parseLast(rest)];
  }

  async *#frames(answer: Answer, scope: CallScope): AsyncGenerator<readonly WatchEvent<T>[]> {
    const { FrameSplitter, readEvent } = await import('./protobuf/readers.ts');
    const { server, behaviour } = this.#session;
    const action = describeAction(this.#request.action);
    const what = `An event of server ${server.text} for "${action}"`;
    const refusal = `Cannot ${action}: server ${server.text} sent what is no event`;
    let events: WatchEvent<T>[] = [];
    const frames = new FrameSplitter(behaviour.maxObjectBytes, what, (frame) =>
      events.push(orRefused(() => readEvent<T>(frame, this.#omitManagedFields), refusal)),
    );
    for await (const pieces of inFairTurns(this.#chunks(answer)))
      yield* inBatch((batch: WatchEvent<T>[]) => {
        events = batch;
        for (const piece of pieces) frames.push(piece);
      }, scope);
    if (!frames.isBetween) throw this.#brokenOff('an event');
  }

  /** The body's chunks; only waiting for them counts as idle, not the consumer's own work. */
  async *#chunks(answer: Answer): AsyncGenerator<readonly Buffer[]> {
    const chunks = chunksOf(answer);
    for (;;) {
      this.#idle.begin();
      const { done, value } = await chunks.next();
      this.#idle.end();
      if (done) return;
      yield value;
    }
  }

  #parse(line: string): WatchEvent<T> {
    try {
      const event: unknown = JSON.parse(line);
      if (isEvent<T>(event)) {
        if (this.#omitManagedFields) dropManagedFields(event.object);
        return event;
      }
    } catch {
      // Said below, together with the line itself.
    }
    throw new Error(
      `Cannot ${describeAction(this.#request.action)}: server ${this.#session.server.text} sent a line that is no event: ${excerpt(line)}`,
    );
  }

  /** A server that dies may end its answer properly in the middle of a line; that is a broken connection like any other. */
  #parseLast(line: string): WatchEvent<T> {
    try {
      return this.#parse(line);
    } catch (cause) {
      throw this.#brokenOff('a line', cause);
    }
  }

  #brokenOff(what: string, cause?: unknown): ConnectionError {
    const broken = new Error(`the answer ends in the middle of ${what}`, { cause });
    return new ConnectionError({
      server: this.#session.server.text,
      action: 'read the answer of server',
      cause: Object.assign(broken, { code: 'ECONNRESET' }),
    });
  }
}

/** Hands out together what `fill` reads; what it read before it failed comes before the failure. */
function* inBatch<T>(fill: (batch: T[]) => void, scope: CallScope): Generator<readonly T[]> {
  const batch: T[] = [];
  try {
    fill(batch);
  } catch (error) {
    if (batch.length > 0) yield batch;
    throw error;
  }
  if (batch.length === 0) return;
  yield batch;
  // A consumer that takes its time may come back to a watch that was ended meanwhile.
  scope.signal.throwIfAborted();
}

function orRefused<T>(read: () => T, refusal: string): T {
  try {
    return read();
  } catch (cause) {
    throw new Error(`${refusal}: ${messageOf(cause)}`, { cause });
  }
}

/** The server's word is taken for what the object is; only what every consumer relies on is checked. */
function isEvent<T>(value: unknown): value is WatchEvent<T> {
  if (typeof value !== 'object' || value === null || !('type' in value && 'object' in value))
    return false;
  return (
    typeof value.type === 'string' && typeof value.object === 'object' && value.object !== null
  );
}
