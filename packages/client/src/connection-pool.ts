import type { Agent, buildConnector, Dispatcher } from 'undici';
import { OpenSockets } from './open-sockets.ts';
import { tlsFingerprint, type TlsSettings } from './tls-settings.ts';

/** How long an idle connection is kept: below the API server's own 90 s and common load balancers' 60 s, so that we close first. */
const keepAliveMs = 45_000;
/** Time for the TCP and TLS handshakes, as Go's default dialer. */
const connectTimeoutMs = 30_000;
/** TCP keep-alive probes, as Go's default dialer; cloud load balancers drop connections that are silent for 60 s. */
const keepAliveProbeMs = 30_000;

/** How many informational answers may come before the answer; no API server sends any, some proxies a few. */
const maxInformational = 16;

/** One HTTP request as the pool sees it. */
export interface PoolRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly signal: AbortSignal;
  /** The longest silence of the server before and within the answer; zero means no limit. */
  readonly timeoutMs: number;
}

/** Where the pool's connections go. */
export interface PoolTarget {
  /** Scheme, host and port. */
  readonly origin: string;
  /** An HTTP proxy to go through. */
  readonly proxyUrl?: string | undefined;
}

/**
 * The connections to one cluster.
 *
 * HTTP/1.1 over undici, without a limit on connections, since each watch holds one for itself: a full pool
 * would let watches starve everything else. Not HTTP/2, where slow watches share one session's windows and memory:
 * measured with undici 8.12, the fifth unread watch of 2.6 MB was closed with ENHANCE_YOUR_CALM, as an uncaught error.
 *
 * undici rather than `node:https`, measured on Node 24 over TLS on loopback: one request at a time costs the same
 * (0.23 ms), fifty at a time cost 0.08 ms of CPU each instead of 0.145 ms, and 150 MiB arrive at the same speed.
 * It is imported with the first request, because importing it takes 75 ms and 26 MB.
 *
 * When certificates change, requests go to a new set of connections; the old one closes as its last request ends.
 */
export class ConnectionPool {
  readonly #target: PoolTarget;
  #fingerprint = '';
  #dispatcher: Promise<Dispatcher> | undefined;
  /** Dispatchers that only wait for their last requests. */
  readonly #retiring: Set<Promise<Dispatcher>> = new Set();
  /** Resolves when the connections whose answers ended in this turn of the event loop are free again. */
  #freeing: Promise<void> | undefined;
  readonly #sockets: OpenSockets = new OpenSockets();
  #isClosed = false;

  constructor(target: PoolTarget) {
    this.#target = target;
  }

  /** Sends one request. The caller must read the body to its end or destroy it. */
  async send(tls: TlsSettings, request: PoolRequest): Promise<Dispatcher.ResponseData> {
    await this.#freeing;
    const dispatcher = await this.#dispatcherFor(tls);
    request.signal.throwIfAborted();
    const response = await dispatcher.request({
      origin: this.#target.origin,
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

  /** Closes every connection, also those in use and those whose handshake is not done. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const all = [...this.#retiring, ...(this.#dispatcher ? [this.#dispatcher] : [])];
    this.#dispatcher = undefined;
    await Promise.allSettled(all.map(async (one) => (await one).destroy()));
    this.#sockets.destroy();
  }

  #dispatcherFor(tls: TlsSettings): Promise<Dispatcher> {
    if (this.#isClosed) throw new Error('Cannot send a request: the connection pool is closed');
    const fingerprint = tlsFingerprint(tls);
    if (this.#dispatcher && this.#fingerprint === fingerprint) return this.#dispatcher;
    if (this.#dispatcher) this.#retire(this.#dispatcher);
    this.#fingerprint = fingerprint;
    this.#dispatcher = makeDispatcher(this.#target, tls, this.#sockets);
    return this.#dispatcher;
  }

  #retire(old: Promise<Dispatcher>): void {
    this.#retiring.add(old);
    const gone = (): void => void this.#retiring.delete(old);
    old.then((dispatcher) => dispatcher.close()).then(gone, gone);
  }
}

/** Each informational answer begins undici's wait for the answer anew, so without a limit they could keep a call for ever. */
function refuseFlood(): () => void {
  let count = 0;
  return () => {
    count += 1;
    if (count > maxInformational)
      throw new Error(`more than ${maxInformational} informational answers came before the answer`);
  };
}

async function makeDispatcher(
  { proxyUrl }: PoolTarget,
  tls: TlsSettings,
  sockets: OpenSockets,
): Promise<Dispatcher> {
  const { Agent, buildConnector, Pool, ProxyAgent } = await import('undici');
  const handshake = handshakeOptions(tls);
  const options: Agent.Options = {
    connect: sockets.tracked(buildConnector(handshake)),
    allowH2: false,
    pipelining: 1,
    keepAliveTimeout: keepAliveMs,
    keepAliveMaxTimeout: keepAliveMs,
  };
  if (proxyUrl === undefined) return new Agent(options);
  const toProxy = sockets.tracked(buildConnector({ timeout: connectTimeoutMs, allowH2: false }));
  return new ProxyAgent({
    ...options,
    uri: proxyUrl,
    requestTls: handshake,
    clientFactory: (origin) => new Pool(origin, { connect: toProxy }),
  });
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
