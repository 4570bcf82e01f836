import { configMaps, KubeClient, metadataOnly } from '@kubeloop/client';
import { SharedInformerFactory } from '@kubeloop/informer';
import { ApiServer } from '@kubeloop/apiserver';
import { sharedControlPlaneOrSkip } from '@kubeloop/control-plane';
import { describe, expect, onTestFinished, test, type TestContext } from 'vitest';

import { until } from '../src/until.ts';

const form = { apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadata' };

async function realServer(context: TestContext): Promise<KubeClient> {
  const { server, ca, token } = sharedControlPlaneOrSkip(context);
  return new KubeClient({ server, ca, token });
}

async function inProcess(): Promise<KubeClient> {
  const server = new ApiServer();
  onTestFinished(() => server.close());
  await server.start();
  return new KubeClient({ server: server.url, skipTLSVerify: true });
}

describe.each([
  ['a control plane', realServer],
  ['the server in the process', inProcess],
])('metadata alone on %s', (_, connect) => {
  async function start(context: TestContext): Promise<{ client: KubeClient; namespace: string }> {
    const client = await connect(context);
    const { metadata } = await client.request<{ metadata: { name: string } }>(
      '/api/v1/namespaces',
      {
        method: 'POST',
        body: { metadata: { generateName: 'metadata-' } },
      },
    );
    const namespace = metadata.name;
    onTestFinished(async () => {
      await client.request(`/api/v1/namespaces/${namespace}`, { method: 'DELETE' });
      await client.close();
    });
    return { client, namespace };
  }

  test('is what get, list, patch and delete answer with', async (context) => {
    const { client, namespace } = await start(context);
    const whole = client.resource(configMaps).namespace(namespace);
    const metadata = client.resource(metadataOnly(configMaps)).namespace(namespace);
    await whole.create({
      metadata: { name: 'a', finalizers: ['example.com/a'] },
      data: { a: '1' },
    });

    const found = await metadata.get('a');
    const listed = await metadata.list({ fieldSelector: 'metadata.name=a' });
    const patched = await metadata.patch(
      'a',
      { metadata: { labels: { x: '1' } } },
      { type: 'merge' },
    );
    const marked = await metadata.delete('a');
    await metadata.patch('a', { metadata: { finalizers: null } }, { type: 'merge' });
    const none = await metadata.list({ fieldSelector: 'metadata.name=a' });

    expect(found).toEqual({ ...form, metadata: expect.objectContaining({ name: 'a' }) });
    expect(listed).toMatchObject({ kind: 'PartialObjectMetadataList', items: [found] });
    expect(patched.metadata?.labels).toEqual({ x: '1' });
    expect(marked).toMatchObject({ ...form, metadata: { deletionTimestamp: expect.any(String) } });
    expect(none.items).toEqual([]);
  });

  test('is what an informer caches and follows', async (context) => {
    const { client, namespace } = await start(context);
    const failures: unknown[] = [];
    const maps = client.resource(configMaps).namespace(namespace);
    await maps.create({ metadata: { name: 'a' }, data: { a: '1' } });
    await using factory = new SharedInformerFactory(client, {
      namespace,
      onError: (error) => failures.push(error),
    });
    const informer = factory.informerFor(metadataOnly(configMaps), {
      fieldSelector: 'metadata.name=a',
    });
    const calls: string[] = [];
    informer.addEventHandler({
      add: () => void calls.push('add'),
      update: (_old, { metadata }) => void calls.push(`update ${metadata?.labels?.['x']}`),
      delete: () => void calls.push('delete'),
    });
    factory.start();
    await factory.waitForCacheSync({ timeoutMs: 10_000 });
    const cached = informer.lister.list();

    await maps.patch('a', { metadata: { labels: { x: '1' } } }, { type: 'merge' });
    await maps.delete('a');
    await until(
      'the deletion is told',
      async () => (calls.length === 3 ? true : undefined),
      10_000,
    );

    expect(cached).toEqual([{ ...form, metadata: expect.objectContaining({ name: 'a' }) }]);
    expect(calls).toEqual(['add', 'update 1', 'delete']);
    expect(failures).toEqual([]);
  });
});
