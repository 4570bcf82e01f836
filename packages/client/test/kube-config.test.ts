import { KubeConfig } from '@kubernetes/client-node';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KubeClientOptions } from '../src/client-options.ts';
import { KubeClient } from '../src/kube-client.ts';
import type { KubeConfigLike } from '../src/kube-config-like.ts';
import { loadKubeConfig } from '../src/load-kube-config.ts';
import { makeAuthority, type Authority } from '../testing/certificates.ts';
import { answerJson, answerStatus, startServer, type Script } from '../testing/scripted-server.ts';

let authority: Authority;
let folder: string;

beforeAll(() => {
  authority = makeAuthority();
  folder = mkdtempSync(join(tmpdir(), 'kubeloop-client-'));
});

afterAll(() => {
  authority[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const echo: Script = ({ headers, socket }, response) => {
  const certificate = 'getPeerCertificate' in socket && (socket as TLSSocket).getPeerCertificate();
  answerJson(response, {
    authorization: headers.authorization,
    impersonate: headers['impersonate-user'],
    certificate: certificate ? certificate.subject?.CN : undefined,
  });
};

/** Echoes whoever has the token `new`. */
const refuseOldTokens: Script = (request, response) =>
  request.headers.authorization === 'Bearer new'
    ? echo(request, response)
    : answerStatus(response, { code: 401 });

/** A kubeconfig with one cluster, one user and one context. */
function kubeConfig(cluster: object, user?: object): KubeConfig {
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name: 'c', ...cluster }],
    users: user ? [{ name: 'u', ...user }] : [],
    contexts: [{ name: 'x', cluster: 'c', user: user ? 'u' : '' }],
    currentContext: 'x',
  });
  return config;
}

describe('a KubeConfig of client-node', () => {
  test('its token is used, over one connection', async () => {
    await using server = await startServer(echo);
    const config = kubeConfig({ server: server.url, skipTLSVerify: true }, { token: 'abc' });
    await using client = new KubeClient(config);

    for (let i = 0; i < 10; i += 1)
      expect(await client.request('/x')).toEqual({ authorization: 'Bearer abc' });

    expect(server.accepted).toBe(1);
  });

  test('a line break at the end of its token does not matter', async () => {
    await using server = await startServer(echo);
    const config = kubeConfig({ server: server.url, skipTLSVerify: true }, { token: 'abc\n' });
    await using client = new KubeClient(config);

    expect(await client.request('/x')).toEqual({ authorization: 'Bearer abc' });
  });

  test.each([
    { server: 'https://b' },
    { token: 'secret' },
    { proxyUrl: 'http://b' },
    { skipTLSVerify: false },
    { caFile: 'ca.crt' },
  ])('another cluster or user beside it is refused: %j', (more) => {
    const config = kubeConfig({ server: 'https://a' });

    expect(() => new KubeClient({ kubeConfig: config, ...more })).toThrow(
      `Cannot use options "kubeConfig" and "${Object.keys(more)[0]}" together: the kubeconfig says it`,
    );
  });

  test('none at all, said in so many words, leaves the other options', async () => {
    const kubeConfig = undefined;
    // What a program without types may give.
    const options = { kubeConfig, server: 'https://a' } as unknown as KubeClientOptions;
    await using client = new KubeClient(options);

    expect(client.server).toBe('https://a');
  });

  test('its certificates are used, over one connection', async () => {
    const { cert, key } = authority.issue('server');
    const alice = authority.issue('alice');
    const ca = authority.ca;
    await using server = await startServer(echo, { cert, key, ca, requestCert: true });
    const user = { certData: base64(alice.cert), keyData: base64(alice.key) };
    const config = kubeConfig({ server: server.url, caData: base64(ca) }, user);
    await using client = new KubeClient({ kubeConfig: config, maxRetries: 0 });

    for (let i = 0; i < 10; i += 1)
      expect(await client.request('/x')).toEqual({ certificate: 'alice' });

    expect(server.accepted).toBe(1);
  });

  test('a proxy and a name of the server that are empty are none', async () => {
    let asked: unknown;
    const { cert, key } = authority.issue('server', 'DNS:localhost');
    const SNICallback = (name: string, done: (error: null) => void): void => {
      asked = name;
      done(null);
    };
    await using server = await startServer(echo, { cert, key, SNICallback });
    const config = kubeConfig({
      server: server.url.replace('127.0.0.1', 'localhost'),
      caData: base64(authority.ca),
      proxyUrl: '',
      tlsServerName: '',
    });
    await using client = new KubeClient(config);

    expect(await client.request('/x')).toEqual({});
    expect(asked).toBe('localhost');
  });

  test('user name, password and impersonation are used', async () => {
    await using server = await startServer(echo);
    const user = { username: 'me', password: 'secret', impersonateUser: 'other' };
    const config = kubeConfig({ server: server.url, skipTLSVerify: true }, user);
    await using client = new KubeClient(config);

    expect(await client.request('/x')).toEqual({
      authorization: `Basic ${base64('me:secret')}`,
      impersonate: 'other',
    });
  });

  test('the CA of the cluster is used although the context has no user', async () => {
    await using server = await startServer(echo, authority.issue('server'));
    const config = kubeConfig({ server: server.url, caData: base64(authority.ca) });
    await using client = new KubeClient(config);

    expect(await client.request('/x')).toEqual({});
  });

  test('an exec plugin gives the token', async () => {
    await using server = await startServer(echo);
    const credential = { kind: 'ExecCredential', status: { token: 'from-plugin' } };
    const exec = {
      command: process.execPath,
      args: ['-e', `console.log('${JSON.stringify(credential)}')`],
    };
    const config = kubeConfig({ server: server.url, skipTLSVerify: true }, { exec });
    await using client = new KubeClient(config);

    expect(await client.request('/x')).toEqual({ authorization: 'Bearer from-plugin' });
  });

  test('an exec plugin is asked again when the server refuses what it gave, although it named no end', async () => {
    await using server = await startServer(refuseOldTokens);
    const path = join(folder, 'credential.json');
    const write = (token: string): void =>
      writeFileSync(path, JSON.stringify({ kind: 'ExecCredential', status: { token } }));
    const config = kubeConfig(
      { server: server.url, skipTLSVerify: true },
      { exec: { command: 'cat', args: [path] } },
    );
    await using client = new KubeClient(config);
    write('old');
    await expect(client.request('/x')).rejects.toMatchObject({ code: 401 });

    write('new');

    expect(await client.request('/x')).toEqual({ authorization: 'Bearer new' });
  });

  test('the token file of a pod is read again when the server refuses what was in it', async () => {
    await using server = await startServer(refuseOldTokens);
    const tokenFile = join(folder, 'pod-token');
    writeFileSync(tokenFile, 'old');
    const config = kubeConfig(
      { server: server.url, skipTLSVerify: true },
      { authProvider: { name: 'tokenFile', config: { tokenFile } } },
    );
    await using client = new KubeClient(config);
    await expect(client.request('/x')).rejects.toThrow('refused the credentials');

    writeFileSync(tokenFile, 'new');

    expect(await client.request('/x')).toEqual({ authorization: 'Bearer new' });
  });

  test('an exec plugin that fails fails the call with its words and the name of the server', async () => {
    await using server = await startServer(echo);
    const exec = {
      command: process.execPath,
      args: ['-e', 'console.error("no login"); process.exit(1)'],
    };
    const config = kubeConfig({ server: server.url, skipTLSVerify: true }, { exec });
    await using client = new KubeClient(config);

    await expect(client.request('/x')).rejects.toThrow(
      `Cannot get credentials for server ${server.url}: no login`,
    );
  });

  test('http without skipTLSVerify is refused', () => {
    expect(() => new KubeClient(kubeConfig({ server: 'http://127.0.0.1:1' }))).toThrow(
      'http is not encrypted',
    );
  });

  test('no current context, or one that leads nowhere, is refused', () => {
    const lost = kubeConfig({ server: 'https://a' });
    lost.contexts = [{ name: 'x', cluster: 'gone', user: 'u' }];

    expect(() => new KubeClient(new KubeConfig())).toThrow('it has no current context');
    expect(() => new KubeClient(lost)).toThrow(
      'Cannot use the kubeconfig: its context "x" names cluster "gone", which it does not define',
    );
    lost.contexts = [];
    expect(() => new KubeClient(lost)).toThrow('its current context "x" does not exist');
  });

  test('a context that names a user who is not there is refused instead of going on as nobody', () => {
    const config = kubeConfig({ server: 'https://a' }, { token: 'a' });
    config.users = [];

    expect(() => new KubeClient(config)).toThrow(
      'Cannot use the kubeconfig: its context "x" names user "u", which it does not define',
    );
  });

  test('what client-node makes up where it finds nothing is refused as no kubeconfig', () => {
    const config = new KubeConfig();
    config.loadFromClusterAndUser(
      { name: 'cluster', server: 'http://localhost:8080', skipTLSVerify: false },
      { name: 'user' },
    );

    expect(() => new KubeClient(config)).toThrow(
      'Cannot use the kubeconfig: there is none, neither where KUBECONFIG says nor at ~/.kube/config',
    );
  });

  test('a CA that is not PEM is refused', () => {
    const config = kubeConfig({ server: 'https://a', caData: base64('nonsense') });

    expect(() => new KubeClient(config)).toThrow(
      'Cannot use option "certificate-authority-data": it is not a PEM certificate',
    );
  });

  test('a file of the CA that cannot be read is named', () => {
    const config = kubeConfig({ server: 'https://a', caFile: '/nowhere/ca.crt' });

    expect(() => new KubeClient(config)).toThrow(
      'Cannot read certificate-authority "/nowhere/ca.crt": ENOENT',
    );
  });

  test('changing the context of a KubeConfig that a client uses fails its calls instead of sending them elsewhere', async () => {
    await using server = await startServer(echo);
    const config = kubeConfig({ server: server.url, skipTLSVerify: true }, { token: 'a' });
    config.addContext({ name: 'y', cluster: 'c', user: 'u' });
    await using client = new KubeClient(config);

    config.setCurrentContext('y');

    await expect(client.request('/x')).rejects.toThrow('its context changed from "x" to "y"');
    expect(server.accepted).toBe(0);
  });
});

describe('anything with the methods of a KubeConfig', () => {
  test('is asked again after ten seconds, and at once when the server refuses what it gave', async () => {
    let asked = 0;
    let good = 1;
    const clock = new FakeClock();
    await using server = await startServer((request, response) =>
      request.headers.authorization === `Bearer ${good}`
        ? echo(request, response)
        : answerStatus(response, { code: 401 }),
    );
    const config: KubeConfigLike = {
      getCurrentContext: () => 'x',
      getCurrentCluster: () => ({ name: 'c', server: server.url, skipTLSVerify: true }),
      getCurrentUser: () => null,
      applyToHTTPSOptions: async (options: RequestOptions) => {
        options.headers = { Authorization: `Bearer ${(asked += 1)}` };
      },
    };
    await using client = new KubeClient({ kubeConfig: config, clock });

    await client.request('/x');
    await client.request('/x');
    expect(asked).toBe(1);
    good = 2;
    await client.request('/x');
    expect(asked).toBe(2);
    good = 3;
    clock.step(10_000);
    await client.request('/x');

    expect(asked).toBe(3);
    expect(server.requests).toHaveLength(5);
  });
});

describe('loadKubeConfig', () => {
  const yaml = (server: string): string =>
    JSON.stringify({
      clusters: [{ name: 'c', cluster: { server, 'insecure-skip-tls-verify': true } }],
      users: [
        { name: 'u', user: { token: 'first' } },
        { name: 'v', user: { token: 'second' } },
      ],
      contexts: [
        { name: 'x', context: { cluster: 'c', user: 'u' } },
        { name: 'y', context: { cluster: 'c', user: 'v' } },
      ],
      'current-context': 'x',
    });

  test('a file is loaded, with its own context or another', async () => {
    await using server = await startServer(echo);
    const path = join(folder, 'config');
    writeFileSync(path, yaml(server.url));
    await using first = new KubeClient(await loadKubeConfig({ path }));
    await using second = new KubeClient(await loadKubeConfig({ path, context: 'y' }));

    expect(await first.request('/x')).toEqual({ authorization: 'Bearer first' });
    expect(await second.request('/x')).toEqual({ authorization: 'Bearer second' });
  });

  test('a file that cannot be read is named', async () => {
    await expect(loadKubeConfig({ path: '/nowhere/config' })).rejects.toThrow(
      'Cannot load kubeconfig "/nowhere/config": ENOENT',
    );
  });

  test('a context that does not exist is named', async () => {
    const path = join(folder, 'config');
    writeFileSync(path, yaml('https://a'));

    await expect(loadKubeConfig({ path, context: 'z' })).rejects.toThrow(
      `Cannot use context "z": kubeconfig "${path}" has no such context, choose one of "x", "y"`,
    );
  });
});
