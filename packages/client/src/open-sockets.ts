import type { Socket } from 'node:net';

/** The sockets of a connection pool, from the first byte of the handshake to their close. */
export class OpenSockets {
  readonly #open: Set<Socket> = new Set();
  #isClosed = false;

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

function poolIsClosed(): Error {
  return new Error('Cannot finish the handshake: the connection pool is closed');
}
