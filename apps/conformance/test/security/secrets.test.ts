import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeClient, loadKubeConfig } from '@kubeloop/client';
import { KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Evidence, useEverything } from './evidence.ts';

vi.setConfig({ testTimeout: 60_000 });

const token = 'SECRET-TOKEN-aaaaaaaaaa';
const password = 'SECRET-PASSWORD-bbbbbbb';
const pluginToken = 'SECRET-PLUGIN-ccccccccc';
const proxyPassword = 'SECRET-PROXY-ddddddddd';
const passphrase = 'SECRET-PHRASE-eeeeeeee';
const basic = (user: string, secret: string): string =>
  Buffer.from(`${user}:${secret}`).toString('base64');

let folder: string;
let certificate: { readonly cert: string; readonly key: string };
let secrets: readonly string[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubeloop-security-'));
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const name = ['-subj', '/CN=someone', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', ['req', '-x509', ...newKey, '-keyout', 'key', '-out', 'crt', ...name], {
    cwd: folder,
    stdio: 'pipe',
  });
  const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
  certificate = { cert: read('crt'), key: read('key') };
  const keyLines = certificate.key
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('-'));
  secrets = [
    'SECRET-',
    basic('alice', password),
    basic('proxy-user', proxyPassword),
    Buffer.from('SECRET-').toString('base64').slice(0, 9),
    ...keyLines.map((line) => line.slice(0, 24)),
  ];
});

afterAll(() => rmSync(folder, { recursive: true }));

function kubeConfig(cluster: object, user: object): KubeConfig {
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name: 'c', skipTLSVerify: true, ...cluster }],
    users: [{ name: 'u', ...user }],
    contexts: [{ name: 'x', cluster: 'c', user: 'u' }],
    currentContext: 'x',
  });
  return config;
}

const plugin = (script: string): object => ({
  exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args: ['-c', script] },
});

/** Every way of showing who one is, to a server. */
const identities: Readonly<Record<string, (server: string) => KubeClient>> = {
  'a token': (server) => new KubeClient({ server, skipTLSVerify: true, token, maxRetries: 0 }),
  'a function that gives a token': (server) =>
    new KubeClient({ server, skipTLSVerify: true, token: () => token, maxRetries: 0 }),
  'a password': (server) =>
    new KubeClient({ server, skipTLSVerify: true, username: 'alice', password, maxRetries: 0 }),
  'a client certificate': (server) =>
    new KubeClient({ server, skipTLSVerify: true, ...certificate, passphrase, maxRetries: 0 }),
  'a plugin': (server) =>
    new KubeClient({
      kubeConfig: kubeConfig({ server }, plugin(`echo '{"status":{"token":"${pluginToken}"}}'`)),
      maxRetries: 0,
    }),
  'a proxy with a password': (server) =>
    new KubeClient({
      server,
      skipTLSVerify: true,
      token,
      proxyUrl: server.replace('//', `//proxy-user:${proxyPassword}@`),
      maxRetries: 0,
    }),
};

const answer =
  (code: number, body: string, type = 'application/json'): RequestListener =>
  (_, response) =>
    void response.writeHead(code, { 'content-type': type }).end(body);

/** Every way of failing. */
const failures: Readonly<Record<string, RequestListener | 'refused' | 'self-signed' | 'no TLS'>> = {
  'answers 401': answer(401, '{"kind":"Status","code":401,"message":"Unauthorized"}'),
  'answers 403': answer(403, '{"kind":"Status","code":403,"message":"Forbidden"}'),
  'answers 500': answer(500, 'broken', 'text/plain'),
  'asks for the password of a proxy': answer(407, ''),
  'answers a page': answer(200, '<p>Log in</p>', 'text/html'),
  'answers what is no JSON': answer(200, '{"kind":'),
  'breaks the connection': ({ socket }) => socket.destroy(),
  'is not there': 'refused',
  'speaks no TLS': 'no TLS',
  'has a certificate that nobody vouches for': 'self-signed',
};

async function withServer(
  failure: RequestListener | 'refused' | 'self-signed' | 'no TLS',
  use: (url: string) => Promise<void>,
): Promise<void> {
  const listener = typeof failure === 'function' ? failure : answer(403, '');
  const isTls = failure === 'self-signed';
  const server = isTls ? createTlsServer(certificate, listener) : createServer(listener);
  server.on('connect', (_, socket) => void socket.end('HTTP/1.1 407 Proxy\r\n\r\n'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server on TCP that listens has such an address.
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  if (failure === 'refused') await close();
  try {
    await use(`${isTls || failure === 'no TLS' ? 'https' : 'http'}://127.0.0.1:${port}`);
  } finally {
    if (failure !== 'refused') await close();
  }
}

describe('no credential is in anything that is thrown, logged, warned of or described', () => {
  test.concurrent.each(
    Object.entries(identities).flatMap(([identity, clientOf]) =>
      Object.entries(failures).map(([what, failure]) => ({ identity, what, clientOf, failure })),
    ),
  )('when the server $what and who one is shown by $identity', async ({ clientOf, failure }) => {
    const evidence = new Evidence();

    await withServer(failure, (url) => useEverything(clientOf(url), evidence));

    expect(evidence.size).toBeGreaterThan(20);
    expect(evidence.found(secrets)).toEqual([]);
  });

  test('when a certificate is not trusted and verified', async () => {
    const evidence = new Evidence();

    await withServer('self-signed', (server) =>
      useEverything(new KubeClient({ server, token, ...certificate, maxRetries: 0 }), evidence),
    );

    expect(evidence.found(secrets)).toEqual([]);
  });

  test.each([
    ['prints a bare token', `echo ${pluginToken}`],
    ['prints half of its JSON', `printf '{"status":{"token":"${pluginToken}'`],
    ['prints JSON of something else', `echo '["${pluginToken}"]'`],
    ['prints a token that no header can carry', `echo '{"status":{"token":"${pluginToken}\\n"}}'`],
    ['prints a token and fails', `echo ${pluginToken}; exit 1`],
  ])('when a plugin %s', async (_, script) => {
    const evidence = new Evidence();

    await withServer(answer(401, ''), (server) =>
      useEverything(
        new KubeClient({ kubeConfig: kubeConfig({ server }, plugin(script)), maxRetries: 0 }),
        evidence,
      ),
    );

    expect(evidence.found(secrets)).toEqual([]);
  });
});

describe('no credential is in the error of options that are refused', () => {
  const common = { server: 'https://127.0.0.1:1', skipTLSVerify: true };
  const broken = '-----BEGIN PRIVATE KEY-----\nSECRET-KEY\n-----END PRIVATE KEY-----\n';

  test.each<[string, () => unknown]>([
    ['user and password in the URL', () => ({ server: `https://u:${password}@h` })],
    ['them in what is no URL', () => ({ server: `https://u:${password}@h:99999` })],
    ['them in a URL without a scheme', () => ({ server: `u:${password}@h` })],
    ['them with another scheme', () => ({ server: `ftp://u:${password}@h/` })],
    ['a token in the query', () => ({ server: `https://h/?token=${token}` })],
    ['a token with a line break', () => ({ ...common, token: `${token}\n` })],
    ['a proxy that is none', () => ({ ...common, proxyUrl: `u:${proxyPassword}@h:x` })],
    ['a proxy of another kind', () => ({ ...common, proxyUrl: `ftp://u:${proxyPassword}@h` })],
    ['a key that is broken', () => ({ ...common, cert: certificate.cert, key: broken })],
    ['a key without a certificate', () => ({ ...common, key: certificate.key })],
    ['a key for a certificate', () => ({ ...common, ca: certificate.key })],
    ['a token and a password', () => ({ ...common, token, username: 'u', password })],
    [
      'a kubeconfig with a password in the URL',
      () => ({ kubeConfig: kubeConfig({ server: `https://u:${password}@h:99999` }, { token }) }),
    ],
  ])('%s', async (_, options) => {
    const evidence = new Evidence();

    try {
      // The options are wrong on purpose.
      const client = new KubeClient(options() as ConstructorParameters<typeof KubeClient>[0]);
      await using _ = client;
      await client.request('/version');
    } catch (error) {
      evidence.add(error);
    }

    expect(evidence.size).toBeGreaterThan(0);
    expect(evidence.found(secrets)).toEqual([]);
  });

  test.each([
    ['is no YAML', `users:\n- user: {token: ${token}\n password: [${password}`],
    ['has a tab', `users:\n\t- token: ${token}`],
    ['has a member twice', `a: 1\ntoken: ${token}\ntoken: ${token}`],
    ['is a list', `- token: ${token}`],
    ['is a text', token],
    ['has users that are none', `users: ${token}\nclusters: []`],
    ['has a user without a name', `users: [{user: {token: ${token}}}]\nclusters: []\ncontexts: []`],
  ])('a kubeconfig that %s', async (_, text) => {
    const path = join(folder, 'config');
    writeFileSync(path, text);
    const evidence = new Evidence();

    try {
      const kubeConfig = await loadKubeConfig({ path });
      void new KubeClient({ kubeConfig });
    } catch (error) {
      evidence.add(error);
    }

    expect(evidence.size).toBeGreaterThan(0);
    expect(evidence.found(secrets)).toEqual([]);
  });
});
