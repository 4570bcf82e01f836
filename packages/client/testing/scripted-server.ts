import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

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
  /** How many connections are open. */
  readonly open: number;
  /** Resolves when no connection is open. */
  drained(): Promise<void>;
}

/** Starts a server; with `tls` it speaks https. */
export async function startServer(script: Script, tls?: ServerOptions): Promise<ScriptedServer> {
  const requests: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  const waiting: (() => void)[] = [];
  let accepted = 0;
  const onRequest = (message: IncomingMessage, response: ServerResponse): void => {
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
  const server = tls ? createTlsServer(tls, onRequest) : createServer(onRequest);
  server.keepAliveTimeout = 60_000;
  server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      sockets.delete(socket);
      if (sockets.size === 0) for (const wake of waiting.splice(0)) wake();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    requests,
    get accepted() {
      return accepted;
    },
    get open() {
      return sockets.size;
    },
    async drained() {
      if (sockets.size > 0) await new Promise<void>((resolve) => waiting.push(resolve));
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
