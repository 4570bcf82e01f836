import {
  applyConflicts,
  configMaps,
  deployments,
  KubeClient,
  namespaces,
  type Apply,
  type ResourceClient,
  type Wire,
} from '@kubeloop/client';
import type { V1ConfigMap, V1Deployment } from '@kubernetes/client-node';
import { expect, inject, onTestFinished, test, type TestContext } from 'vitest';
import { applyDeciding } from '../src/apply-conflict-policy.ts';
import { extractApply } from '../src/apply-extract.ts';
import { createOrPatch, createOrUpdate } from '../src/create-or-update.ts';
import type { WriteOutcome } from '../src/create-or-update-options.ts';
import { addFinalizer, removeFinalizer } from '../src/finalizers.ts';

// What the global set-up of the integration run provides.
const controlPlane = inject('controlPlane' as never) as
  | { readonly server: string; readonly token: string; readonly ca: string }
  | { readonly skip: string };

interface Cluster {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly maps: ResourceClient<Wire<V1ConfigMap>>;
}

async function start(context: TestContext): Promise<Cluster> {
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
  return { client, namespace: name, maps: client.resource(configMaps).namespace(name) };
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

test('of adding a finalizer and deleting at the version that was read one fails, so that no finalizer is lost', async (context) => {
  const { maps } = await start(context);

  // Without the precondition the API server loses about a third of the finalizers here.
  for (let index = 0; index < 100; index += 1) {
    const object = await maps.create({ metadata: { name: `a${index}` } });
    const { name = '', resourceVersion } = object.metadata ?? {};
    const [added, deleted] = await Promise.allSettled([
      addFinalizer(maps, object, 'example.com/cleanup'),
      maps.delete(name, { preconditions: { resourceVersion } }),
    ]);
    expect([added.status, deleted.status].toSorted()).toEqual(['fulfilled', 'rejected']);
    if (added.status === 'fulfilled')
      await removeFinalizer(maps, added.value, 'example.com/cleanup');
  }
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

test('of many who create or update the same object at the same time all succeed, and nobody’s part is lost', async (context) => {
  const { maps } = await start(context);
  const parts = ['a', 'b', 'c', 'd'];

  const outcomes = await Promise.all(
    parts.map((part) =>
      createOrUpdate(maps, { name: 'a' }, (draft) => {
        draft.data = { ...draft.data, [part]: part };
      }),
    ),
  );

  expect(outcomes.filter(({ result }) => result === 'created')).toHaveLength(1);
  expect((await maps.get('a')).data).toEqual({ a: 'a', b: 'b', c: 'c', d: 'd' });
});

test('what the server answers is not written again: neither defaults, nor quantities in other words, nor lists that are empty', async (context) => {
  const { client, namespace } = await start(context);
  const all = client.resource(deployments).namespace(namespace);
  const labels = { app: 'a' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'a', image: 'i' }] } };
  const first = {
    metadata: { name: 'a' },
    spec: { selector: { matchLabels: labels }, replicas: 0, template },
  };
  const put = (): Promise<WriteOutcome<Wire<V1Deployment>>> =>
    createOrUpdate(all, first, ({ metadata, spec }) => {
      Object.assign(metadata ?? {}, { annotations: { ...metadata?.annotations, mine: '1' } });
      Object.assign(spec?.template.spec ?? {}, { volumes: [], nodeSelector: {} });
      for (const container of spec?.template.spec?.containers ?? [])
        container.resources = { limits: { cpu: '0.5', memory: '1024Ki' } };
    });

  expect((await put()).result).toBe('created');
  const { object } = await put();
  const limits = object.spec?.template.spec?.containers[0]?.resources?.limits;
  expect(limits).toEqual({ cpu: '500m', memory: '1Mi' });
  expect((await put()).result).toBe('unchanged');
});

test('a patch of an object that another has replaced goes to the other as it is', async (context) => {
  const { maps } = await start(context);
  const cached = await maps.create({ metadata: { name: 'a' }, data: { of: 'first' } });
  await maps.delete('a');
  await maps.create({ metadata: { name: 'a' }, data: { of: 'second' } });

  const { result, object } = await createOrPatch(
    maps,
    { name: 'a' },
    (draft) => {
      draft.data = { ...draft.data, saw: draft.data?.['of'] ?? '' };
    },
    { reader: { get: () => cached } },
  );

  expect(result).toBe('updated');
  expect(object.data).toEqual({ of: 'second', saw: 'second' });
});

test('an apply that others stand in the way of says who owns which field, and what was applied can be extracted and applied again', async (context) => {
  const { client, namespace } = await start(context);
  const all = client.resource(deployments).namespace(namespace);
  const labels = { app: 'a', 'example.com/a.b': '1' };
  const ports = [{ containerPort: 80 }, { containerPort: 53, protocol: 'UDP', name: 'dns' }];
  const containers = [
    { name: 'web', image: 'i', ports, args: ['x'] },
    { name: 'other', image: 'j' },
  ];
  const template = { metadata: { labels }, spec: { containers, nodeSelector: { a: 'b' } } };
  const wanted: Apply<Wire<V1Deployment>> = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'a', namespace, labels, finalizers: [] },
    spec: { replicas: 0, selector: { matchLabels: labels }, template },
  };
  const applied = await all.apply(wanted, { fieldManager: 'me' });
  const patch = {
    metadata: { labels: { theirs: '1' } },
    spec: { template: { spec: { containers: [{ name: 'web', image: 'k' }] } } },
  };
  await all.patch('a', patch, { type: 'strategic', fieldManager: 'they' });

  const error: unknown = await all
    .apply(wanted, { fieldManager: 'me' })
    .catch((thrown: unknown) => thrown);
  expect(applyConflicts(error)).toMatchObject([
    {
      manager: 'they',
      operation: 'Update',
      apiVersion: 'apps/v1',
      field: '.spec.template.spec.containers[name="web"].image',
    },
  ]);

  const yielded = await applyDeciding(all, wanted, {
    fieldManager: 'me',
    onConflict: () => 'yield',
  });
  expect(yielded.spec?.template.spec?.containers[0]).toMatchObject({ image: 'k', args: ['x'] });
  const forced = await applyDeciding(all, wanted, {
    fieldManager: 'me',
    onConflict: () => 'force',
  });
  const mine = extractApply(forced, 'me');
  expect(mine).toEqual(extractApply(applied, 'me'));
  expect(mine?.metadata.labels).toEqual(labels);
  expect(mine?.spec?.template?.spec?.containers).toEqual([
    { ...containers[0], ports: [{ containerPort: 80, protocol: 'TCP' }, ports[1]] },
    containers[1],
  ]);
  const again = await all.apply(mine ?? wanted, { fieldManager: 'me' });
  expect(again.metadata?.generation).toBe(forced.metadata?.generation);
  expect(extractApply(again, 'me')).toEqual(mine);
});
