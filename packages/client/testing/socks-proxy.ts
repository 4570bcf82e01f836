import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A SOCKS5 proxy on loopback. */
export interface SocksProxy extends AsyncDisposable {
  readonly host: string;
  /** The bytes of each request, after the greeting. */
  readonly asked: Buffer[];
}

/** Starts a proxy that makes every tunnel to one port of loopback; with a user it wants that and the password "secret". */
export async function startSocksProxy(options: {
  readonly port: number;
  readonly user?: string;
  readonly reply?: number;
}): Promise<SocksProxy> {
  const { port, user, reply = 0 } = options;
  const asked: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    const tunnel = (request: Buffer): void => {
      asked.push(request);
      // The address is told in two pieces.
      socket.write(Buffer.from([5, reply, 0, 3, 1]));
      setImmediate(() => {
        socket.write(Buffer.from([97, 0, 80]));
        const upstream = connect(port, '127.0.0.1');
        sockets.add(upstream);
        upstream.on('error', () => {});
        socket.pipe(upstream).pipe(socket);
      });
    };
    socket.once('data', () => {
      if (user === undefined) {
        socket.write(Buffer.from([5, 0]));
        socket.once('data', tunnel);
        return;
      }
      socket.write(Buffer.from([5, 2]));
      socket.once('data', (pair) => {
        const isRight = pair.equals(
          Buffer.from(`\u0001${String.fromCodePoint(user.length)}${user}\u0006secret`),
        );
        socket.write(Buffer.from([1, isRight ? 0 : 1]));
        if (isRight) socket.once('data', tunnel);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    // A server that listens on a port has such an address.
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
