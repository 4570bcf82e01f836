import type { Socket } from 'node:net';
import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import type { Clock } from '@kubeloop/ratelimiter';
import type { PoolTarget } from './connection-pool.ts';
import { lateHandshake } from './http2-errors.ts';
import { Http2Session } from './http2-session.ts';
import { openTunnel } from './http2-tunnel.ts';
import type { OpenSockets } from './open-sockets.ts';
import type { TlsSettings } from './tls-settings.ts';
import { connectTimeoutMs, keepAliveProbeMs } from './transport.ts';

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
  const { target, clock, onGone } = options;
  const socket = await handshake(options);
  if (socket.alpnProtocol !== 'h2') return socket;
  const session: Http2Session = new Http2Session({
    origin: target.origin,
    socket,
    clock,
    onGone: () => onGone(session),
  });
  return session;
}

async function handshake({ target, tls, sockets, clock }: ConnectOptions): Promise<TLSSocket> {
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
    const socket = connect({
      ...place,
      ...(tunnel && { socket: tunnel }),
      servername: tls.servername ?? (isIP(host) === 0 ? host : ''),
      ...(tls.ca !== undefined && { ca: tls.ca }),
      ...(tls.cert !== undefined && { cert: tls.cert }),
      ...(tls.key !== undefined && { key: tls.key }),
      ...(tls.passphrase !== undefined && { passphrase: tls.passphrase }),
      // Said either way, since Node would else let NODE_TLS_REJECT_UNAUTHORIZED decide.
      rejectUnauthorized: tls.skipTLSVerify !== true,
      ALPNProtocols: ['h2', 'http/1.1'],
    });
    begin(socket);
    if (!tunnel) socket.setKeepAlive(true, keepAliveProbeMs);
    socket.setNoDelay(true);
    return await secured(socket);
  } finally {
    late.cancel();
  }
}

function secured(socket: TLSSocket): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    // It stays, since a socket may fail more than once before whoever uses it listens.
    socket.on('error', reject);
    socket.once('secureConnect', () => resolve(socket));
  });
}
