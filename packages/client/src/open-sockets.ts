import { Socket } from 'node:net';
import type { buildConnector } from 'undici';

/**
 * The sockets of a connection pool, from the first byte of the handshake to their close.
 *
 * undici 8.12 knows a socket once its handshake is done: one that a silent server keeps in TLS outlives the
 * dispatcher that asked for it, and the process with it, until its connect time-out.
 */
export class OpenSockets {
  readonly #open: Set<Socket> = new Set();
  #isClosed = false;

  /** The same connector, whose sockets are known from their beginning. */
  tracked(connect: buildConnector.connector): buildConnector.connector {
    return (options, callback) => {
      // undici's connectors return their socket, which its types leave out.
      const socket: unknown = connect(options, callback);
      if (socket instanceof Socket) this.add(socket);
    };
  }

  /** Knows a socket from now on; destroys it at once when all are destroyed. */
  add(socket: Socket): void {
    if (this.#isClosed) {
      socket.destroy(poolIsClosed());
      return;
    }
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
  }

  /** Destroys every socket, now and as soon as another one is made. Resolves when those of now are closed. */
  async destroy(): Promise<void> {
    this.#isClosed = true;
    const closed = [...this.#open].map(
      (socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())),
    );
    for (const socket of this.#open) socket.destroy(poolIsClosed());
    await Promise.all(closed);
  }
}

/** Without an error, undici's connector would go on waiting until its time-out. */
function poolIsClosed(): Error {
  return new Error('Cannot finish the handshake: the connection pool is closed');
}
