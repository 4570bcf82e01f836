import { KubeConfig } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { KubeClient } from '../src/kube-client.ts';
import { makeAuthority } from '../testing/certificates.ts';
import { startProxy } from '../testing/connect-proxy.ts';
import { startRawServer } from '../testing/raw-server.ts';
import { answerJson, startServer } from '../testing/scripted-server.ts';

test('a tunnel is closed again when nothing can be sent through it, as with a certificate that is broken', async () => {
  await using proxy = await startRawServer((socket) => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
  const broken = '-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n';
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name: 'c', server: 'https://127.0.0.1:1', proxyUrl: proxy.url }],
    users: [{ name: 'u', certData: btoa(broken), keyData: btoa('no key') }],
    contexts: [{ name: 'x', cluster: 'c', user: 'u' }],
    currentContext: 'x',
  });
  await using client = new KubeClient(config);

  await expect(client.request('/x')).rejects.toThrow('Cannot reach server');

  await expect.poll(() => proxy.open).toBe(0);
});

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
