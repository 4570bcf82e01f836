import { expect, test } from 'vitest';
import { KubeClient } from '../src/kube-client.ts';
import { makeAuthority } from '../testing/certificates.ts';
import { startProxy } from '../testing/connect-proxy.ts';
import { answerJson, startServer } from '../testing/scripted-server.ts';

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
