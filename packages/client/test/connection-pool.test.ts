import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { ConnectionPool } from '../src/connection-pool.ts';
import type { PoolRequest, PoolTarget } from '../src/transport.ts';

const request: PoolRequest = {
  method: 'GET',
  path: '/',
  headers: {},
  signal: new AbortController().signal,
  timeoutMs: 0,
};

interface SilentServer extends AsyncDisposable {
  readonly host: string;
  /** The next connection, at its first bytes. */
  accepted(): Promise<Socket>;
}

/** Accepts connections; says only what it is told to say first. */
async function startSilentServer(greeting = ''): Promise<SilentServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    // A server that listens on a port has such an address.
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async accepted() {
      const [socket] = (await once(server, 'connection')) as [Socket];
      await once(socket, 'data');
      if (greeting !== '') {
        socket.write(greeting);
        await once(socket, 'data');
      }
      socket.resume();
      return socket;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe.each([
  ['HTTP/1.1', false],
  ['HTTP/2', true],
])('closing while a handshake for %s hangs ends its connection', (_, http2) => {
  test('to a server', async () => {
    await using server = await startSilentServer();
    const pool = new ConnectionPool({ origin: `https://${server.host}`, http2 });

    await expect(closeInHandshake(pool, server)).resolves.toMatchObject({ destroyed: true });
  });

  test('to a proxy', async () => {
    await using proxy = await startSilentServer();
    const pool = new ConnectionPool({ ...behind(proxy), http2 });

    await expect(closeInHandshake(pool, proxy)).resolves.toMatchObject({ destroyed: true });
  });

  test('to a server behind a proxy', async () => {
    await using proxy = await startSilentServer('HTTP/1.1 200 OK\r\n\r\n');
    const pool = new ConnectionPool({ ...behind(proxy), http2 });

    await expect(closeInHandshake(pool, proxy)).resolves.toMatchObject({ destroyed: true });
  });
});

function behind(proxy: SilentServer): PoolTarget {
  return { origin: 'https://10.0.0.1', proxyUrl: `http://${proxy.host}` };
}

/** The far side's socket, when it hears of the end, long before the time-out of the handshake. */
async function closeInHandshake(pool: ConnectionPool, server: SilentServer): Promise<Socket> {
  const answer = pool.send({}, request).catch((error: unknown) => error);
  const socket = await server.accepted();
  const ended = once(socket, 'close');
  await pool.close();
  expect(await answer).toBeInstanceOf(Error);
  await ended;
  return socket;
}
