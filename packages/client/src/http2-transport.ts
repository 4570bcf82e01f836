import type { Socket } from 'node:net';
import type { Clock } from '@kubeloop/ratelimiter';
import type { Answer } from './answer.ts';
import type { Connector } from './connector.ts';
import { Http1Transport } from './http1-transport.ts';
import { brokenOff, UnprocessedError } from './transport-errors.ts';
import type { Http2Session } from './http2-session.ts';
import type { OpenSockets } from './open-sockets.ts';
import type { TlsSettings } from './tls-settings.ts';
import type { PoolRequest, PoolTarget, Transport } from './transport.ts';
import { unlessAborted, waitFor } from './wait.ts';

/** How often a request that a server did not act on is sent in all, as Go's HTTP/2 client. */
const maxTries = 7;

/** How many connections may be opened for a request that say GOAWAY before anything else. */
const maxFruitless = 3;

/** What an {@link Http2Transport} is made of. */
export interface Http2TransportOptions {
  readonly target: PoolTarget;
  readonly tls: TlsSettings;
  readonly sockets: OpenSockets;
  readonly clock: Clock;
}

/** Whether HTTP/2 is wanted and can be agreed upon, which needs TLS; of proxies, those are known that open tunnels by CONNECT. */
export function mayUseHttp2({ http2, origin, proxyUrl = 'http:' }: PoolTarget): boolean {
  return http2 === true && origin.startsWith('https:') && /^https?:/.test(proxyUrl);
}

/**
 * HTTP/2, over as few connections as the server allows: another one is opened only when all have as many streams as it takes.
 * When a handshake ends with HTTP/1.1, that is used from then on, beginning with the connection of that handshake.
 *
 * The code for HTTP/2 is imported with the first request. It takes 10 MB.
 */
export class Http2Transport implements Transport {
  readonly #options: Http2TransportOptions;
  readonly #sessions: Set<Http2Session> = new Set();
  #connector: Connector | undefined;
  #http1: Http1Transport | undefined;
  /** Resolves when there is another session, or HTTP/1.1. */
  #connecting: Promise<void> | undefined;
  /** Requests without a stream yet. */
  #waiting = 0;
  #retiring: (() => void) | undefined;

  constructor(options: Http2TransportOptions) {
    this.#options = options;
  }

  async send(request: PoolRequest): Promise<Answer> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#try(request);
      } catch (error) {
        if (!(error instanceof UnprocessedError) || tries === maxTries) throw error;
      }
      if (tries > 1) await waitFor(this.#options.clock, 100 * 2 ** tries, request.signal);
    }
  }

  async retire(): Promise<void> {
    const gone = new Promise<void>((resolve) => {
      this.#retiring = resolve;
    });
    this.#noteGone();
    await gone;
    await this.#http1?.retire();
  }

  async destroy(): Promise<void> {
    const closed = [...this.#sessions].map((session) => session.destroy());
    await Promise.all([...closed, this.#http1?.destroy()]);
  }

  async #try(request: PoolRequest): Promise<Answer> {
    this.#waiting += 1;
    let answer: Promise<Answer> | undefined;
    try {
      for (let fruitless = 0; !answer;) {
        request.signal.throwIfAborted();
        answer = this.#sendNow(request);
        if (answer) break;
        await unlessAborted(this.#connect(), request.signal);
        if (this.#isReady) fruitless = 0;
        else if (++fruitless === maxFruitless)
          throw brokenOff(`${maxFruitless} connections in a row were of no use`);
      }
    } finally {
      this.#waiting -= 1;
      this.#noteGone();
    }
    return answer;
  }

  get #isReady(): boolean {
    if (this.#http1) return true;
    return [...this.#sessions].some((session) => session.isUsable);
  }

  /** Nothing may be awaited between finding room and taking it. */
  #sendNow(request: PoolRequest): Promise<Answer> | undefined {
    if (this.#http1) return this.#http1.send(request);
    for (const session of this.#sessions) if (session.hasRoom) return session.send(request);
    return undefined;
  }

  #connect(): Promise<void> {
    this.#connecting ??= this.#open().finally(() => {
      this.#connecting = undefined;
      this.#noteGone();
    });
    return this.#connecting;
  }

  async #open(): Promise<void> {
    const { Connector } = await import('./connector.ts');
    const { connectHttp2 } = await import('./http2-connect.ts');
    const { Http2Session } = await import('./http2-session.ts');
    this.#connector ??= new Connector({ ...this.#options, protocols: ['h2', 'http/1.1'] });
    const connected = await connectHttp2({
      ...this.#options,
      connector: this.#connector,
      onGone: (session) => {
        this.#sessions.delete(session);
        this.#noteGone();
      },
    });
    if (connected instanceof Http2Session) {
      // It may have gone again already.
      if (connected.isGone) throw brokenOff('the connection was closed as soon as it was made');
      this.#sessions.add(connected);
    } else this.#fallBack(connected);
  }

  /** The proxy's transport makes tunnels of its own. */
  #fallBack(socket: Socket): void {
    const { target, tls, sockets } = this.#options;
    const spare = target.proxyUrl === undefined ? socket : undefined;
    if (!spare) socket.destroy();
    this.#http1 = new Http1Transport({ target, tls, sockets, spare });
  }

  /** While it retires: lets sessions close that no request will need, and ends when none is left. */
  #noteGone(): void {
    if (!this.#retiring || this.#waiting > 0 || this.#connecting) return;
    for (const session of this.#sessions) session.retire();
    if (this.#sessions.size === 0) this.#retiring();
  }
}
