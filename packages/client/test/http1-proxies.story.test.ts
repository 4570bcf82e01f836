import { connect, createServer, type AddressInfo } from 'node:net';
import {
  createServer as createTlsServer,
  getCACertificates,
  setDefaultCACertificates,
} from 'node:tls';
import { describe, expect, test } from 'vitest';
import { KubeClient } from '../src/kube-client.ts';
import { makeAuthority } from '../testing/certificates.ts';
import { startProxy } from '../testing/connect-proxy.ts';
import { startRawServer } from '../testing/raw-server.ts';
import { answerJson, startServer } from '../testing/scripted-server.ts';
import { startSocksProxy } from '../testing/socks-proxy.ts';

const http2 = false;

describe('a proxy that opens tunnels', () => {
  test('gets the user and password of its URL', async () => {
    using authority = makeAuthority();
    const pair = authority.issue('server');
    await using server = await startServer((_, response) => answerJson(response, {}), pair);
    await using proxy = await startProxy();
    const proxyUrl = proxy.url.replace('//', '//me:p%40ss@');
    await using client = new KubeClient({ server: server.url, ca: authority.ca, proxyUrl, http2 });

    await client.request('/x');

    const credentials = Buffer.from('me:p@ss').toString('base64');
    expect(proxy.heads[0]?.toLowerCase()).toContain(
      `proxy-authorization: basic ${credentials}`.toLowerCase(),
    );
    expect(server.requests[0]?.headers).not.toHaveProperty('proxy-authorization');
  });

  test('is quoted when it refuses', async () => {
    await using proxy = await startProxy({ refuse: 'HTTP/1.1 403 Forbidden' });
    const options = { server: 'https://10.0.0.1', proxyUrl: proxy.url, http2 };
    await using client = new KubeClient(options);

    await expect(client.request('/x')).rejects.toThrow(
      'the proxy answered 403 instead of opening a tunnel',
    );
  });

  test('over TLS is recognised by its own name and not by that of the server', async () => {
    using authority = makeAuthority();
    const pair = authority.issue('server', 'DNS:kubernetes');
    await using server = await startServer((_, response) => answerJson(response, { a: 1 }), pair);
    await using proxy = await startProxy();
    const inner = Number(new URL(proxy.url).port);
    const front = createTlsServer(authority.issue('proxy', 'DNS:localhost'), (socket) => {
      socket.on('error', () => {});
      const behind = connect(inner, '127.0.0.1').on('error', () => {});
      socket.pipe(behind).pipe(socket);
    });
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
    const usual = getCACertificates('default');
    setDefaultCACertificates([...usual, authority.ca]);
    // A server that listens on a port has such an address.
    const { port } = front.address() as AddressInfo;
    const options = { server: server.url, servername: 'kubernetes', ca: authority.ca, http2 };
    const right = new KubeClient({ ...options, proxyUrl: `https://localhost:${port}` });
    const wrong = new KubeClient({ ...options, proxyUrl: `https://127.0.0.1:${port}` });

    try {
      expect(await right.request('/x')).toEqual({ a: 1 });
      await expect(wrong.request('/x')).rejects.toMatchObject({
        code: 'ERR_TLS_CERT_ALTNAME_INVALID',
      });
    } finally {
      setDefaultCACertificates(usual);
      await right.close();
      await wrong.close();
      await new Promise((resolve) => front.close(resolve));
    }
  });
});

describe('a proxy that passes plain requests on', () => {
  async function answered(head: string): Promise<{ result: unknown; said: string }> {
    let said = '';
    const proxy = createServer((socket) => {
      socket
        .on('error', () => {})
        .on('data', (data) => {
          said += data.toString('latin1');
          socket.write(`${head}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`);
        });
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    // A server that listens on a port has such an address.
    const { port } = proxy.address() as AddressInfo;
    const proxyUrl = `http://me:secret@127.0.0.1:${port}`;
    const options = { server: 'http://api.example:8080', skipTLSVerify: true, proxyUrl, http2 };
    const client = new KubeClient(options);
    const result: unknown = await client.request('/x').catch((error: unknown) => error);
    await client.close();
    await new Promise((resolve) => proxy.close(resolve));
    return { result, said };
  }

  test('gets the whole URL and its credentials', async () => {
    const { result, said } = await answered('HTTP/1.1 200 OK');

    expect(result).toEqual({});
    expect(said).toMatch(/^GET http:\/\/api\.example:8080\/x HTTP\/1\.1\r\n/);
    expect(said).toMatch(/^host: api\.example:8080\r$/m);
    expect(said).toContain(`Basic ${Buffer.from('me:secret').toString('base64')}`);
  });

  test('that refuses the credentials is not taken for the server', async () => {
    const { result } = await answered('HTTP/1.1 407 Who are you');

    expect(result).toMatchObject({
      name: 'ConnectionError',
      message: expect.stringContaining('the proxy refused the credentials in its URL'),
    });
  });
});

describe('a SOCKS5 proxy', () => {
  test.each([
    ['api.example', Buffer.from('\u0003\u000bapi.example')],
    ['10.1.2.3', Buffer.from([1, 10, 1, 2, 3])],
    ['[fd00::1:2]', Buffer.from([4, 0xfd, 0, ...Array.from({ length: 11 }, () => 0), 1, 0, 2])],
  ])('opens a tunnel to %s', async (host, address) => {
    using authority = makeAuthority();
    const pair = authority.issue('server', 'DNS:kubernetes');
    await using server = await startServer((_, response) => answerJson(response, { a: 1 }), pair);
    await using proxy = await startSocksProxy({ port: Number(new URL(server.url).port) });
    await using client = new KubeClient({
      server: `https://${host}:6443`,
      servername: 'kubernetes',
      ca: authority.ca,
      proxyUrl: `socks5://${proxy.host}`,
    });

    expect(await client.request('/x')).toEqual({ a: 1 });
    expect(await client.request('/y')).toEqual({ a: 1 });

    const port = Buffer.from([6443 >> 8, 6443 & 0xff]);
    expect(proxy.asked).toEqual([Buffer.concat([Buffer.from([5, 1, 0]), address, port])]);
  });

  const options = { server: 'http://a', skipTLSVerify: true, http2 };

  test('gets the user and password of its URL, also for plain requests', async () => {
    await using server = await startRawServer((socket) =>
      socket.write(
        'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{"a":1}',
      ),
    );
    await using proxy = await startSocksProxy({
      port: Number(new URL(server.url).port),
      user: 'me',
    });
    await using right = new KubeClient({
      ...options,
      proxyUrl: `socks5://me:secret@${proxy.host}`,
    });
    await using wrong = new KubeClient({ ...options, proxyUrl: `socks5://me:wrong@${proxy.host}` });
    await using none = new KubeClient({ ...options, proxyUrl: `socks5://${proxy.host}` });

    expect(await right.request('/x')).toEqual({ a: 1 });
    await expect(wrong.request('/x')).rejects.toThrow('refused the credentials in its URL');
    await expect(none.request('/x')).rejects.toThrow(
      'wants credentials that its URL does not have',
    );
  });

  test('that refuses the tunnel says why', async () => {
    await using proxy = await startSocksProxy({ port: 1, reply: 5 });
    await using client = new KubeClient({ ...options, proxyUrl: `socks5://${proxy.host}` });

    await expect(client.request('/x')).rejects.toThrow(
      'the SOCKS proxy opened no tunnel: the connection was refused',
    );
  });
});
