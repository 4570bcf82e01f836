import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';

/** What becomes of watches: refused as by a server that has no such thing, put off for ever, or opened and never fed. */
export type WatchFate = 'refused' | 'put-off' | 'silent';

/** What {@link WatchEater} needs. */
export interface WatchEaterOptions {
  /** The API server, for example `https://127.0.0.1:6443`. */
  readonly server: string;
  /** Authorities to trust, PEM. */
  readonly ca: string;
  readonly fate: WatchFate;
}

/**
 * An HTTP server on loopback that passes every request on to an API server except for watches, of which it delivers nothing.
 * It ends TLS, so that it can tell one request from another: its address begins with `http:`.
 */
export class WatchEater {
  readonly #options: WatchEaterOptions;
  readonly #agent: Agent;
  readonly #server: Server;
  #eaten = 0;
  #lists = 0;

  constructor(options: WatchEaterOptions) {
    this.#options = options;
    this.#agent = new Agent({ keepAlive: true, ca: options.ca });
    this.#server = createServer((incoming, outgoing) => this.#answer(incoming, outgoing));
  }

  /** Listens, and returns its address. */
  async listen(): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject);
    this.#server.listen(0, '127.0.0.1', resolve);
    await promise;
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('It does not listen');
    return `http://127.0.0.1:${address.port}`;
  }

  /** How many watches were asked for, streaming lists among them. */
  get eaten(): number {
    return this.#eaten;
  }

  /** How many reads of whole collections were passed on. */
  get lists(): number {
    return this.#lists;
  }

  /** Stops listening and cuts everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await promise;
    this.#agent.destroy();
  }

  #answer(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const url = new URL(incoming.url ?? '/', this.#options.server);
    if (['true', '1'].includes(url.searchParams.get('watch') ?? '')) {
      this.#eaten += 1;
      this.#eat(outgoing);
      return;
    }
    if (incoming.method === 'GET' && url.searchParams.has('resourceVersion')) this.#lists += 1;
    this.#pass(url, incoming, outgoing);
  }

  #eat(outgoing: ServerResponse): void {
    const { fate } = this.#options;
    if (fate === 'silent') {
      outgoing.writeHead(200, { 'content-type': 'application/json' });
      outgoing.flushHeaders();
      return;
    }
    const code = fate === 'refused' ? 503 : 429;
    const reason = fate === 'refused' ? 'ServiceUnavailable' : 'TooManyRequests';
    outgoing.writeHead(code, { 'content-type': 'application/json' });
    outgoing.end(JSON.stringify({ kind: 'Status', apiVersion: 'v1', code, reason, message: 'No' }));
  }

  #pass(url: URL, incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { host: _host, connection: _connection, ...headers } = incoming.headers;
    const onward = httpsRequest(
      url,
      { method: incoming.method, headers, agent: this.#agent },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
        answer.once('error', () => outgoing.destroy());
      },
    );
    onward.once('error', () => outgoing.destroy());
    outgoing.once('close', () => onward.destroy());
    incoming.pipe(onward);
  }
}
