import { ApiStatusError } from './api-status-error.ts';
import type { Answer } from './answer.ts';
import { limitDuration } from './answer-deadline.ts';
import { CallScope, checkSignal } from './call-scope.ts';
import type { Behaviour } from './client-options.ts';
import { ConnectionError, isTrustFailure } from './connection-error.ts';
import type { ConnectionPool } from './connection-pool.ts';
import type { PoolRequest } from './transport.ts';
import { isSameIdentity, type Credentials, type Identity } from './credentials.ts';
import { describeAction, failureOf, retryAfterMs, type Action } from './failure.ts';
import type { RequestMeter } from './request-metrics.ts';
import type { ServerUrl } from './server-url.ts';
import { LostConnectionError } from './transport-errors.ts';
import { unlessAborted, waitFor } from './wait.ts';
import { handOutWarnings } from './warnings.ts';

/** How long to wait after a connection was reset, as client-go. */
const resetRetryMs = 1000;
/** What stays of an answer that is not read: less than a new connection costs. */
const dumpBytes = 65_536;

/** A request of a call. */
export interface SessionRequest {
  readonly action: Action;
  readonly method: PoolRequest['method'];
  /** Below the server's base path, with the query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** What the request accepts when the server refuses the forms that its headers accept. */
  readonly plainAccept?: string | undefined;
  readonly body?: string | undefined;
  readonly maxRetries?: number | undefined;
  /** The longest silence; default that of the client. */
  readonly timeoutMs?: number | undefined;
  /** Whether its answer may take for ever. Default false. */
  readonly isEndless?: boolean | undefined;
  /** Told when a wait before another try, for which the server is not to blame, begins and ends. */
  readonly onPause?: ((isPaused: boolean) => void) | undefined;
}

/** What a {@link Session} is made of. */
export interface SessionOptions {
  readonly server: ServerUrl;
  readonly credentials: Credentials;
  readonly pool: ConnectionPool;
  readonly behaviour: Behaviour;
  readonly meter?: RequestMeter | undefined;
}

/** Requests to one server: throttled, with credentials, tried again when the server asks for it. */
export class Session {
  readonly server: ServerUrl;
  readonly behaviour: Behaviour;
  readonly #credentials: Credentials;
  readonly #pool: ConnectionPool;
  readonly #meter: RequestMeter | undefined;
  /** The calls that have not ended; closing ends them. */
  readonly #open: Set<CallScope> = new Set();
  #closing: Promise<void> | undefined;
  #refusesProtobuf = false;

  constructor(options: SessionOptions) {
    this.server = options.server;
    this.behaviour = options.behaviour;
    this.#credentials = options.credentials;
    this.#pool = options.pool;
    this.#meter = options.meter;
  }

  /** Whether the client was closed. */
  get isClosed(): boolean {
    return this.#closing !== undefined;
  }

  /** Whether answers may come in protobuf: the option says so, and the server has not refused to be asked. */
  get offersProtobuf(): boolean {
    return this.behaviour.protobuf && !this.#refusesProtobuf;
  }

  /** Begins a call; whoever begins it ends it. */
  begin(action: Action, signal: AbortSignal | undefined): CallScope {
    if (this.#closing) throw this.#closedError(action);
    checkSignal(signal, `Cannot ${describeAction(action)}`);
    return new CallScope(signal, this.#open);
  }

  /** Begins a call, runs it, ends it. */
  async call<R>(
    request: SessionRequest,
    signal: AbortSignal | undefined,
    read: (answer: Answer, scope: CallScope) => Promise<R>,
  ): Promise<R> {
    const scope = this.begin(request.action, signal);
    const measured = this.#meter?.beginCall(request.method);
    try {
      const answer = await this.send(request, scope);
      try {
        return await this.#measuredRead(request, answer, (counted) => read(counted, scope));
      } catch (error) {
        throw this.readFailure(error, scope);
      } finally {
        answer.body.destroy();
      }
    } finally {
      scope.end();
      measured?.();
    }
  }

  /**
   * Sends a request until it has an answer that is a success. The caller reads or destroys its body.
   *
   * @param triesBefore - how often the call was tried in another form
   */
  async send(request: SessionRequest, scope: CallScope, triesBefore = 0): Promise<Answer> {
    const { signal } = scope;
    const maxRetries = request.maxRetries ?? this.behaviour.maxRetries;
    let isRefreshed = false;
    for (let retries = 0, tries = triesBefore; ; tries += 1) {
      await this.#throttle(request, signal);
      const identity = await unlessAborted(this.#credentials.current(), signal);
      const answer = await this.#measuredTry(request, identity, { scope, isRetry: tries > 0 });
      const mayRetry = retries < maxRetries;
      if (answer instanceof ConnectionError) {
        if (!mayRetry || request.method !== 'GET' || !isReset(answer)) throw answer;
        retries += 1;
        await this.#pause(request, resetRetryMs, signal);
        continue;
      }
      if (this.behaviour.onWarning) handOutWarnings(answer, this.behaviour.onWarning);
      if (answer.statusCode >= 200 && answer.statusCode < 300) return answer;
      if (
        answer.statusCode === 401 &&
        !isRefreshed &&
        (await this.#refresh(identity, answer, signal))
      ) {
        isRefreshed = true;
        await dump(answer);
        continue;
      }
      if (request.plainAccept !== undefined && isRefusedForm(answer)) {
        this.#refusesProtobuf = true;
        await dump(answer);
        return this.send(withPlainAccept(request, request.plainAccept), scope, tries + 1);
      }
      const delayMs = mayRetry && mayTryAgain(answer) ? retryAfterMs(answer) : undefined;
      if (delayMs === undefined) throw await this.#failure(answer, request, signal);
      retries += 1;
      await dump(answer);
      await this.#pause(request, delayMs, signal);
    }
  }

  async #pause(request: SessionRequest, delayMs: number, signal: AbortSignal): Promise<void> {
    request.onPause?.(true);
    await waitFor(this.behaviour.clock, delayMs, signal);
    request.onPause?.(false);
  }

  /** The error that a caller gets when reading an answer failed. */
  readFailure(error: unknown, scope: CallScope): unknown {
    if (scope.signal.aborted) return scope.signal.reason;
    if (!(error instanceof Error) || !isNetworkFailure(error)) return error;
    return new ConnectionError({
      server: this.server.text,
      action: 'read the answer of server',
      cause: error,
    });
  }

  /** Ends every call and closes every connection. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const reason = this.#closedError();
    for (const scope of this.#open) scope.abort(reason);
    await this.#pool.close();
  }

  #closedError(action?: Action): Error {
    const what = action
      ? `Cannot ${action.verb}${action.resource ? ` ${action.resource.name}` : ''}`
      : 'Call ended';
    return new Error(`${what}: the client of server ${this.server.text} is closed`);
  }

  async #throttle({ method, onPause }: SessionRequest, signal: AbortSignal): Promise<void> {
    const { throttle } = this.behaviour;
    if (!throttle) return;
    const measured = this.#meter?.beginWait(method);
    onPause?.(true);
    try {
      await throttle.wait({ signal });
    } finally {
      measured?.();
    }
    onPause?.(false);
  }

  async #measuredRead<R>(
    { method, isEndless }: SessionRequest,
    answer: Answer,
    read: (answer: Answer) => Promise<R>,
  ): Promise<R> {
    if (!this.#meter || isEndless === true) return read(answer);
    let size = 0;
    const result = await read({ ...answer, onChunk: (bytes) => void (size += bytes) });
    // client-go counts no refusals without a body.
    if (size > 0 || answer.statusCode < 300) this.#meter.received(method, size);
    return result;
  }

  async #measuredTry(
    request: SessionRequest,
    identity: Identity,
    { scope, isRetry }: { readonly scope: CallScope; readonly isRetry: boolean },
  ): Promise<Answer | ConnectionError> {
    let statusCode: number | undefined;
    try {
      const answer = await this.#try(request, identity, scope);
      if (!(answer instanceof ConnectionError)) statusCode = answer.statusCode;
      return answer;
    } finally {
      if (!request.isEndless) this.#meter?.sent(request.method, request.body);
      this.#meter?.tried(request.method, statusCode, isRetry);
    }
  }

  async #try(
    request: SessionRequest,
    identity: Identity,
    scope: CallScope,
  ): Promise<Answer | ConnectionError> {
    const { clock, requestTimeoutMs, answerTimeoutMs } = this.behaviour;
    const { timeoutMs = requestTimeoutMs, isEndless = false } = request;
    try {
      const answer: Answer = await this.#pool.send(identity.tls, {
        method: request.method,
        path: this.server.basePath + request.path,
        headers: {
          'user-agent': this.behaviour.userAgent,
          ...identity.headers,
          ...request.headers,
        },
        body: request.body,
        signal: scope.signal,
        timeoutMs,
      });
      // A refusal ends, also that of a watch.
      if (!isEndless || answer.statusCode >= 300) limitDuration(answer, clock, answerTimeoutMs);
      return answer;
    } catch (cause) {
      if (scope.signal.aborted) throw scope.signal.reason;
      const server = this.server.text;
      const error = new ConnectionError({ server, action: 'reach server', cause });
      // Authorities and certificates in files are replaced now and then; the next try is to see the new ones.
      if (isTrustFailure(error)) this.#credentials.expire(identity);
      return error;
    }
  }

  /** Whether the refused credentials could be replaced by others. */
  async #refresh(refused: Identity, answer: Answer, signal: AbortSignal): Promise<boolean> {
    this.#credentials.drop(refused);
    try {
      return !isSameIdentity(refused, await unlessAborted(this.#credentials.current(), signal));
    } catch (error) {
      answer.body.destroy();
      throw error;
    }
  }

  async #failure(
    answer: Answer,
    request: SessionRequest,
    signal: AbortSignal,
  ): Promise<ApiStatusError> {
    try {
      const failure = await this.#measuredRead(request, answer, (counted) =>
        failureOf(counted, request.action, this.server.text),
      );
      signal.throwIfAborted();
      return failure;
    } finally {
      // What is in a form that nobody asked for has not been read.
      answer.body.destroy();
    }
  }
}

/** Only these ask for another try by a Retry-After header, as in client-go's `with_retry.go`. */
function mayTryAgain(answer: Answer): boolean {
  return answer.statusCode === 429 || answer.statusCode >= 500;
}

/** 406 and 415: the server has no such form, or does not know its name. */
function isRefusedForm(answer: Answer): boolean {
  return answer.statusCode === 406 || answer.statusCode === 415;
}

function withPlainAccept(request: SessionRequest, accept: string): SessionRequest {
  return { ...request, headers: { ...request.headers, accept }, plainAccept: undefined };
}

/** Also one that answers no ping, as `IsHTTP2ConnectionLost` in client-go's `rest/request.go`. */
function isReset({ code, cause }: ConnectionError): boolean {
  return code === 'ECONNRESET' || code === 'EPIPE' || cause instanceof LostConnectionError;
}

/** Errors of sockets, TLS and HTTP have a code or a cause with one; ours and those of parsing have none. */
function isNetworkFailure(error: Error): boolean {
  if (ApiStatusError.is(error) || ConnectionError.is(error)) return false;
  return 'code' in error && typeof error.code === 'string';
}

async function dump(answer: Answer): Promise<void> {
  let size = 0;
  try {
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > dumpBytes) break;
    }
  } catch {
    // The answer was not wanted; the next try finds out whether the connection is broken.
  }
}
