import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import type { AddressInfo, Socket } from 'node:net';
import { thing, type Thing } from './scripted.ts';

/** A collection of things over real HTTP, small enough to break it in every way. */
export class ThingServer {
  readonly objects: Map<string, Thing> = new Map();
  /** Each request as `list`, `stream from V` or `watch from V`. */
  readonly requests: string[] = [];
  readonly #watches = new Set<ServerResponse>();
  readonly #sockets = new Set<Socket>();
  #history: { readonly version: number; readonly line: string }[] = [];
  #version = 100;
  #oldest = 0;
  #server: Server | undefined;
  #port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get openWatches(): number {
    return this.#watches.size;
  }

  /** Listens, on the same port as before if there was one. */
  async listen(): Promise<void> {
    this.#server = createServer((request, response) => this.#answer(request, response));
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    // A TCP server's address is never a string nor null.
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Stops listening and drops every connection. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server?.listening) return;
    this.destroySockets();
    server.close();
    await once(server, 'close');
  }

  destroySockets(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#watches.clear();
  }

  /** Ends every watch as a server does whose timeout has come. */
  endWatches(): void {
    for (const watch of this.#watches) watch.end();
    this.#watches.clear();
  }

  /** Forgets what happened, as etcd does when it is compacted. */
  compact(): void {
    this.#version += 1;
    this.#oldest = this.#version;
    this.#history = [];
  }

  /** Cuts every watch in the middle of a line. */
  async cutLines(): Promise<void> {
    for (const watch of this.#watches) watch.write('{"type":"ADDED","object":{"meta');
    await turn();
    this.destroySockets();
  }

  put(name: string): void {
    this.#version += 1;
    const type = this.objects.has(name) ? 'MODIFIED' : 'ADDED';
    const object = thing(name, `${this.#version}`);
    this.objects.set(name, object);
    this.#happen(type, object);
  }

  remove(name: string): void {
    this.#version += 1;
    this.objects.delete(name);
    this.#happen('DELETED', thing(name, `${this.#version}`));
  }

  #happen(type: string, object: Thing): void {
    const line = `${JSON.stringify({ type, object })}\n`;
    this.#history.push({ version: this.#version, line });
    for (const watch of this.#watches) watch.write(line);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { searchParams } = new URL(request.url ?? '', 'http://server');
    response.setHeader('content-type', 'application/json');
    if (searchParams.get('watch')) return this.#watch(searchParams, response);
    this.requests.push('list');
    const metadata = { resourceVersion: `${this.#version}` };
    const items = [...this.objects.values()];
    response.end(JSON.stringify({ apiVersion: 'v1', kind: 'ThingList', metadata, items }));
  }

  #watch(query: URLSearchParams, response: ServerResponse): void {
    const from = query.get('resourceVersion') ?? '';
    const isStream = query.get('sendInitialEvents') === 'true';
    this.requests.push(`${isStream ? 'stream' : 'watch'} from ${from}`);
    response.flushHeaders();
    const send = (type: string, object: unknown): void =>
      void response.write(`${JSON.stringify({ type, object })}\n`);
    if (isStream) {
      for (const object of this.objects.values()) send('ADDED', object);
      const annotations = { 'k8s.io/initial-events-end': 'true' };
      const metadata = { resourceVersion: `${this.#version}`, annotations };
      send('BOOKMARK', { apiVersion: 'v1', kind: 'Thing', metadata });
    } else if (Number(from) < this.#oldest) {
      send('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' });
      response.end();
      return;
    }
    for (const { version, line } of isStream ? [] : this.#history)
      if (version > Number(from)) response.write(line);
    this.#watches.add(response);
    response.on('close', () => this.#watches.delete(response));
  }
}
