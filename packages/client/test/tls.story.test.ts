import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { writeFileSync } from 'node:fs';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KubeClient } from '../src/kube-client.ts';
import { pods } from '../src/resources-core.ts';
import { makeAuthority, type Authority, type Pair } from '../testing/certificates.ts';
import { answerJson, beginWatch, startServer, type Script } from '../testing/scripted-server.ts';

let authority: Authority;
let serverPair: Pair;
let alice: Pair;
let bob: Pair;

beforeAll(() => {
  authority = makeAuthority();
  serverPair = authority.issue('server');
  alice = authority.issue('alice');
  bob = authority.issue('bob');
});

afterAll(() => authority[Symbol.dispose]());

/** Answers with the name in the client's certificate. */
const whoAmI: Script = ({ socket }, response) => {
  // The server of these tests speaks TLS.
  const { subject } = (socket as TLSSocket).getPeerCertificate();
  answerJson(response, { name: subject?.CN ?? null });
};

describe('TLS', () => {
  test('a server whose certificate the given CA signed is trusted, over one connection', async () => {
    await using server = await startServer(whoAmI, serverPair);
    await using client = new KubeClient({ server: server.url, ca: authority.ca });

    for (let i = 0; i < 20; i += 1) await client.request('/version');

    expect(server.accepted).toBe(1);
  });

  test('a server that nobody vouches for is refused, and the error names it and keeps the code', async () => {
    await using server = await startServer(whoAmI, serverPair);
    await using client = new KubeClient({ server: server.url });

    const error: unknown = await client.request('/version').catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({
      name: 'ConnectionError',
      server: server.url,
      code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      message: `Cannot reach server ${server.url}: unable to verify the first certificate; give the certificates of the cluster's authority as option "ca" or "caFile", or as certificate-authority-data of the kubeconfig`,
    });
  });

  test('authorities in a file are read again as soon as they do not vouch for the server any more', async () => {
    using other = makeAuthority();
    await using server = await startServer(whoAmI, serverPair);
    const caFile = join(authority.folder, 'rotating-ca.crt');
    writeFileSync(caFile, other.ca);
    const clock = new FakeClock();
    await using client = new KubeClient({ server: server.url, caFile, clock });
    await expect(client.request('/version')).rejects.toThrow('unable to verify');

    writeFileSync(caFile, authority.ca);

    expect(await client.request('/version')).toEqual({ name: null });
  });

  test('skipTLSVerify accepts any certificate', async () => {
    await using server = await startServer(whoAmI, serverPair);
    await using client = new KubeClient({ server: server.url, skipTLSVerify: true });

    expect(await client.request('/version')).toEqual({ name: null });
  });

  test('servername says which name to expect in the certificate', async () => {
    const named = authority.issue('named', 'DNS:kubernetes.default');
    await using server = await startServer(whoAmI, named);
    const options = { server: server.url, ca: authority.ca };
    await using right = new KubeClient({ ...options, servername: 'kubernetes.default' });
    await using wrong = new KubeClient(options);

    expect(await right.request('/version')).toEqual({ name: null });
    await expect(wrong.request('/version')).rejects.toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
      message: expect.stringContaining('; option "servername" says which name to expect'),
    });
  });

  test('a server that offers HTTP/2 is spoken to in HTTP/1.1 when the option says so', async () => {
    const versions: string[] = [];
    const server = createSecureServer({ ...serverPair, allowHTTP1: true }, (request, response) => {
      versions.push(request.httpVersion);
      response.end('ok');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    // A server that listens on a port has such an address.
    const { port } = server.address() as AddressInfo;
    const options = { server: `https://127.0.0.1:${port}`, ca: authority.ca, http2: false };
    const client = new KubeClient(options);

    await client.request('/version');

    expect(versions).toEqual(['1.1']);
    await client.close();
    await new Promise((resolve) => server.close(resolve));
  });

  test('a client certificate is shown', async () => {
    const tls = { ...serverPair, ca: authority.ca, requestCert: true };
    await using server = await startServer(whoAmI, tls);
    await using client = new KubeClient({ server: server.url, ca: authority.ca, ...alice });

    expect(await client.request('/version')).toEqual({ name: 'alice' });
  });

  test('while the files of certificate and key are replaced, the pair that was read before goes on being used', async () => {
    const { ca } = authority;
    const certFile = join(authority.folder, 'halves.crt');
    const keyFile = join(authority.folder, 'halves.key');
    writeFileSync(certFile, alice.cert);
    writeFileSync(keyFile, alice.key);
    const clock = new FakeClock();
    await using server = await startServer(whoAmI, { ...serverPair, ca, requestCert: true });
    await using client = new KubeClient({ server: server.url, ca, certFile, keyFile, clock });
    await client.request('/version');

    writeFileSync(certFile, bob.cert);
    await clock.stepAsync(60_000);
    const between = await client.request('/version');
    writeFileSync(keyFile, bob.key);
    await clock.stepAsync(60_000);

    expect(between).toEqual({ name: 'alice' });
    expect(await client.request('/version')).toEqual({ name: 'bob' });
  });

  test('a certificate and a key that do not belong together are refused', async () => {
    const { cert } = alice;
    const { key } = bob;
    const config = new KubeConfig();
    config.loadFromOptions({
      clusters: [{ name: 'c', server: 'https://127.0.0.1:1' }],
      users: [{ name: 'u', certData: btoa(cert), keyData: btoa(key) }],
      contexts: [{ name: 'x', cluster: 'c', user: 'u' }],
      currentContext: 'x',
    });
    await using client = new KubeClient(config);

    expect(() => new KubeClient({ server: 'https://127.0.0.1:1', cert, key })).toThrow(
      'Cannot use options "cert" and "key" together: the key is not that of the certificate',
    );
    await expect(client.request('/version')).rejects.toThrow(
      'Cannot use options "client-certificate" and "client-key" together: the key is not that of the certificate',
    );
  });

  test('when the certificate file changes, new requests use it and a watch on the old connection goes on', async () => {
    const certFile = join(authority.folder, 'rotating.crt');
    const keyFile = join(authority.folder, 'rotating.key');
    const write = ({ cert, key }: Pair): void => {
      writeFileSync(certFile, cert);
      writeFileSync(keyFile, key);
    };
    write(alice);
    let sendMore = (): void => {};
    const script: Script = (request, response) => {
      if (!request.url.includes('watch=true')) return whoAmI(request, response);
      beginWatch(response);
      const line = '{"type":"ADDED","object":{}}\n';
      sendMore = () => response.end(line);
      response.write(line);
      return undefined;
    };
    const clock = new FakeClock();
    const tls = { ...serverPair, ca: authority.ca, requestCert: true };
    await using server = await startServer(script, tls);
    const { ca } = authority;
    await using client = new KubeClient({ server: server.url, ca, certFile, keyFile, clock });
    const watch = client.resource(pods).watch()[Symbol.asyncIterator]();
    await watch.next();
    expect(await client.request('/version')).toEqual({ name: 'alice' });

    write(bob);
    await clock.stepAsync(59_999);
    const early = await client.request('/version');
    await clock.stepAsync(1);
    const late = await client.request('/version');

    expect([early, late]).toEqual([{ name: 'alice' }, { name: 'bob' }]);
    sendMore();
    expect(await watch.next()).toMatchObject({ done: false });
    expect(await watch.next()).toMatchObject({ done: true });
    // The connections of the old certificate go away by themselves; only that of the new one stays.
    while (server.open > 1) await new Promise((resolve) => setImmediate(resolve));
    expect(await client.request('/version')).toEqual({ name: 'bob' });
  });
});
