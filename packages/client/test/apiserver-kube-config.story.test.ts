import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { ApiServer } from '@kubeloop/apiserver';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KubeClient } from '../src/kube-client.ts';
import { loadKubeConfig } from '../src/load-kube-config.ts';
import { namespaces } from '../src/resources-core.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubeloop-kubeconfig-'));
const server = new ApiServer({ tokens: { secret: { user: 'ann' } } });

beforeAll(async () => server.start());
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

/** Writes the server's kubeconfig to a file and returns its path. */
function kubeConfigFile(name: string, token?: string): string {
  const path = join(folder, name);
  writeFileSync(path, server.kubeConfigYaml(token));
  return path;
}

describe('the kubeconfig of an API server in this process', () => {
  test('is enough for a client of this package', async () => {
    const path = kubeConfigFile('ours', 'secret');
    await using client = new KubeClient(await loadKubeConfig({ path }));

    const { metadata } = await client.resource(namespaces).get('default');

    expect(metadata?.name).toBe('default');
  });

  test('is enough for a client of client-node', async () => {
    const config = new KubeConfig();
    config.loadFromFile(kubeConfigFile('theirs', 'secret'));

    const { metadata } = await config.makeApiClient(CoreV1Api).readNamespace({ name: 'default' });

    expect(metadata?.name).toBe('default');
  });

  test('has no credentials without a token', async () => {
    const path = kubeConfigFile('nobody');
    await using client = new KubeClient(await loadKubeConfig({ path }));

    await expect(client.resource(namespaces).get('default')).rejects.toMatchObject({ code: 401 });
  });
});
