import type { Socket } from 'node:net';
import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import type { Clock } from '@kubeloop/ratelimiter';
import { brokenOff, lateHandshake } from './http2-errors.ts';
import { Http2Session } from './http2-session.ts';
import { openTunnel, type TunnelEnd } from './http2-tunnel.ts';
import type { OpenSockets } from './open-sockets.ts';
import type { TlsSettings } from './tls-settings.ts';
import { connectTimeoutMs, keepAliveProbeMs, type PoolTarget } from './transport.ts';

/** What a connection is made of. */
export interface ConnectOptions {
  readonly target: PoolTarget;
  readonly tls: TlsSettings;
  readonly sockets: OpenSockets;
  readonly clock: Clock;
  /** Called once, when a session's socket is closed. */
  readonly onGone: (session: Http2Session) => void;
}

/** A session, when the server chose HTTP/2 in the TLS handshake; else the socket, whose handshake is done all the same. */
export async function connectHttp2(options: ConnectOptions): Promise<Http2Session | TLSSocket> {
  const { target, sockets, clock } = options;
  const { hostname, port } = new URL(target.origin);
  const host = hostname.replace(/^\[|\]$/g, '');
  const place = { host, port: port === '' ? 443 : Number(port) };
  let current: Socket | undefined;
  const begin = (socket: Socket): void => {
    current = socket;
    sockets.add(socket);
  };
  const late = clock.setTimeout(() => {
    current?.destroy(lateHandshake(connectTimeoutMs));
  }, connectTimeoutMs);
  try {
    const tunnel =
      target.proxyUrl === undefined ? undefined : await openTunnel(target.proxyUrl, place, begin);
    const socket = startTls(options.tls, place, tunnel);
    begin(socket);
    return await secured(socket, options);
  } finally {
    late.cancel();
  }
}

function startTls(tls: TlsSettings, place: TunnelEnd, tunnel: Socket | undefined): TLSSocket {
  const socket = connect({
    ...place,
    ...(tunnel && { socket: tunnel }),
    servername: tls.servername ?? (isIP(place.host) === 0 ? place.host : ''),
    ...(tls.ca !== undefined && { ca: tls.ca }),
    ...(tls.cert !== undefined && { cert: tls.cert }),
    ...(tls.key !== undefined && { key: tls.key }),
    ...(tls.passphrase !== undefined && { passphrase: tls.passphrase }),
    // Said either way, since Node would else let NODE_TLS_REJECT_UNAUTHORIZED decide.
    rejectUnauthorized: tls.skipTLSVerify !== true,
    ALPNProtocols: ['h2', 'http/1.1'],
  });
  if (!tunnel) socket.setKeepAlive(true, keepAliveProbeMs);
  return socket.setNoDelay(true);
}

/**
 * The session begins within the event that ends the handshake. A moment later the connection may be gone again, and a
 * session that begins on a socket that is closed never hears of it.
 */
function secured(socket: TLSSocket, options: ConnectOptions): Promise<Http2Session | TLSSocket> {
  const { target, clock, onGone } = options;
  return new Promise((resolve, reject) => {
    // It stays, since a socket may fail more than once before whoever uses it listens.
    socket.on('error', reject);
    socket.once('close', () => reject(brokenOff('the connection was closed in its handshake')));
    socket.once('secureConnect', () => {
      if (socket.alpnProtocol !== 'h2') return resolve(socket);
      const session: Http2Session = new Http2Session({
        origin: target.origin,
        socket,
        clock,
        onGone: () => onGone(session),
      });
      return resolve(session);
    });
  });
}
