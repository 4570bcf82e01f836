import { fieldIndexFunc, MutationDetector, parseFieldSelector } from '@kubeloop/cache-store';
import { configMaps, KubeClient, pods } from '@kubeloop/client';
import { SharedInformerFactory } from '@kubeloop/informer';
import { sharedControlPlaneOrSkip } from '@kubeloop/control-plane';
import { expect, onTestFinished, test, type TestContext } from 'vitest';

const spec = { containers: [{ name: 'a', image: 'example.com/a:1' }], nodeName: 'nowhere' };

async function start(context: TestContext): Promise<{ client: KubeClient; namespace: string }> {
  const { server, ca, token } = sharedControlPlaneOrSkip(context);
  const client = new KubeClient({ server, ca, token, protobuf: true });
  const { metadata } = await client.request<{ metadata: { name: string } }>('/api/v1/namespaces', {
    method: 'POST',
    body: { metadata: { generateName: 'lazy-' } },
  });
  onTestFinished(async () => {
    await client.request(`/api/v1/namespaces/${metadata.name}`, { method: 'DELETE' });
    await client.close();
  });
  return { client, namespace: metadata.name };
}

function isPending(obj: object, name: string): boolean {
  const parts = (obj as Record<symbol, { isPending(name: string): boolean } | undefined>)[
    Symbol.for('@kubeloop/lazy')
  ];
  return parts?.isPending(name) ?? false;
}

test('an informer caches objects from protobuf undecoded and frozen, and selectors and indices find them', async (context) => {
  const { client, namespace } = await start(context);
  const here = client.resource(pods).namespace(namespace);
  for (const app of ['x', 'y'])
    await here.create({ metadata: { name: app, labels: { app } }, spec });
  await using factory = new SharedInformerFactory(client, { namespace });
  const informer = factory.informerFor(pods);

  factory.start();
  await factory.waitForCacheSync({ timeoutMs: 10_000 });
  const [found] = informer.lister.list('app=x');
  const wasPending = found !== undefined && isPending(found, 'spec');
  informer.addIndexers({ node: fieldIndexFunc('spec.nodeName') });

  expect(found?.metadata?.name).toBe('x');
  expect(wasPending).toBe(true);
  expect(Object.isFrozen(found?.spec?.containers)).toBe(true);
  expect(informer.indexer.byIndex('node', 'nowhere')).toHaveLength(2);
  expect(parseFieldSelector('spec.nodeName=nowhere').matches(found ?? {})).toBe(true);
});

test('a copy of an object from protobuf is changed and written back', async (context) => {
  const { client, namespace } = await start(context);
  const here = client.resource(configMaps).namespace(namespace);
  await here.create({ metadata: { name: 'a' }, data: { x: '1' } });
  const { items } = await here.list({ fieldSelector: 'metadata.name=a' });
  const [listed] = items;
  if (!listed) throw new Error('The ConfigMap was not listed');

  const deep = structuredClone(listed) as { data: Record<string, string> };
  deep.data['x'] = '2';
  const first = await here.update(deep);
  const second = await here.update({ ...first, data: { ...first.data, y: '3' } });

  expect(second.data).toEqual({ x: '2', y: '3' });
  expect(listed.data).toEqual({ x: '1' });
});

test('a mutation detector finds what was changed in an object from protobuf, and decodes nothing else', async (context) => {
  const { client, namespace } = await start(context);
  const here = client.resource(configMaps).namespace(namespace);
  for (const name of ['a', 'b']) await here.create({ metadata: { name }, data: { x: '1' } });
  const { items } = await here.list({ fieldSelector: 'metadata.name!=kube-root-ca.crt' });
  const found: unknown[] = [];
  const detector = new MutationDetector({
    onMutation: ({ original }) => void found.push(original),
  });
  const [changed, other] = items as { data: Record<string, string> }[];
  if (!changed || !other) throw new Error('The ConfigMaps were not listed');
  for (const each of [changed, other]) detector.add(each);

  changed.data['x'] = '2';
  detector.check();

  expect(found).toMatchObject([{ data: { x: '1' } }]);
  expect(isPending(other, 'data')).toBe(true);
});
