import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { KubeClient } from '../src/kube-client.ts';
import { makeAuthority } from '../testing/certificates.ts';
import { answerJson, startServer } from '../testing/scripted-server.ts';

interface Proxy extends AsyncDisposable {
  readonly url: string;
  readonly tunnels: string[];
}

/** A proxy that understands CONNECT and nothing else. */
async function startProxy(): Promise<Proxy> {
  const tunnels: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', (head) => {
      const target = /^CONNECT (\S+)/.exec(head.toString('latin1'))?.[1] ?? '';
      tunnels.push(target);
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
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('requests go through the proxy, over one tunnel that ends at the server', async () => {
  using authority = makeAuthority();
  await using server = await startServer(
    (_, response) => answerJson(response, { ok: true }),
    authority.issue('server'),
  );
  await using proxy = await startProxy();
  const options = { server: server.url, ca: authority.ca, proxyUrl: proxy.url };
  await using client = new KubeClient(options);

  for (let i = 0; i < 5; i += 1) expect(await client.request('/x')).toEqual({ ok: true });

  expect(proxy.tunnels).toEqual([new URL(server.url).host]);
});
