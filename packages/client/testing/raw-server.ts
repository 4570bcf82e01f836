import { createServer, type AddressInfo, type Socket } from 'node:net';

/** A TCP server on loopback that says whatever bytes a test wants. */
export interface RawServer extends AsyncDisposable {
  readonly url: string;
  /** How many connections are open. */
  readonly open: number;
  /** How many connections were accepted so far. */
  readonly accepted: number;
}

/** Starts a server that calls `onRequest` for each piece that a client sends, and ignores errors of its sockets. */
export async function startRawServer(onRequest: (socket: Socket) => void): Promise<RawServer> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  const server = createServer((socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', () => onRequest(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server on TCP that listens has such an address.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    get open() {
      return sockets.size;
    },
    get accepted() {
      return accepted;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Writes until the other side has left, only as fast as it reads. */
export async function pour(socket: Socket, chunk: string | Buffer): Promise<void> {
  while (!socket.destroyed) {
    if (socket.write(chunk)) await new Promise((resolve) => setImmediate(resolve));
    else
      await new Promise<void>((resolve) => {
        const done = (): void => {
          socket.off('drain', done).off('close', done);
          resolve();
        };
        socket.on('drain', done).on('close', done);
      });
  }
}
