import {
  createServer,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerResponse,
} from 'node:http';
import { createSecureServer, type SecureServerOptions } from 'node:http2';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { makeAuthority, type Pair } from './certificates.ts';

/** A request as the server got it, with its whole body. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly socket: Socket;
}

/** Answers one request. */
export type Script = (request: SeenRequest, response: ServerResponse) => void | Promise<void>;

/** A real HTTP server on loopback that answers as a test says. */
export interface ScriptedServer extends AsyncDisposable {
  readonly url: string;
  /** All requests so far, in order. */
  readonly requests: SeenRequest[];
  /** How many connections were accepted so far. */
  readonly accepted: number;
  /** How many connections are open; over HTTP/2, how many streams. */
  readonly open: number;
  /** Resolves when none is open. */
  drained(): Promise<void>;
}

/** Whether all servers speak HTTPS and offer HTTP/2, so that the same tests try that: set `KUBELOOP_TEST_HTTP2=1`. */
export const offersHttp2: boolean = process.env['KUBELOOP_TEST_HTTP2'] === '1';

let shared: Pair | undefined;

/** A certificate for the servers of tests that do not care for one. */
function sharedPair(): Pair {
  if (shared) return shared;
  using authority = makeAuthority();
  shared = authority.issue('server');
  return shared;
}

function listener(
  tls: ServerOptions | undefined,
  onRequest: (message: IncomingMessage, response: ServerResponse) => void,
): HttpServer {
  if (!offersHttp2) return tls ? createTlsServer(tls, onRequest) : createServer(onRequest);
  // The options for TLS are the same, and so are the parts of requests and answers that scripts use.
  const options = { ...(tls ?? sharedPair()), allowHTTP1: true } as SecureServerOptions;
  return createSecureServer(options, onRequest as never) as unknown as HttpServer;
}

/** Starts a server; with `tls` it speaks https. */
export async function startServer(script: Script, tls?: ServerOptions): Promise<ScriptedServer> {
  const requests: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  const open = new Set<Socket | ServerResponse>();
  const waiting: (() => void)[] = [];
  let accepted = 0;
  // Over HTTP/2, a stream is what a connection is over HTTP/1.1.
  const track = (one: Socket | ServerResponse): void => {
    open.add(one);
    one.on('close', () => {
      open.delete(one);
      if (open.size === 0) for (const wake of waiting.splice(0)) wake();
    });
  };
  const onRequest = (message: IncomingMessage, response: ServerResponse): void => {
    if (offersHttp2) track(response);
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
      const body = Buffer.concat(chunks).toString('utf8');
      const { method = '', url = '', headers, socket } = message;
      const seen = { method, url, headers, body, socket };
      requests.push(seen);
      await script(seen, response);
    })().catch((error: unknown) => response.destroy(error as Error));
  };
  const server = listener(tls, onRequest);
  const isTls = tls !== undefined || offersHttp2;
  server.keepAliveTimeout = 60_000;
  server.on(isTls ? 'secureConnection' : 'connection', (socket: Socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    if (!offersHttp2) track(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${isTls ? 'https' : 'http'}://127.0.0.1:${port}`,
    requests,
    get accepted() {
      return accepted;
    },
    get open() {
      return open.size;
    },
    async drained() {
      if (open.size > 0) await new Promise<void>((resolve) => waiting.push(resolve));
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers with JSON. */
export function answerJson(response: ServerResponse, value: unknown, code = 200): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

/** Answers with a Status. */
export function answerStatus(
  response: ServerResponse,
  status: { code: number } & Record<string, unknown>,
  headers: Record<string, string> = {},
): void {
  response
    .writeHead(status.code, { 'content-type': 'application/json', ...headers })
    .end(JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', ...status }));
}

/** Begins the answer of a watch; lines follow with `write`. */
export function beginWatch(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
}
