import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeClient, inClusterConfig, loadKubeConfig } from '@kubeloop/client';
import { Manager } from '@kubeloop/controller';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { errorOf, expectNoStrays } from './strays.ts';

expectNoStrays();

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubeloop-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const whole = `
apiVersion: v1
kind: Config
clusters: [{ name: east, cluster: { server: 'https://127.0.0.1:1' } }]
users: [{ name: alice, user: { token: secret } }]
contexts:
  - { name: good, context: { cluster: east, user: alice } }
  - { name: lost, context: { cluster: west, user: alice } }
  - { name: nobody, context: { cluster: east, user: bob } }
`;

async function fileOf(text: string): Promise<string> {
  const path = join(folder, `config-${Math.random().toString(36).slice(2)}`);
  await writeFile(path, text);
  return path;
}

/** The error of making a client from a kubeconfig of this text, and the path of its file. */
async function failureOf(text: string): Promise<{ error: Error; path: string }> {
  const path = await fileOf(text);
  const error = await errorOf(async () => new KubeClient(await loadKubeConfig({ path })));
  return { error, path };
}

test('a kubeconfig that is not there is named', async () => {
  const path = join(folder, 'nowhere');

  const error = await errorOf(() => loadKubeConfig({ path }));

  expect(error.message).toContain(`Cannot load kubeconfig "${path}"`);
  expect(error.message).toContain('ENOENT');
});

test('a kubeconfig that the environment names and that is not there is named', async () => {
  const path = join(folder, 'nowhere');
  vi.stubEnv('KUBECONFIG', path);

  const error = await errorOf(() => loadKubeConfig());

  expect(error.message).toContain('Cannot load the default kubeconfig');
  expect(error.message).toContain(path);
});

test('where there is no kubeconfig at all the error says so and names the places that were looked at', async () => {
  vi.stubEnv('KUBECONFIG', undefined);
  vi.stubEnv('HOME', folder);
  vi.stubEnv('KUBERNETES_SERVICE_HOST', undefined);

  const error = await errorOf(async () => new KubeClient(await loadKubeConfig()));

  expect(error.message).toContain('Cannot load the default kubeconfig');
  expect(error.message).toContain('KUBECONFIG');
  expect(error.message).toContain('.kube/config');
});

test('a folder in the place of a kubeconfig is named', async () => {
  const error = await errorOf(() => loadKubeConfig({ path: folder }));

  expect(error.message).toContain(`Cannot load kubeconfig "${folder}"`);
  expect(error.message).toContain('EISDIR');
});

test('broken YAML names the file and the line', async () => {
  const { error, path } = await failureOf('clusters: [\n  - a: {');

  expect(error.message).toContain(`Cannot load kubeconfig "${path}"`);
  expect(error.message).toContain('in line 2: ');
});

test('an empty kubeconfig names the file', async () => {
  const { error, path } = await failureOf('');

  expect(error.message).toContain(`Cannot load kubeconfig "${path}"`);
});

test('a file that is no kubeconfig at all names the file', async () => {
  const { error, path } = await failureOf('hello');

  expect(error.message).toContain(path);
});

test('a kubeconfig without a current context says so, names its file and the contexts to choose from', async () => {
  const { error, path } = await failureOf(whole);

  expect(error.message).toContain('no current context');
  expect(error.message).toContain(path);
  expect(error.message).toContain('good');
});

test('a current context that is not there is named, and the file', async () => {
  const { error, path } = await failureOf(`${whole}current-context: typo\n`);

  expect(error.message).toContain('"typo"');
  expect(error.message).toContain(path);
});

test('a context that names a missing cluster says which cluster', async () => {
  const { error } = await failureOf(`${whole}current-context: lost\n`);

  expect(error.message).toContain('"lost"');
  expect(error.message).toContain('"west"');
});

test('a context that names a missing user is refused instead of going on as nobody', async () => {
  const { error } = await failureOf(`${whole}current-context: nobody\n`);

  expect(error.message).toContain('"nobody"');
  expect(error.message).toContain('"bob"');
});

test('a context that is asked for and is not there is named', async () => {
  const path = await fileOf(whole);

  const error = await errorOf(() => loadKubeConfig({ path, context: 'typo' }));

  expect(error.message).toContain('Cannot use context "typo"');
});

test('a cluster whose certificate is no PEM names the field', async () => {
  const caData = Buffer.from('no certificate').toString('base64');
  const { error } = await failureOf(`
clusters: [{ name: east, cluster: { server: 'https://h', certificate-authority-data: ${caData} } }]
users: []
contexts: [{ name: good, context: { cluster: east } }]
current-context: good
`);

  expect(error.message).toContain('certificate-authority-data');
  expect(error.message).toContain('not a PEM certificate');
});

test('a cluster whose certificate file cannot be read names the file', async () => {
  const { error } = await failureOf(`
clusters: [{ name: east, cluster: { server: 'https://h', certificate-authority: /nowhere/ca.crt } }]
users: []
contexts: [{ name: good, context: { cluster: east } }]
current-context: good
`);

  expect(error.message).toContain('certificate-authority "/nowhere/ca.crt"');
  expect(error.message).toContain('ENOENT');
});

test('a cluster that speaks http is refused with the remedy that a kubeconfig has', async () => {
  const { error } = await failureOf(`
clusters: [{ name: east, cluster: { server: 'http://127.0.0.1:1' } }]
users: []
contexts: [{ name: good, context: { cluster: east } }]
current-context: good
`);

  expect(error.message).toContain('http://127.0.0.1:1');
  expect(error.message).toMatch(/skipTLSVerify|insecure-skip-tls-verify/);
});

test('a credential plugin that is not installed is named by the call that needs it', async () => {
  const path = await fileOf(`
clusters: [{ name: east, cluster: { server: 'https://127.0.0.1:1' } }]
users: [{ name: alice, user: { exec: { apiVersion: client.authentication.k8s.io/v1, command: no-such-plugin, interactiveMode: Never } } }]
contexts: [{ name: good, context: { cluster: east, user: alice } }]
current-context: good
`);
  await using client = new KubeClient(await loadKubeConfig({ path }));

  const error = await errorOf(() => client.request('/version'));

  expect(error.message).toContain('Cannot get credentials for server https://127.0.0.1:1');
  expect(error.message).toContain('no-such-plugin');
});

test('outside of a pod the service account is refused with the reason', () => {
  expect(() => inClusterConfig({ env: {} })).toThrow(
    'KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set, so this is no pod',
  );
});

test('a service account without a token names its file', () => {
  const env = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' };

  expect(() => inClusterConfig({ env, serviceAccountPath: folder })).toThrow(
    `"${folder}/token": ENOENT`,
  );
});

test('a manager refuses a kubeconfig in the same words as a client', async () => {
  const path = await fileOf(`${whole}current-context: lost\n`);

  const error = await errorOf(
    async () => new Manager({ kubeConfig: await loadKubeConfig({ path }) }),
  );

  expect(error.message).toContain('"lost"');
});
