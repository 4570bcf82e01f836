import type { Socket } from 'node:net';
import type { Agent, buildConnector, Dispatcher } from 'undici';
import type { Answer } from './answer.ts';
import type { OpenSockets } from './open-sockets.ts';
import type { TlsSettings } from './tls-settings.ts';
import {
  connectTimeoutMs,
  keepAliveMs,
  keepAliveProbeMs,
  refuseFlood,
  type Transport,
  type PoolRequest,
  type PoolTarget,
} from './transport.ts';

/** What an {@link Http1Transport} is made of. */
export interface Http1TransportOptions {
  readonly target: PoolTarget;
  readonly tls: TlsSettings;
  readonly sockets: OpenSockets;
  /** A connection whose handshake is done, for the first request. */
  readonly spare?: Socket | undefined;
}

/**
 * HTTP/1.1 over undici, without a limit on connections, since each watch holds one for itself: a full pool
 * would let watches starve everything else.
 *
 * undici rather than `node:https`, measured on Node 24 over TLS on loopback: one request at a time costs the same
 * (0.23 ms), fifty at a time cost 0.08 ms of CPU each instead of 0.145 ms, and 150 MiB arrive at the same speed.
 * It is imported with the first request, because importing it takes 75 ms and 26 MB.
 */
export class Http1Transport implements Transport {
  readonly #origin: string;
  readonly #dispatcher: Promise<Dispatcher>;
  /** Resolves when the connections whose answers ended in this turn of the event loop are free again. */
  #freeing: Promise<void> | undefined;

  constructor(options: Http1TransportOptions) {
    this.#origin = options.target.origin;
    this.#dispatcher = makeDispatcher(options);
    // Whoever sends a request hears of it.
    this.#dispatcher.catch(() => {});
  }

  async send(request: PoolRequest): Promise<Answer> {
    await this.#freeing;
    const dispatcher = await this.#dispatcher;
    request.signal.throwIfAborted();
    const response = await dispatcher.request({
      origin: this.#origin,
      path: request.path,
      method: request.method,
      headers: request.headers,
      body: request.body ?? null,
      signal: request.signal,
      onInfo: refuseFlood(),
      headersTimeout: request.timeoutMs,
      bodyTimeout: request.timeoutMs,
    });
    // A body that is destroyed early emits an error; whoever reads sees it, and without a reader it is no news.
    response.body.on('error', () => {});
    response.body.on('end', () => this.#noteFreed());
    return response;
  }

  async retire(): Promise<void> {
    await (await this.#dispatcher).close();
  }

  async destroy(): Promise<void> {
    await (await this.#dispatcher).destroy();
  }

  /**
   * undici offers a connection again one turn after its answer ended. A caller that sends its next request at
   * once would open a second connection, so requests of the same turn wait for the end of it.
   */
  #noteFreed(): void {
    this.#freeing ??= new Promise((resolve) =>
      setImmediate(() => {
        this.#freeing = undefined;
        resolve();
      }),
    );
  }
}

async function makeDispatcher(options: Http1TransportOptions): Promise<Dispatcher> {
  const { target, tls, sockets, spare } = options;
  const { Agent, buildConnector, Pool, ProxyAgent } = await import('undici');
  const handshake = handshakeOptions(tls);
  const agentOptions: Agent.Options = {
    connect: firstSpare(spare, sockets.tracked(buildConnector(handshake))),
    allowH2: false,
    pipelining: 1,
    keepAliveTimeout: keepAliveMs,
    keepAliveMaxTimeout: keepAliveMs,
  };
  if (target.proxyUrl === undefined) return new Agent(agentOptions);
  const toProxy = sockets.tracked(buildConnector({ timeout: connectTimeoutMs, allowH2: false }));
  return new ProxyAgent({
    ...agentOptions,
    uri: target.proxyUrl,
    requestTls: handshake,
    clientFactory: (origin) => new Pool(origin, { connect: toProxy }),
  });
}

/** The same connector, which gives a connection that is there already first. */
function firstSpare(
  spare: Socket | undefined,
  connect: buildConnector.connector,
): buildConnector.connector {
  let rest = spare;
  return (options, callback) => {
    const socket = rest;
    rest = undefined;
    if (!socket || socket.destroyed) return connect(options, callback);
    // undici does not go on when it is called back within the call.
    setImmediate(() => callback(null, socket));
    // undici's connectors return their socket, which its types leave out.
    return socket as unknown as void;
  };
}

function handshakeOptions(tls: TlsSettings): buildConnector.BuildOptions {
  return {
    ...(tls.ca !== undefined && { ca: tls.ca }),
    ...(tls.cert !== undefined && { cert: tls.cert }),
    ...(tls.key !== undefined && { key: tls.key }),
    ...(tls.passphrase !== undefined && { passphrase: tls.passphrase }),
    ...(tls.servername !== undefined && { servername: tls.servername }),
    // Said either way, since Node would else let NODE_TLS_REJECT_UNAUTHORIZED decide.
    rejectUnauthorized: tls.skipTLSVerify !== true,
    timeout: connectTimeoutMs,
    allowH2: false,
    keepAlive: true,
    keepAliveInitialDelay: keepAliveProbeMs,
  };
}
