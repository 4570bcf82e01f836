import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** Where to listen, and who answers. */
export interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  /** Answers one request; never throws. */
  readonly answer: (request: IncomingMessage, response: ServerResponse) => void;
}

/** The socket of an HTTP server. Node's HTTP module is loaded with the first one that is opened. */
export class Listener {
  readonly #options: ListenerOptions;
  #server: Server | undefined;
  #opening: Promise<string> | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  /**
   * Starts to listen; called once.
   *
   * @returns the URL, without a slash at the end
   * @throws Error when the address is taken, or when {@link Listener.close} comes first
   */
  open(): Promise<string> {
    this.#opening = this.#open();
    return this.#opening;
  }

  /** Cuts all connections. When it resolves no socket is left. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #open(): Promise<string> {
    const { host, port, answer } = this.#options;
    const { createServer } = await import('node:http');
    this.#refuseClosed();
    const server = createServer(answer);
    server.keepAliveTimeout = 0;
    server.requestTimeout = 0;
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        server.off('error', reject);
        resolve();
      });
    });
    this.#refuseClosed();
    return urlOf(server);
  }

  async #close(): Promise<void> {
    // A socket that is just being opened cannot be closed before it is there.
    await this.#opening?.catch(() => undefined); // the failure is told to the one who opens
    const server = this.#server;
    if (server?.listening !== true) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  #refuseClosed(): void {
    if (this.#closing === undefined) return;
    throw new Error('Cannot start the API server: it was closed meanwhile, make a new one');
  }
}

function urlOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new Error('Cannot start the API server: it has no TCP address');
  }
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}
