import type { Socket } from 'node:net';
import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import type { Clock } from '@kubeloop/ratelimiter';
import { brokenOff, lateHandshake } from './transport-errors.ts';
import { Http2Session } from './http2-session.ts';
import { openTunnel, type TunnelEnd } from './proxy-tunnel.ts';
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

function secured(socket: TLSSocket, options: ConnectOptions): Promise<Http2Session | TLSSocket> {
  return new Promise((resolve, reject) => {
    // It stays, since a socket may fail more than once before whoever uses it listens.
    socket.on('error', reject);
    socket.once('close', () => reject(brokenOff('the connection was closed in its handshake')));
    socket.once('secureConnect', () => {
      if (socket.alpnProtocol !== 'h2') resolve(socket);
      else void proven(socket, options).then((session) => session && resolve(session));
    });
  });
}

/**
 * A session whose first bytes were sent without a failure; none when the connection is gone.
 *
 * When a connection was reset, Node 24 ignores the failure of a session's write. If it writes once more before it has
 * learned of the reset by reading, it stops reading and waits for ever. So nothing else is written within the turns of the
 * event loop in which the handshake ends and the session greets.
 */
async function proven(
  socket: TLSSocket,
  options: ConnectOptions,
): Promise<Http2Session | undefined> {
  await nextTurns();
  if (socket.destroyed) return undefined;
  const session = begun(socket, options);
  await nextTurns();
  return socket.destroyed ? undefined : session;
}

/** Waits until everything that had come when it was called has been read. */
async function nextTurns(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

function begun(socket: TLSSocket, { target, clock, onGone }: ConnectOptions): Http2Session {
  const session: Http2Session = new Http2Session({
    origin: target.origin,
    socket,
    clock,
    onGone: () => onGone(session),
  });
  return session;
}
