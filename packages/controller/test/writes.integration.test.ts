import {
  configMaps,
  KubeClient,
  namespaces,
  type ResourceClient,
  type Wire,
} from '@kubeloop/client';
import type { V1ConfigMap } from '@kubernetes/client-node';
import { expect, inject, onTestFinished, test, type TestContext } from 'vitest';
import { addFinalizer, removeFinalizer } from '../src/finalizers.ts';

// What the global set-up of the integration run provides.
const controlPlane = inject('controlPlane' as never) as
  | { readonly server: string; readonly token: string; readonly ca: string }
  | { readonly skip: string };

type Maps = ResourceClient<Wire<V1ConfigMap>>;

async function start(context: TestContext): Promise<{ client: KubeClient; maps: Maps }> {
  if ('skip' in controlPlane) return context.skip(controlPlane.skip);
  const { server, token, ca } = controlPlane;
  const client = new KubeClient({ server, token, ca });
  const { metadata } = await client
    .resource(namespaces)
    .create({ metadata: { generateName: 'writes-' } });
  const name = metadata?.name ?? '';
  onTestFinished(async () => {
    await client.resource(namespaces).delete(name);
    await client.close();
  });
  return { client, maps: client.resource(configMaps).namespace(name) };
}

test('many who add and remove finalizers of one object at the same time all succeed, and none removes that of another', async (context) => {
  const { maps } = await start(context);
  const object = await maps.create({ metadata: { name: 'a', finalizers: ['example.com/kept'] } });

  for (const one of ['1', '2', '3']) {
    const pair = [`example.com/a${one}`, `example.com/b${one}`];
    await Promise.all(pair.map((finalizer) => addFinalizer(maps, object, finalizer)));
    const both = await maps.get('a');
    expect(both.metadata?.finalizers?.toSorted()).toEqual([...pair, 'example.com/kept']);

    await Promise.all(pair.map((finalizer) => removeFinalizer(maps, both, finalizer)));
    expect((await maps.get('a')).metadata?.finalizers).toEqual(['example.com/kept']);
  }
  await removeFinalizer(maps, await maps.get('a'), 'example.com/kept');
});

test('a finalizer holds a deletion up, is not added to what is being deleted, and lets it go', async (context) => {
  const { maps } = await start(context);
  const before = await maps.create({ metadata: { name: 'a' } });
  const held = await addFinalizer(maps, before, 'example.com/cleanup');
  await maps.delete('a');

  await expect(addFinalizer(maps, held, 'example.com/late')).rejects.toThrow('is being deleted');
  const last = await removeFinalizer(maps, held, 'example.com/cleanup');
  expect(last?.metadata?.finalizers).toBeUndefined();
  expect(await removeFinalizer(maps, held, 'example.com/cleanup')).toBeUndefined();
});

test('the finalizer of another object of the name stays', async (context) => {
  const { maps } = await start(context);
  const first = await maps.create({
    metadata: { name: 'a', finalizers: ['example.com/cleanup'] },
  });
  await removeFinalizer(maps, first, 'example.com/cleanup');
  await maps.delete('a');
  await maps.create({ metadata: { name: 'a', finalizers: ['example.com/cleanup'] } });

  expect(await removeFinalizer(maps, first, 'example.com/cleanup')).toBeUndefined();
  const second = await maps.get('a');
  expect(second.metadata?.finalizers).toEqual(['example.com/cleanup']);
  await removeFinalizer(maps, second, 'example.com/cleanup');
});
