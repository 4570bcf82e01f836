import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inClusterConfig } from '../src/in-cluster.ts';
import { KubeClient } from '../src/kube-client.ts';
import type { ServerOptions } from '../src/server-options.ts';
import { answerJson, answerStatus, startServer, type Script } from '../testing/scripted-server.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubeloop-client-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const echo: Script = ({ headers }, response) =>
  answerJson(response, { authorization: headers.authorization });

/** Accepts one token only. */
function only(token: () => string): Script {
  return (request, response) =>
    request.headers.authorization === `Bearer ${token()}`
      ? echo(request, response)
      : answerStatus(response, { code: 401, reason: 'Unauthorized' });
}

describe('who the client is', () => {
  test('a token goes into the header', async () => {
    await using server = await startServer(echo);
    await using client = new KubeClient({ server: server.url, token: 'abc', skipTLSVerify: true });

    expect(await client.request('/x')).toEqual({ authorization: 'Bearer abc' });
  });

  test('user name and password go into the header', async () => {
    await using server = await startServer(echo);
    const login = { username: 'me', password: 'pässword' };
    await using client = new KubeClient({ server: server.url, ...login, skipTLSVerify: true });

    expect(await client.request('/x')).toEqual({
      authorization: `Basic ${Buffer.from('me:pässword').toString('base64')}`,
    });
  });

  test('a token file is read again after sixty seconds', async () => {
    const tokenFile = write('rotating', 'one\n');
    const clock = new FakeClock();
    await using server = await startServer(echo);
    const options = { server: server.url, tokenFile, clock, skipTLSVerify: true };
    await using client = new KubeClient(options);
    await client.request('/x');
    write('rotating', 'two\n');

    await clock.stepAsync(59_999);
    const early = await client.request('/x');
    await clock.stepAsync(1);
    const late = await client.request('/x');

    expect([early, late]).toEqual([
      { authorization: 'Bearer one' },
      { authorization: 'Bearer two' },
    ]);
  });

  test('a token that the server refuses is read again at once, and the call tried once more', async () => {
    const tokenFile = write('refused', 'one');
    await using server = await startServer(only(() => 'two'));
    await using client = new KubeClient({ server: server.url, tokenFile, skipTLSVerify: true });
    await client.request('/x').catch(() => {});
    write('refused', 'two');

    expect(await client.request('/x')).toEqual({ authorization: 'Bearer two' });
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer one',
      'Bearer one',
      'Bearer two',
    ]);
  });

  test('a function is asked again after ten seconds, and at once when its token is refused', async () => {
    let asked = 0;
    let good = 'token-1';
    const clock = new FakeClock();
    await using server = await startServer(only(() => good));
    const token = async (): Promise<string> => `token-${(asked += 1)}`;
    await using client = new KubeClient({ server: server.url, token, clock, skipTLSVerify: true });
    await client.request('/x');
    await client.request('/x');
    expect(asked).toBe(1);

    good = 'token-2';
    await client.request('/x');
    expect(asked).toBe(2);
    good = 'token-3';
    clock.step(10_000);
    await client.request('/x');

    expect(asked).toBe(3);
    expect(server.requests).toHaveLength(5);
  });

  test('a new token that is refused as well fails the call instead of asking for ever', async () => {
    let asked = 0;
    const token = (): string => `token-${(asked += 1)}`;
    await using server = await startServer(only(() => 'never'));
    await using client = new KubeClient({ server: server.url, token, skipTLSVerify: true });

    await expect(client.request('/x')).rejects.toMatchObject({ code: 401 });
    expect(server.requests).toHaveLength(2);
  });

  test('a function that fails fails the call with its own error', async () => {
    await using server = await startServer(echo);
    const token = (): string => {
      throw new Error('vault is sealed');
    };
    await using client = new KubeClient({ server: server.url, token, skipTLSVerify: true });

    await expect(client.request('/x')).rejects.toThrow('vault is sealed');
  });

  test('when the refused token cannot be replaced, the call fails with the reason and its connection is closed', async () => {
    let isSealed = false;
    const token = (): string => {
      if (isSealed) throw new Error('vault is sealed');
      isSealed = true;
      return 'old';
    };
    // The answer never ends, so its connection is of no further use.
    await using server = await startServer(
      (_, response) => void response.writeHead(401).write('no'),
    );
    await using client = new KubeClient({ server: server.url, token, skipTLSVerify: true });

    await expect(client.request('/x')).rejects.toThrow('vault is sealed');
    await server.drained();
    expect(server.open).toBe(0);
  });

  test('an abort does not wait for a token that never comes', async () => {
    await using server = await startServer(echo);
    const token = (): Promise<string> => new Promise(() => {});
    await using client = new KubeClient({ server: server.url, token, skipTLSVerify: true });
    const controller = new AbortController();
    const call = client.request('/x', { signal: controller.signal });
    call.catch(() => {});

    controller.abort(new Error('enough'));

    await expect(call).rejects.toThrow('enough');
    expect(server.accepted).toBe(0);
  });

  test('in a pod the service account is used', async () => {
    await using server = await startServer(echo);
    write('token', 'pod-token\n');
    write('namespace', 'shop\n');
    const { hostname, port } = new URL(server.url);
    const env = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };

    const config = inClusterConfig({ serviceAccountPath: folder, env });

    expect(config).toEqual({
      server: `https://${hostname}:${port}`,
      tokenFile: join(folder, 'token'),
      caFile: join(folder, 'ca.crt'),
      namespace: 'shop',
    });
    const { tokenFile } = config;
    await using client = new KubeClient({ server: server.url, tokenFile, skipTLSVerify: true });
    expect(await client.request('/x')).toEqual({ authorization: 'Bearer pod-token' });
  });

  test('an IPv6 address of the cluster is put into brackets', () => {
    write('token', 'pod-token');
    const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };

    const { server } = inClusterConfig({ serviceAccountPath: folder, env });

    expect(server).toBe('https://[fd00::1]:443');
  });

  test('outside of a pod the service account is refused', () => {
    expect(() => inClusterConfig({ env: {} })).toThrow('are not set, so this is no pod');
    const env = { KUBERNETES_SERVICE_HOST: 'a', KUBERNETES_SERVICE_PORT: '1' };
    expect(() => inClusterConfig({ env, serviceAccountPath: '/nowhere' })).toThrow(
      'Cannot read tokenFile "/nowhere/token": ENOENT',
    );
  });
});

describe('options that cannot be used are refused by name', () => {
  const server = 'https://127.0.0.1:1';
  const pem = '-----BEGIN CERTIFICATE-----\n';

  test.each<[Record<string, unknown>, string]>([
    [{ token: 'a', tokenFile: 'b' }, 'Cannot use options "token" and "tokenFile" together'],
    [{ token: 'a', username: 'b' }, 'Cannot use options "token" and "username" together'],
    [{ ca: pem, caFile: 'b' }, 'Cannot use options "ca" and "caFile" together'],
    [{ cert: pem }, 'Cannot use option "cert" without "key"'],
    [{ key: pem }, 'Cannot use option "key" without "cert"'],
    [{ username: 'a' }, 'Cannot use one of options "username" and "password" without the other'],
    [{ ca: 'nonsense' }, 'Cannot use option "ca": it is not a PEM certificate'],
    [{ ca: btoa(pem) }, 'it is base64, decode it first'],
    [{ ca: pem }, 'Cannot use option "ca": its certificate is broken: '],
    [{ caFile: '/nowhere/ca.crt' }, 'Cannot read caFile "/nowhere/ca.crt": ENOENT'],
    [{ token: '' }, 'Cannot use option "token": the token is empty'],
    [{ token: 'a\nb' }, 'Cannot use option "token": the token is empty or contains white space'],
    [{ server: 'kubernetes' }, 'Cannot use server "kubernetes": it is not a URL'],
    [{ server: undefined }, 'give the URL of its server, or a kubeConfig'],
    [{ server: 'ftp://a' }, 'the scheme must be https or http'],
    [{ server: 'http://a' }, 'http is not encrypted, set skipTLSVerify to allow it'],
    [{ server: 'https://me:secret@a' }, 'it contains a user name or password'],
    [{ server: 'https://a?b' }, 'it has a query or a fragment'],
    [{ proxyUrl: 'gopher://a' }, 'Cannot use the proxy URL'],
    [
      { proxyUrl: 'http://m%e:secret@a' },
      'Cannot use the proxy URL: a percent sign in its user or password',
    ],
    [{ ca: 5 }, 'Cannot use option "ca": it is neither text nor bytes'],
    [
      { skipTLSVerify: 'true' },
      'Cannot use a value of type string as skipTLSVerify: it must be true or false',
    ],
    [{ gzip: 0 }, 'Cannot use a value of type number as gzip: it must be true or false'],
    [{ protobuf: 'no' }, 'Cannot use a value of type string as protobuf'],
    [{ http2: 'yes' }, 'Cannot use a value of type string as http2'],
    [
      { kubeConfig: {} },
      'Cannot use option "kubeConfig": it is no KubeConfig of @kubernetes/client-node',
    ],
    [{ kubeConfig: null }, 'Cannot use option "kubeConfig": it is no KubeConfig'],
    [{ qps: 0 }, 'Cannot use 0 as qps'],
    [{ qps: 5, burst: -1 }, 'Cannot use -1 as burst'],
    [{ qps: 5, burst: 0 }, 'Cannot use 0 as burst'],
    [{ burst: 1 }, 'Cannot use option "burst" without "qps"'],
    [{ maxRetries: NaN }, 'Cannot use NaN as maxRetries'],
    [{ maxRetries: '1' }, 'Cannot use a value of type string as maxRetries'],
    [{ maxObjectBytes: 0 }, 'Cannot use 0 as maxObjectBytes'],
    [{ requestTimeoutMs: -1 }, 'Cannot use -1 as requestTimeoutMs'],
    [{ answerTimeoutMs: Infinity }, 'Cannot use Infinity as answerTimeoutMs'],
    [{ maxListBytes: 0 }, 'Cannot use 0 as maxListBytes'],
    [{ onWarning: 'x' }, 'Cannot use option "onWarning"'],
    [{ userAgent: 'a\nb' }, 'Cannot use option "userAgent"'],
  ])('%j', (options, message) => {
    expect(() => new KubeClient({ server, ...options })).toThrow(message);
  });

  test('a secret does not end up in a message', () => {
    expect(() => new KubeClient({ server, token: 'se cret' })).toThrow(/^((?!se cret).)*$/);
    expect(() => new KubeClient({ server: 'https://me:secret@a' })).toThrow(/^((?!secret).)*$/);
  });

  test('a token file that is not there is refused at construction', () => {
    expect(() => new KubeClient({ server, tokenFile: '/nowhere/token' })).toThrow(
      'Cannot read tokenFile "/nowhere/token": ENOENT',
    );
  });

  test('nothing at all', () => {
    // Wrong on purpose.
    expect(() => new KubeClient(undefined as unknown as ServerOptions)).toThrow(
      'Cannot make a client: it needs a kubeconfig or options',
    );
  });
});
