import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '@kubeloop/ratelimiter';
import type { Answer } from './answer.ts';
import type { RequestHead } from './http1-head.ts';
import { readableFailure } from './http1-errors.ts';
import { brokenOff, lateBody, lateHeaders } from './transport-errors.ts';
import { IdleTimer } from './idle-timer.ts';
import { refuseFlood, type PoolRequest } from './transport.ts';

/** What an {@link Http1Exchange} is made of. */
export interface Http1ExchangeOptions {
  readonly socket: Socket;
  /** Gives the socket to the request. */
  readonly agent: Agent;
  readonly clock: Clock;
  readonly request: PoolRequest;
  readonly head: RequestHead;
}

/** The largest headers of an answer, as those of Node by default. */
const maxHeaderSize = 16_384;
/** How long the rest of a request may take whose answer has ended, as `maxWriteWaitBeforeConnReuse` of Go. */
const writeGraceMs = 50;

/** One request on a connection, and its answer. */
export class Http1Exchange {
  /** Resolves with the beginning of the answer. */
  readonly answer: Promise<Answer>;
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #request: PoolRequest;
  readonly #outgoing: ClientRequest;
  readonly #silence: IdleTimer;
  readonly #abort: () => void;
  #response: IncomingMessage | undefined;
  #isOver = false;
  #resolve!: (answer: Answer) => void;
  #reject!: (error: Error) => void;

  constructor(options: Http1ExchangeOptions) {
    const { socket, clock, request } = options;
    this.#socket = socket;
    this.#clock = clock;
    this.#request = request;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#outgoing = makeRequest(options);
    this.#silence = new IdleTimer(clock, request.timeoutMs, () => this.#endSilence());
    this.#silence.begin();
    // The cast only satisfies a signature: callers get exactly the value that the signal was aborted with.
    this.#abort = () => this.#fail(request.signal.reason as Error);
    request.signal.addEventListener('abort', this.#abort, { once: true });
    this.#listen();
    // A signal tells nobody who begins to listen after it was aborted.
    if (request.signal.aborted) this.#abort();
    else this.#outgoing.end(request.body);
  }

  /** Whether the whole answer has come, read or not. */
  get isComplete(): boolean {
    return this.#response?.complete === true;
  }

  /** How long the server says it keeps the connection. */
  get keepAliveMs(): number | undefined {
    const hint = this.#response?.headers['keep-alive'];
    if (hint === undefined) return undefined;
    // Node joins the values of a header that came twice.
    const seconds = /timeout=(\d{1,6})/.exec(String(hint))?.[1];
    return seconds === undefined ? undefined : Number(seconds) * 1000;
  }

  /** Some of the answer came. Headers are waited for as a whole. */
  noteData(): void {
    if (this.#response) this.#silence.note();
  }

  /** Nobody reads, so nothing is waited for. */
  pause(): void {
    this.#silence.end();
  }

  /** Somebody reads again. */
  resume(): void {
    this.#silence.begin();
  }

  /** The socket is closed. */
  noteClosed(): void {
    if (this.#isOver || this.isComplete) return;
    const when = this.#response ? 'the answer was complete' : 'an answer came';
    this.#fail(this.#socket.errored ?? brokenOff(`the connection was closed before ${when}`));
  }

  #listen(): void {
    const outgoing = this.#outgoing;
    const countInformational = refuseFlood();
    outgoing.on('information', () => {
      this.#silence.note();
      try {
        countInformational();
      } catch (error) {
        // It throws nothing else.
        this.#fail(error as Error);
      }
    });
    outgoing.once('upgrade', (_, socket) => {
      socket.destroy();
      this.#fail(new Error('the server switched to another protocol, which nobody asked for'));
    });
    outgoing.once('response', (response) => this.#begin(response));
    outgoing.on('error', (error) => {
      // The socket may say better why it was closed.
      if (!this.#isOver) this.#fail(readableFailure(this.#socket.errored ?? error, maxHeaderSize));
    });
    outgoing.once('close', () => this.#stop());
  }

  #begin(response: IncomingMessage): void {
    if (this.#isOver) {
      response.destroy();
      return;
    }
    this.#response = response;
    this.#silence.note();
    // A body that is destroyed early emits an error; whoever reads sees it, and without a reader it is no news.
    response.on('error', () => {});
    response.once('end', () => this.#awaitWrites());
    // An answer has a status.
    this.#resolve({
      statusCode: response.statusCode ?? 0,
      headers: response.headers,
      body: response,
      // Node's parser copies the body out of what the socket reads, and keeps nothing of it.
      ownsChunks: true,
    });
  }

  /** A server may answer before it has read the request, and may never read the rest. */
  #awaitWrites(): void {
    if (this.#outgoing.writableFinished) return;
    const late = this.#clock.setTimeout(() => this.#socket.destroy(), writeGraceMs);
    this.#outgoing.once('close', () => late.cancel());
  }

  #endSilence(): void {
    if (this.isComplete) return;
    const { timeoutMs } = this.#request;
    this.#fail(this.#response ? lateBody(timeoutMs) : lateHeaders(timeoutMs));
  }

  #fail(error: Error): void {
    if (this.#isOver) return;
    this.#stop();
    if (this.#response) this.#response.destroy(error);
    else this.#reject(error);
    this.#outgoing.destroy();
    this.#socket.destroy();
  }

  #stop(): void {
    this.#isOver = true;
    this.#silence.stop();
    this.#request.signal.removeEventListener('abort', this.#abort);
  }
}

/**
 * By `getBuiltinModule`, which takes 3 ms: an import makes a list of all that the module exports, and with that loads Node's own copy
 * of undici, which takes 30 ms and 13 MB.
 */
function makeRequest({ agent, request, head }: Http1ExchangeOptions): ClientRequest {
  return process.getBuiltinModule('node:http').request({
    agent,
    method: request.method,
    path: head.path,
    headers: head.headers,
    maxHeaderSize,
    // Said either way, since options of the process would else decide.
    insecureHTTPParser: false,
  });
}
