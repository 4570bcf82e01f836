import { systemClock, type Clock } from '@kubeloop/ratelimiter';
import type { Socket } from 'node:net';
import type { Answer } from './answer.ts';
import { Http1Connection } from './http1-connection.ts';
import type { Connector } from './connector.ts';
import { headOf, isForwarded } from './http1-head.ts';
import { brokenOff } from './transport-errors.ts';
import type { OpenSockets } from './open-sockets.ts';
import type { TlsSettings } from './tls-settings.ts';
import type { PoolRequest, PoolTarget, Transport } from './transport.ts';

/** What an {@link Http1Transport} is made of. */
export interface Http1TransportOptions {
  readonly target: PoolTarget;
  readonly tls: TlsSettings;
  readonly sockets: OpenSockets;
  /** A connection whose handshake is done, for the first request. */
  readonly spare?: Socket | undefined;
}

/**
 * HTTP/1.1 over Node's own client, without a limit on connections, since each watch holds one for itself: a full pool
 * would let watches starve everything else.
 *
 * A request takes the idle connection that was used last, so that those beyond the need become old and close. What makes
 * connections is imported with the first request.
 */
export class Http1Transport implements Transport {
  readonly #options: Http1TransportOptions;
  readonly #clock: Clock;
  #connector: Promise<Connector> | undefined;
  readonly #connections: Set<Http1Connection> = new Set();
  /** The one used last is the last. */
  readonly #idle: Http1Connection[] = [];
  /** Requests without a connection yet. */
  #waiting = 0;
  #isDestroyed = false;
  #retiring: (() => void) | undefined;

  constructor(options: Http1TransportOptions) {
    this.#options = options;
    this.#clock = options.target.clock ?? systemClock;
    if (options.spare) this.#use(options.spare).rest();
  }

  async send(request: PoolRequest): Promise<Answer> {
    for (;;) {
      request.signal.throwIfAborted();
      const idle = this.#takeIdle();
      const connection = idle ?? (await this.#connect(request.signal));
      try {
        const answer = await connection.send(request, headOf(this.#options.target, request));
        return this.#unlessProxyRefuses(answer);
      } catch (error) {
        // The server closed an idle connection just as we took it; what only reads is sent over another one.
        const mayHaveActed = request.method !== 'GET' && request.method !== 'HEAD';
        if (!idle?.hasFailedUnheard || mayHaveActed || request.signal.aborted) throw error;
      }
    }
  }

  async retire(): Promise<void> {
    const gone = new Promise<void>((resolve) => {
      this.#retiring = resolve;
    });
    for (const connection of this.#idle.splice(0)) void connection.destroy();
    this.#noteGone();
    await gone;
  }

  async destroy(): Promise<void> {
    this.#isDestroyed = true;
    await Promise.all([...this.#connections].map((connection) => connection.destroy()));
  }

  #takeIdle(): Http1Connection | undefined {
    for (let last = this.#idle.pop(); last; last = this.#idle.pop()) if (last.isUsable) return last;
    return undefined;
  }

  async #connect(signal: AbortSignal): Promise<Http1Connection> {
    signal.throwIfAborted();
    this.#waiting += 1;
    try {
      this.#connector ??= makeConnector(this.#options, this.#clock);
      const connector = await this.#connector;
      signal.throwIfAborted();
      const socket = await connector.connect(signal);
      if (!this.#isDestroyed) return this.#use(socket);
      socket.destroy();
      throw brokenOff('the connection pool is closed');
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      this.#waiting -= 1;
      this.#noteGone();
    }
  }

  #use(socket: Socket): Http1Connection {
    const connection: Http1Connection = new Http1Connection({
      socket,
      clock: this.#clock,
      onFree: () => {
        if (this.#retiring || this.#isDestroyed) void connection.destroy();
        else this.#idle.push(connection);
      },
      onGone: () => {
        this.#connections.delete(connection);
        const index = this.#idle.indexOf(connection);
        if (index !== -1) this.#idle.splice(index, 1);
        this.#noteGone();
      },
    });
    this.#connections.add(connection);
    return connection;
  }

  /** A proxy that passes plain requests on answers in the name of the server, except about itself. */
  #unlessProxyRefuses(answer: Answer): Answer {
    if (answer.statusCode !== 407 || !isForwarded(this.#options.target)) return answer;
    answer.body.destroy();
    throw new Error('the proxy refused the credentials in its URL, or asks for some (407)');
  }

  /** While it retires: ends when no connection is left and none is being made. */
  #noteGone(): void {
    if (this.#waiting === 0 && this.#connections.size === 0) this.#retiring?.();
  }
}

async function makeConnector(options: Http1TransportOptions, clock: Clock): Promise<Connector> {
  const { Connector } = await import('./connector.ts');
  return new Connector({ ...options, clock, protocols: ['http/1.1'] });
}
