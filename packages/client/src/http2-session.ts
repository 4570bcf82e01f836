import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { Clock, Timer } from '@kubeloop/ratelimiter';
import type { Answer } from './answer.ts';
import { errorCodeName } from './http2-error-names.ts';
import { brokenOff, lateHandshake, noPong, UnprocessedError } from './transport-errors.ts';
import { exchange, openStream } from './http2-exchange.ts';
import { PingWatch } from './http2-ping.ts';
import { keepAliveMs, type PoolRequest } from './transport.ts';

/**
 * How much of one answer may be on its way or unread. A server far away sends so much in each round trip: 10 MB/s at 100 ms. A
 * hundred watches that nobody reads hold so much each.
 */
const streamWindowBytes = 1_048_576;
/** The same for all answers together. Node renews it as data comes, read or not, so that no slow reader holds up the others. */
const sessionWindowBytes = 64 * 1_048_576;
/**
 * In megabytes. Node counts unread answers among it, and refuses the headers of others with ENHANCE_YOUR_CALM beyond it (by default
 * 10 MB, four unread watches); the windows are the limit here.
 */
const maxSessionMemory = 4096;
/** How many streams there may be until the server says how many, as Go's `initialMaxConcurrentStreams`; kube-apiserver says 100 too. */
const initialMaxStreams = 100;
/** How long the server may take for its settings, which are the first that it sends; Go's limit for TLS handshakes. */
const settingsMs = 10_000;
/** Far below the 2³⁰ streams that a session can have in its life. */
const maxRequests = 1e9;

/** What an {@link Http2Session} is made of. */
export interface Http2SessionOptions {
  readonly origin: string;
  /** Its handshake is done, and chose HTTP/2. */
  readonly socket: TLSSocket;
  readonly clock: Clock;
  /** Called once, when the socket is closed. */
  readonly onGone: () => void;
}

/** One connection over HTTP/2. It keeps the process alive while it has streams, and closes when it had none for a while. */
export class Http2Session {
  readonly #session: ClientHttp2Session;
  readonly #socket: TLSSocket;
  readonly #clock: Clock;
  readonly #pings: PingWatch;
  /** Resolves when the socket is closed. */
  readonly #gone: Promise<void>;
  #keepAliveMs: number = keepAliveMs;
  #idle: Timer | undefined;
  #open = 0;
  #sent = 0;
  /** How many answers have not begun. */
  #awaiting = 0;
  #knowsLimit = false;
  /** The last stream that the server has acted on, once it said so. */
  #lastStream: number = Infinity;

  constructor(options: Http2SessionOptions) {
    const { origin, socket, clock, onGone } = options;
    this.#socket = socket;
    this.#clock = clock;
    this.#session = connect(origin, {
      createConnection: () => socket,
      settings: { enablePush: false, initialWindowSize: streamWindowBytes },
      maxSessionMemory,
    });
    this.#pings = new PingWatch({
      clock,
      bytesRead: () => socket.bytesRead,
      isAwaiting: () => this.#awaiting > 0,
      ping: (answered) => {
        if (!this.#session.destroyed) this.#session.ping((error) => error ?? answered());
      },
      onDead: (waitedMs) => void this.destroy(noPong(waitedMs)),
    });
    this.#listen();
    this.#gone = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.once('close', onGone);
    this.#rest();
  }

  /** Whether it takes requests. */
  get isUsable(): boolean {
    const { closed, destroyed } = this.#session;
    return !closed && !destroyed && !this.#socket.destroyed && this.#sent < maxRequests;
  }

  /** Whether it takes another request now. */
  get hasRoom(): boolean {
    if (!this.isUsable) return false;
    const { remoteSettings } = this.#session;
    const limit = this.#knowsLimit ? remoteSettings.maxConcurrentStreams : initialMaxStreams;
    // A server that allows none must not be asked for one session after the other.
    return this.#open < Math.max(limit ?? initialMaxStreams, 1);
  }

  /** Whether its socket is closed. */
  get isGone(): boolean {
    return this.#socket.closed;
  }

  /** Sends a request. @throws UnprocessedError when the server has not acted on it */
  send(request: PoolRequest): Promise<Answer> {
    const stream = this.#openStream(request);
    this.#begin();
    stream.once('close', () => this.#end());
    return this.#awaited(
      exchange({
        stream,
        request,
        clock: this.#clock,
        failureOf: (error) => this.#failureOf(stream, error),
      }),
    );
  }

  /** Closes it as soon as its last answer has ended. */
  retire(): void {
    this.#keepAliveMs = 0;
    if (this.#open === 0) void this.destroy();
  }

  /** Closes it now; its streams fail with the error. Resolves when the socket is closed. */
  destroy(error?: Error): Promise<void> {
    this.#pings.stop();
    this.#idle?.cancel();
    this.#session.destroy(error);
    // Node would wait for the other side, which may be gone.
    setImmediate(() => this.#socket.destroy());
    return this.#gone;
  }

  #listen(): void {
    this.#session.once('connect', () => this.#session.setLocalWindowSize(sessionWindowBytes));
    const late = this.#clock.setTimeout(
      () => void this.destroy(lateHandshake(settingsMs)),
      settingsMs,
    );
    late.unref();
    this.#session.on('remoteSettings', () => {
      this.#knowsLimit = true;
      late.cancel();
    });
    this.#socket.once('close', () => late.cancel());
    this.#session.on('goaway', (_code, lastStream) => {
      this.#lastStream = Math.min(this.#lastStream, lastStream ?? Infinity);
    });
    // Its streams hear of it, and without a stream it is no news.
    this.#session.on('error', () => {});
    this.#session.once('close', () => void this.destroy());
  }

  async #awaited(answer: Promise<Answer>): Promise<Answer> {
    this.#awaiting += 1;
    try {
      return await answer;
    } finally {
      this.#awaiting -= 1;
    }
  }

  #openStream(request: PoolRequest): ClientHttp2Stream {
    try {
      return openStream(this.#session, request);
    } catch (cause) {
      if (!this.#session.closed && !this.#session.destroyed) throw cause;
      throw new UnprocessedError('the connection was closed', 'ECONNRESET', cause);
    }
  }

  #begin(): void {
    this.#sent += 1;
    this.#open += 1;
    if (this.#open > 1) return;
    this.#idle?.cancel();
    this.#socket.ref();
    this.#pings.start();
  }

  #end(): void {
    this.#open -= 1;
    if (this.#open > 0) return;
    this.#pings.stop();
    if (this.#session.closed || this.#session.destroyed || this.#keepAliveMs === 0)
      void this.destroy();
    else this.#rest();
  }

  /** Without a stream, it closes after a while, or with the process. */
  #rest(): void {
    this.#socket.unref();
    this.#idle = this.#clock.setTimeout(() => void this.destroy(), this.#keepAliveMs);
    this.#idle.unref();
  }

  #failureOf(stream: ClientHttp2Stream, error: unknown): Error {
    const cause = unwrapped(error);
    if (stream.rstCode === constants.NGHTTP2_REFUSED_STREAM || (stream.id ?? 0) > this.#lastStream)
      return new UnprocessedError('the server refused the stream', 'ECONNRESET', cause);
    const code = cause && 'code' in cause ? cause.code : undefined;
    if (code === 'ERR_HTTP2_GOAWAY_SESSION' || code === 'ERR_HTTP2_INVALID_SESSION')
      return new UnprocessedError('the connection was closed', 'ECONNRESET', cause);
    if (code === 'ERR_HTTP2_SESSION_ERROR')
      return brokenOff(`the server ended the connection: ${cause?.message}`, cause);
    if (cause && code !== 'ERR_HTTP2_STREAM_ERROR') return cause;
    if (this.#socket.destroyed || this.#session.destroyed)
      return brokenOff('the connection was closed before the answer was complete', cause);
    return brokenOff(`the server reset the stream: ${errorCodeName(stream.rstCode ?? 0)}`, cause);
  }
}

/** Node wraps what ended a session before its streams had begun. */
function unwrapped(error: unknown): Error | undefined {
  if (!(error instanceof Error)) return undefined;
  const isWrapper = 'code' in error && error.code === 'ERR_HTTP2_STREAM_CANCEL';
  return isWrapper && error.cause instanceof Error ? error.cause : error;
}
