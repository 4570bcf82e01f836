import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Stands between a client and a server and counts; TLS goes through untouched. */
export interface CountingProxy extends AsyncDisposable {
  readonly url: string;
  /** How many connections there ever were. */
  readonly accepted: () => number;
  /** How many bytes the client has sent. */
  readonly up: () => number;
  /** How many bytes the server has sent. */
  readonly down: () => number;
}

/** Starts a proxy before the server at that URL. */
export async function startCountingProxy(server: string): Promise<CountingProxy> {
  const { hostname, port } = new URL(server);
  const sockets = new Set<Socket>();
  let accepted = 0;
  let up = 0;
  let down = 0;
  const proxy = createServer((client) => {
    accepted += 1;
    const upstream = connect(Number(port), hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      // Its close follows.
      socket.on('error', () => {});
      socket.once('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (chunk: Buffer) => (up += chunk.length));
    upstream.on('data', (chunk: Buffer) => (down += chunk.length));
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    // A server that listens on a port has such an address.
    url: `https://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    accepted: () => accepted,
    up: () => up,
    down: () => down,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
