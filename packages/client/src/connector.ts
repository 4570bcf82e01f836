import { connect as connectTcp, isIP, type OnReadOpts, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext, type SecureContext } from 'node:tls';
import type { Clock } from '@kubeloop/ratelimiter';
import { isForwarded } from './http1-head.ts';
import { brokenOff, lateHandshake } from './transport-errors.ts';
import type { OpenSockets } from './open-sockets.ts';
import type { TlsSettings } from './tls-settings.ts';
import { connectTimeoutMs, keepAliveProbeMs, type Place, type PoolTarget } from './transport.ts';

/** What a {@link Connector} is made of. */
export interface ConnectorOptions {
  readonly target: PoolTarget;
  readonly tls: TlsSettings;
  readonly sockets: OpenSockets;
  readonly clock: Clock;
  /** What is offered to the server over TLS, the best first. */
  readonly protocols: readonly ('h2' | 'http/1.1')[];
}

type OnSocket = (socket: Socket) => void;

/** Makes connections to one server, directly or through a proxy, with their handshakes done. TLS sessions are resumed. */
export class Connector {
  readonly #options: ConnectorOptions;
  #context: SecureContext | undefined;
  #session: Buffer | undefined;

  constructor(options: ConnectorOptions) {
    this.#options = options;
  }

  /** Makes a connection. Aborting closes the socket at once, also within a handshake. */
  async connect(signal?: AbortSignal): Promise<Socket> {
    const { sockets, clock, target } = this.#options;
    let current: Socket | undefined;
    const begin = (socket: Socket): void => {
      current = socket;
      sockets.add(socket);
      if (target.onLookup) measureLookup(socket, clock, target.onLookup);
      // A proxy's socket is begun a moment later, when the signal may have told already.
      if (signal?.aborted) abort();
    };
    const abort = (): void => void current?.destroy(brokenOff('the request was aborted'));
    const late = clock.setTimeout(
      () => current?.destroy(lateHandshake(connectTimeoutMs)),
      connectTimeoutMs,
    );
    signal?.addEventListener('abort', abort, { once: true });
    try {
      return await this.#connect(begin, signal);
    } finally {
      signal?.removeEventListener('abort', abort);
      late.cancel();
    }
  }

  async #connect(begin: OnSocket, signal: AbortSignal | undefined): Promise<Socket> {
    const { target } = this.#options;
    const place = placeOf(new URL(target.origin));
    const isEncrypted = target.origin.startsWith('https:');
    if (target.proxyUrl === undefined)
      return isEncrypted ? this.#secure(place, begin) : openTcp(place, begin, true);
    const proxy = new URL(target.proxyUrl);
    if (isForwarded(target)) return openProxy(proxy, begin);
    const tunnel = await openTunnel(proxy, place, begin);
    try {
      signal?.throwIfAborted();
      return isEncrypted ? await this.#secure(place, begin, tunnel) : tunnel;
    } catch (error) {
      tunnel.destroy();
      throw error;
    }
  }

  #secure(place: Place, begin: OnSocket, tunnel?: Socket): Promise<Socket> {
    const { tls, protocols } = this.#options;
    const { ca, cert, key, passphrase, servername, skipTLSVerify } = tls;
    this.#context ??= createSecureContext({
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
      ...(passphrase !== undefined && { passphrase }),
    });
    const socket: Socket = connectTls({
      ...place,
      ...(tunnel && { socket: tunnel }),
      // Node's HTTP/2 reads without the socket, and a tunnel is a socket that exists already.
      ...(!tunnel && !protocols.includes('h2') && intoOneBuffer(tlsReadBytes, () => socket)),
      secureContext: this.#context,
      ...(this.#session && { session: this.#session }),
      servername: servername || nameOf(place),
      // Said either way, since Node would else let NODE_TLS_REJECT_UNAUTHORIZED decide.
      rejectUnauthorized: skipTLSVerify !== true,
      ALPNProtocols: [...protocols],
    });
    begin(socket);
    socket.on('session', (session) => {
      this.#session = session;
    });
    socket.once('close', (hadError) => {
      if (hadError) this.#session = undefined;
    });
    if (!tunnel) socket.setKeepAlive(true, keepAliveProbeMs);
    return whenReady(socket.setNoDelay(true), 'secureConnect');
  }
}

/** Opens a connection to a proxy that passes requests on. Its certificate is one that Node trusts. */
function openProxy(proxy: URL, begin: OnSocket): Promise<Socket> {
  const place = placeOf(proxy);
  if (proxy.protocol === 'http:') return openTcp(place, begin, true);
  const socket: Socket = connectTls({
    ...place,
    ...intoOneBuffer(tlsReadBytes, () => socket),
    servername: nameOf(place),
    // Said, since Node would else let NODE_TLS_REJECT_UNAUTHORIZED decide.
    rejectUnauthorized: true,
    ALPNProtocols: ['http/1.1'],
  });
  begin(socket);
  return whenReady(socket.setKeepAlive(true, keepAliveProbeMs).setNoDelay(true), 'secureConnect');
}

async function openTunnel(proxy: URL, place: Place, begin: OnSocket): Promise<Socket> {
  if (proxy.protocol === 'socks5:') {
    const { askSocks } = await import('./http1-socks.ts');
    return askSocks(await openTcp(placeOf(proxy), begin, false), proxy, place);
  }
  const { openTunnel: askProxy } = await import('./proxy-tunnel.ts');
  return askProxy(proxy.href, place, begin);
}

/** @param isForHttp - whether Node's HTTP is all that will read from it */
function openTcp(place: Place, begin: OnSocket, isForHttp: boolean): Promise<Socket> {
  const socket: Socket = connectTcp({
    ...place,
    ...(isForHttp && intoOneBuffer(tcpReadBytes, () => socket)),
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: keepAliveProbeMs,
  });
  begin(socket);
  return whenReady(socket, 'connect');
}

/** What Node itself reads at once. */
const tcpReadBytes = 65_536;
/** A record of TLS has no more. */
const tlsReadBytes = 16_384;

/**
 * Reads into one buffer again and again, where Node would take a new one for each read. What an event `data` brings is good until the
 * next one, which is enough for Node's HTTP: its parser copies what it keeps.
 */
function intoOneBuffer(bytes: number, socketOf: () => Socket): { onread: OnReadOpts } {
  const callback = (size: number, buffer: Uint8Array): boolean => {
    const socket = socketOf();
    // Nobody listens before there is a request, and nobody asked for what comes then.
    if (!socket.emit('data', buffer.subarray(0, size))) socket.destroy();
    return true;
  };
  return { onread: { buffer: Buffer.allocUnsafeSlow(bytes), callback } };
}

/** Sockets tell of look-ups only where they have a name to look up. */
function measureLookup(
  socket: Socket,
  clock: Clock,
  onLookup: (host: string, durationMs: number) => void,
): void {
  const startMs = clock.now();
  socket.once('lookup', (error: Error | null, _address, _family, host) => {
    if (!error) onLookup(host, clock.now() - startMs);
  });
}

/** The request is written within the event, or a moment later the connection may be gone again unnoticed. */
function whenReady(socket: Socket, event: 'connect' | 'secureConnect'): Promise<Socket> {
  return new Promise((resolve, reject) => {
    // It stays, since a socket may fail more than once before whoever uses it listens.
    socket.on('error', reject);
    socket.once('close', () => reject(brokenOff('the connection was closed in its handshake')));
    socket.once(event, () => resolve(socket));
  });
}

const defaultPorts: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };
/** Of SOCKS, by RFC 1928. */
const socksPort = 1080;

function placeOf({ protocol, hostname, port }: URL): Place {
  const host = hostname.replace(/^\[|\]$/g, '');
  return { host, port: port === '' ? (defaultPorts[protocol] ?? socksPort) : Number(port) };
}

/** The name to ask for in a TLS handshake; addresses are not allowed there. */
function nameOf({ host }: Place): string {
  return isIP(host) === 0 ? host : '';
}
