import { bodyOf, excerpt, refuseUnlessJson, type Answer } from './answer.ts';
import type { WatchEvent } from './api.ts';
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
  readonly #events: AsyncGenerator<WatchEvent<T>, undefined>;
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
    this.#events = this.#run();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<WatchEvent<T>, undefined>> {
    return this.#events.next();
  }

  /** Closes the connection at once, also while a `next` is waiting for it. */
  async return(): Promise<IteratorResult<WatchEvent<T>, undefined>> {
    this.#isLeft = true;
    this.#scope?.abort(new Error('The watch was left'));
    await this.#events.return(undefined);
    return { done: true, value: undefined };
  }

  async *#run(): AsyncGenerator<WatchEvent<T>, undefined> {
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

  async *#read(answer: Answer, scope: CallScope): AsyncGenerator<WatchEvent<T>> {
    try {
      yield* isProtobuf(answer) ? this.#frames(answer, scope) : this.#lines(answer, scope);
    } finally {
      answer.body.destroy();
    }
  }

  async *#lines(answer: Answer, scope: CallScope): AsyncGenerator<WatchEvent<T>> {
    const { server, behaviour } = this.#session;
    await refuseUnlessJson(answer, server.text);
    const what = `A line of server ${server.text} for "${describeAction(this.#request.action)}"`;
    const lines = new LineSplitter(behaviour.maxObjectBytes, what);
    for await (const piece of inFairTurns(this.#chunks(answer)))
      for (const line of lines.push(piece)) {
        yield this.#parse(line);
        // A consumer that takes its time may come back to a watch that was ended meanwhile.
        scope.signal.throwIfAborted();
      }
    const rest = lines.end();
    if (rest.trim() !== '') yield this.#parseLast(rest);
  }

  async *#frames(answer: Answer, scope: CallScope): AsyncGenerator<WatchEvent<T>> {
    const { FrameSplitter, readEvent } = await import('./protobuf/readers.ts');
    const { server, behaviour } = this.#session;
    const action = describeAction(this.#request.action);
    const what = `An event of server ${server.text} for "${action}"`;
    const frames = new FrameSplitter(behaviour.maxObjectBytes, what);
    for await (const piece of inFairTurns(this.#chunks(answer)))
      for (const frame of frames.push(piece)) {
        yield orRefused(
          () => readEvent<T>(frame, this.#omitManagedFields),
          `Cannot ${action}: server ${server.text} sent what is no event`,
        );
        scope.signal.throwIfAborted();
      }
    if (!frames.isBetween) throw this.#brokenOff('an event');
  }

  /** The body's chunks; only waiting for them counts as idle, not the consumer's own work. */
  async *#chunks(answer: Answer): AsyncGenerator<Buffer> {
    const chunks = bodyOf(answer)[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
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
