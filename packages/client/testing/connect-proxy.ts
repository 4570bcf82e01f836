import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A proxy on loopback. */
export interface ConnectProxy extends AsyncDisposable {
  readonly url: string;
  /** Where tunnels were asked to end, in order. */
  readonly tunnels: string[];
  /** How they were asked for. */
  readonly heads: string[];
}

/** Starts a proxy that understands CONNECT and nothing else, or refuses that by a status line. */
export async function startProxy(
  options: { readonly refuse?: string } = {},
): Promise<ConnectProxy> {
  const tunnels: string[] = [];
  const heads: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', (head) => {
      const text = head.toString('latin1');
      const target = /^CONNECT (\S+)/.exec(text)?.[1] ?? '';
      tunnels.push(target);
      heads.push(text);
      if (options.refuse !== undefined) {
        socket.end(`${options.refuse}\r\ncontent-length: 0\r\n\r\n`);
        return;
      }
      const [host = '', port] = target.split(':');
      const upstream = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        socket.pipe(upstream).pipe(socket);
      });
      sockets.add(upstream);
      upstream.on('error', () => socket.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    // A server that listens on a port has such an address.
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tunnels,
    heads,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
