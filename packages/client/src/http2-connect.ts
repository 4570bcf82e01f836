import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Clock } from '@kubeloop/ratelimiter';
import type { Connector } from './connector.ts';
import { Http2Session } from './http2-session.ts';
import { brokenOff } from './transport-errors.ts';
import type { PoolTarget } from './transport.ts';

/** What a connection is made of. */
export interface ConnectOptions {
  /** Offers HTTP/2. */
  readonly connector: Connector;
  readonly target: PoolTarget;
  readonly clock: Clock;
  /** Called once, when a session's socket is closed. */
  readonly onGone: (session: Http2Session) => void;
}

/** A session, when the server chose HTTP/2 in the TLS handshake; else the socket, whose handshake is done all the same. */
export async function connectHttp2(options: ConnectOptions): Promise<Http2Session | Socket> {
  const socket = await options.connector.connect();
  if (!(socket instanceof TLSSocket && socket.alpnProtocol === 'h2')) return socket;
  const session = await proven(socket, options);
  if (session) return session;
  throw socket.errored ?? brokenOff('the connection was closed in its handshake');
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
