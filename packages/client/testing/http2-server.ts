import {
  createSecureServer,
  type Http2SecureServer,
  type IncomingHttpHeaders,
  type SecureServerOptions,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';

/** Answers one request. */
export type Http2Script = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

/** A real HTTP/2 server on loopback that answers as a test says. */
export interface Http2Server extends AsyncDisposable {
  readonly url: string;
  /** Every session so far, in order. */
  readonly sessions: ServerHttp2Session[];
  /** The sockets that are open. */
  readonly sockets: ReadonlySet<Socket>;
}

/** Starts a server, which offers nothing but HTTP/2. */
export async function startHttp2Server(
  script: Http2Script,
  options: SecureServerOptions,
): Promise<Http2Server> {
  const sessions: ServerHttp2Session[] = [];
  const sockets = new Set<Socket>();
  const server: Http2SecureServer = createSecureServer(options);
  server.on('secureConnection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('session', (session) => {
    sessions.push(session);
    session.on('error', () => {});
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    script(stream, headers);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server that listens on a port has such an address.
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}`,
    sessions,
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers with JSON. */
export function respondJson(stream: ServerHttp2Stream, value: unknown): void {
  if (stream.destroyed) return;
  stream.respond({ ':status': 200, 'content-type': 'application/json' });
  stream.end(JSON.stringify(value));
}

/** Begins the answer of a watch; lines follow with `write`. */
export function respondWatch(stream: ServerHttp2Stream): void {
  stream.respond({ ':status': 200, 'content-type': 'application/json' });
}
