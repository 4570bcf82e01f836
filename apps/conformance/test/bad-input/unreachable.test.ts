import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createTlsServer, type Server } from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiServer } from '@kubeloop/apiserver';
import { configMaps, ConnectionError, KubeClient } from '@kubeloop/client';
import { SharedInformerFactory } from '@kubeloop/informer';
import { Manager } from '@kubeloop/controller';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { namespace, recordingLogger, type Entry } from './running.ts';
import { errorOf, expectNoStrays, until } from './strays.ts';

expectNoStrays();
// Delays between failures go up to 1.6 s at first, and twice as much the next time.
vi.setConfig({ testTimeout: 60_000 });

interface Certificate {
  readonly cert: string;
  readonly key: string;
}

const folder = mkdtempSync(join(tmpdir(), 'kubeloop-'));
let good: Certificate;
let expired: Certificate;
let otherName: Certificate;
beforeAll(() => {
  good = selfSigned('good', 'IP:127.0.0.1');
  otherName = selfSigned('other', 'IP:10.9.8.7');
  expired = { cert: expire('good'), key: good.key };
});
afterAll(() => rmSync(folder, { recursive: true }));

function pathOf(name: string): string {
  return join(folder, name);
}

function selfSigned(name: string, subjectAltName: string): Certificate {
  const [key, cert] = [pathOf(`${name}.key`), pathOf(`${name}.crt`)];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${subjectAltName}`];
  const args = ['req', '-x509', ...kind, '-days', '1', ...names, '-keyout', key, '-out', cert];
  execFileSync('openssl', args, { stdio: 'pipe' });
  return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
}

/** The same certificate, whose time ended yesterday. */
function expire(name: string): string {
  const files = ['-in', pathOf(`${name}.crt`), '-signkey', pathOf(`${name}.key`)];
  return execFileSync('openssl', ['x509', ...files, '-days', '-1'], { stdio: 'pipe' }).toString();
}

/** A TLS server that answers everything with an empty object. */
async function secureServer(options: Certificate): Promise<AsyncDisposable & { url: string }> {
  const server: Server = createTlsServer(options, (_request, response) => response.end('{}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // It listens on TCP.
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}`,
    async [Symbol.asyncDispose](): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A port on which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // It listens on TCP.
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('a call to a server that is down names the server and what the network said', async () => {
  const server = `https://127.0.0.1:${await closedPort()}`;
  await using client = new KubeClient({ server });

  const error = await errorOf(() => client.resource(configMaps).list());

  expect(error).toMatchObject({ name: 'ConnectionError', code: 'ECONNREFUSED', server });
  expect(error.message).toContain(`Cannot reach server ${server}: `);
});

test('a watch of a server that is down fails in the same words', async () => {
  const server = `https://127.0.0.1:${await closedPort()}`;
  await using client = new KubeClient({ server });
  const watch = client.resource(configMaps).watch()[Symbol.asyncIterator]();

  const error = await errorOf(() => watch.next());

  expect(ConnectionError.is(error)).toBe(true);
  expect(error.message).toContain(`Cannot reach server ${server}: `);
});

test('a name that does not resolve is named', async () => {
  await using client = new KubeClient({ server: 'https://no-such-host.invalid:6443' });

  const error = await errorOf(() => client.resource(configMaps).list());

  expect(ConnectionError.is(error)).toBe(true);
  expect(error.message).toContain('https://no-such-host.invalid:6443');
  expect(error.message).toMatch(/ENOTFOUND|EAI_AGAIN/);
});

test('a certificate of an authority that is not trusted is an error with a remedy', async () => {
  await using server = await secureServer(good);
  await using client = new KubeClient({ server: server.url, ca: otherName.cert });

  const error = await errorOf(() => client.request('/version'));

  expect(error).toMatchObject({ name: 'ConnectionError', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  expect(error.message).toContain(`Cannot reach server ${server.url}: self-signed certificate`);
  expect(error.message).toMatch(/"ca"|caFile|certificate-authority/);
});

test('without a CA a private certificate is an error with a remedy', async () => {
  await using server = await secureServer(good);
  await using client = new KubeClient({ server: server.url });

  const error = await errorOf(() => client.request('/version'));

  expect(error.message).toContain(server.url);
  expect(error.message).toMatch(/"ca"|caFile|certificate-authority/);
});

test('a certificate whose time is over says so', async () => {
  await using server = await secureServer(expired);
  await using client = new KubeClient({ server: server.url, ca: expired.cert });

  const error = await errorOf(() => client.request('/version'));

  expect(error).toMatchObject({ name: 'ConnectionError', code: 'CERT_HAS_EXPIRED' });
  expect(error.message).toContain(`Cannot reach server ${server.url}: certificate has expired`);
});

test('a certificate for another name says for which', async () => {
  await using server = await secureServer(otherName);
  await using client = new KubeClient({ server: server.url, ca: otherName.cert });

  const error = await errorOf(() => client.request('/version'));

  expect(error).toMatchObject({ name: 'ConnectionError', code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  expect(error.message).toContain(server.url);
  expect(error.message).toContain('10.9.8.7');
});

test('the right certificate is accepted, so that the errors above are about the certificates', async () => {
  await using server = await secureServer(good);
  await using client = new KubeClient({ server: server.url, ca: good.cert });

  await expect(client.request('/version')).resolves.toBeDefined();
});

test('https to a server that speaks http is an error in one readable line', async () => {
  await using server = new ApiServer();
  await server.start();
  const url = server.url.replace('http:', 'https:');
  await using client = new KubeClient({ server: url });

  const error = await errorOf(() => client.request('/version'));

  expect(error.message).toContain(`Cannot reach server ${url}: `);
  expect(error.message).not.toContain('\n');
  expect(error.message).toContain('http:');
});

test('http to a server that speaks https is an error that says so', async () => {
  await using server = await secureServer(good);
  const url = server.url.replace('https:', 'http:');
  await using client = new KubeClient({ server: url, skipTLSVerify: true, maxRetries: 0 });

  const error = await errorOf(() => client.request('/version'));

  expect(ConnectionError.is(error)).toBe(true);
  expect(error.message).toContain(url);
});

test('caches that cannot be filled from a server that is down name it and the kind', async () => {
  const server = `https://127.0.0.1:${await closedPort()}`;
  await using client = new KubeClient({ server });
  const errors: unknown[] = [];
  await using informers = new SharedInformerFactory(client, {
    onError: (error) => errors.push(error),
  });
  const informer = informers.informerFor(configMaps);
  informers.start();
  await until('the informer has failed', () => informer.lastFailure !== undefined);

  const error = await errorOf(() => informers.waitForCacheSync({ timeoutMs: 1 }));

  expect(error.message).toContain('"configmaps"');
  expect(error.message).toContain(`unreachable, ECONNREFUSED: Cannot reach server ${server}`);
  expect(errors.length).toBeGreaterThan(0);
});

test('a manager waits for a server that is down, says so, and works once the server is up', async () => {
  const port = await closedPort();
  const log: Entry[] = [];
  const reconciled: string[] = [];
  const kubeConfig = { server: `http://127.0.0.1:${port}`, skipTLSVerify: true };
  const logger = recordingLogger(log);
  const manager = new Manager({ kubeConfig, logger, cacheSyncTimeoutMs: 50 });
  manager
    .controller('copier')
    .for(configMaps)
    .reconcile(({ name }) => void reconciled.push(name));
  const stop = new AbortController();
  const running = manager.run({ signal: stop.signal });
  await until('the manager has said what is missing', () =>
    log.some(({ level, fields }) => level === 'error' && 'missing' in fields),
  );
  expect(manager.describe()).toMatchObject({ isReady: false });

  await using server = new ApiServer({ port });
  await server.start();
  await manager.client
    .resource(configMaps)
    .namespace(namespace)
    .create({ metadata: { name: 'first' } });

  await until('the controller works', () => reconciled.includes('first'), 30_000);
  expect(manager.describe()).toMatchObject({ isReady: true });
  const missing = log.find(({ fields }) => 'missing' in fields);
  expect(missing?.fields).toMatchObject({ controller: 'copier' });
  expect(String(missing?.fields['missing'])).toContain('configmaps');
  expect(log.map(({ fields }) => String(fields['error'])).join('\n')).toContain(kubeConfig.server);
  stop.abort();
  await running;
});
