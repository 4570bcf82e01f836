import { afterAll, beforeAll, expect, test } from 'vitest';
import { KubeClient } from '../src/kube-client.ts';
import { pods } from '../src/resources-core.ts';
import { makeAuthority, type Authority, type Pair } from '../testing/certificates.ts';
import { respondJson, respondWatch, startHttp2Server } from '../testing/http2-server.ts';
import { startProxy } from '../testing/connect-proxy.ts';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';

let authority: Authority;
let pair: Pair;

beforeAll(() => {
  authority = makeAuthority();
  pair = authority.issue('server');
});

afterAll(() => authority[Symbol.dispose]());

interface Http1Server extends AsyncDisposable {
  readonly url: string;
  readonly accepted: () => number;
}

/** A server that knows nothing of HTTP/2. */
async function startHttp1Server(): Promise<Http1Server> {
  let accepted = 0;
  const server = createServer(pair, (_, response) =>
    response.setHeader('content-type', 'application/json').end('{"ok":true}'),
  );
  server.on('secureConnection', () => (accepted += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    // A server that listens on a port has such an address.
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    accepted: () => accepted,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('a server that does not offer HTTP/2 is spoken to in HTTP/1.1, over the connection that found it out', async () => {
  await using server = await startHttp1Server();
  await using client = new KubeClient({ server: server.url, ca: authority.ca, http2: true });

  for (let i = 0; i < 5; i += 1) expect(await client.request('/x')).toEqual({ ok: true });

  expect(server.accepted()).toBe(1);
});

test('many calls at once find it out together', async () => {
  await using server = await startHttp1Server();
  await using client = new KubeClient({ server: server.url, ca: authority.ca, http2: true });

  const answers = await Promise.all(Array.from({ length: 10 }, () => client.request('/x')));

  expect(answers).toHaveLength(10);
  expect(server.accepted()).toBe(10);
});

test('behind a proxy HTTP/2 goes through one tunnel', async () => {
  await using server = await startHttp2Server((stream, headers) => {
    if (!String(headers[':path']).includes('watch=true')) return respondJson(stream, { ok: true });
    respondWatch(stream);
    stream.write('{"type":"ADDED","object":{}}\n');
    return undefined;
  }, pair);
  await using proxy = await startProxy();
  const options = { server: server.url, ca: authority.ca, proxyUrl: proxy.url, http2: true };
  await using client = new KubeClient(options);

  const watches = Array.from({ length: 10 }, () => client.resource(pods).watch());
  await Promise.all(watches.map((watch) => watch[Symbol.asyncIterator]().next()));
  expect(await client.request('/x')).toEqual({ ok: true });

  expect(proxy.tunnels).toEqual([new URL(server.url).host]);
});

test('behind a proxy a server without HTTP/2 is spoken to in HTTP/1.1', async () => {
  await using server = await startHttp1Server();
  await using proxy = await startProxy();
  const options = { server: server.url, ca: authority.ca, proxyUrl: proxy.url, http2: true };
  await using client = new KubeClient(options);

  expect(await client.request('/x')).toEqual({ ok: true });
});

test('a proxy that refuses a tunnel fails the call with its answer, and is given the credentials of its URL', async () => {
  await using proxy = await startProxy({ refuse: 'HTTP/1.1 407 Proxy Authentication Required' });
  const proxyUrl = proxy.url.replace('//', '//me:s%20cret@');
  const options = { server: 'https://10.0.0.1', proxyUrl, http2: true };
  await using client = new KubeClient(options);

  await expect(client.request('/x')).rejects.toThrow(
    'Cannot reach server https://10.0.0.1: the proxy answered 407 instead of opening a tunnel',
  );
  expect(proxy.heads[0]).toContain(
    `authorization: Basic ${Buffer.from('me:s cret').toString('base64')}`,
  );
});
