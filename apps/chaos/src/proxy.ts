import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

import { Pipe } from './pipe.ts';
import type { Direction, Trouble } from './pipe.ts';

/** One connection of the subject and its counterpart to the server. */
export interface Link {
  readonly client: Socket;
  readonly upstream: Socket;
  readonly up: Pipe;
  readonly down: Pipe;
}

/**
 * Stands between a subject and a server, passes bytes on, and makes trouble when told to. TLS goes through untouched.
 *
 * Trouble that is set for all links holds for new ones as well, until {@link Proxy.heal}.
 */
export class Proxy {
  readonly #target: { readonly host: string; readonly port: number };
  readonly #links = new Set<Link>();
  #server: Server | undefined;
  #port = 0;
  #trouble: { readonly trouble: Trouble; readonly direction: Direction } | undefined;
  #accepted = 0;

  constructor(target: { readonly host: string; readonly port: number }) {
    this.#target = target;
  }

  /** The port it listens on, the same over its whole life. */
  get port(): number {
    return this.#port;
  }

  /** The connections that are open, oldest first. */
  get links(): readonly Link[] {
    return [...this.#links];
  }

  /** How many connections there ever were. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Listens; again at the same port after {@link Proxy.refuse}. */
  async listen(): Promise<void> {
    if (this.#server !== undefined) return;
    const server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
    // At once, so that a second call meanwhile does not listen at the same port.
    this.#server = server;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once('error', reject);
    server.listen(this.#port, '127.0.0.1', resolve);
    await promise;
    const address = server.address();
    if (address !== null && typeof address === 'object') this.#port = address.port;
  }

  /** Refuses new connections, as a server that is not there; those that are open go on. */
  async refuse(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    // close() waits for the connections, which are not to be closed: listening ends at once all the same.
    server?.close();
  }

  /** Sets trouble for one link or, without one, for all present and future ones. */
  trouble(trouble: Trouble, direction: Direction, link?: Link): void {
    if (link === undefined) this.#trouble = { trouble, direction };
    for (const each of link === undefined ? this.#links : [link]) afflict(each, trouble, direction);
  }

  /** Ends all trouble. Links that swallow stay as they are, as nobody can bring such a connection back. */
  heal(): void {
    this.#trouble = undefined;
    for (const link of this.#links) {
      link.up.heal();
      link.down.heal();
    }
  }

  /** Cuts links, each way with a FIN after the bytes that wait (`end`), or with a RST (`reset`), or by just closing (`destroy`). */
  cut(how: 'end' | 'reset' | 'destroy', links: readonly Link[] = this.links): void {
    for (const { client, upstream } of links) {
      if (how === 'end') {
        client.end();
        upstream.end();
      } else if (how === 'reset') {
        reset(client);
        reset(upstream);
      } else {
        client.destroy();
        upstream.destroy();
      }
    }
  }

  /** Stops listening and cuts everything. */
  async close(): Promise<void> {
    await this.refuse();
    this.cut('destroy');
  }

  #accept(client: Socket): void {
    this.#accepted += 1;
    const upstream = connect({ ...this.#target, allowHalfOpen: true });
    const cut = (): void => {
      client.destroy();
      upstream.destroy();
    };
    const link: Link = {
      client,
      upstream,
      up: new Pipe(client, upstream, cut),
      down: new Pipe(upstream, client, cut),
    };
    this.#links.add(link);
    // A swallowed connection that the subject gives up is over.
    client.once('end', () => (link.up.isSwallowing || link.down.isSwallowing) && cut());
    client.setNoDelay(true);
    upstream.setNoDelay(true);
    let open = 2;
    const closed = (): void => {
      open -= 1;
      if (open === 0) this.#links.delete(link);
      link.up.close();
      link.down.close();
      // Half a connection is of no use to anybody, unless it is swallowed: then the subject must not learn of it.
      if (!link.up.isSwallowing && !link.down.isSwallowing) cut();
      else if (client.destroyed) upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      socket.on('error', () => undefined); // Its close follows.
      socket.once('close', closed);
    }
    if (this.#trouble !== undefined) afflict(link, this.#trouble.trouble, this.#trouble.direction);
  }
}

/** A socket that has sent its FIN cannot be reset any more: libuv refuses, and Node then never closes it. */
function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

function afflict(link: Link, trouble: Trouble, direction: Direction): void {
  if (direction !== 'down') link.up.afflict(trouble);
  if (direction !== 'up') link.down.afflict(trouble);
}
