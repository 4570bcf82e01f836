import { randomUUID } from 'node:crypto';
import { configMaps, defineResource, KubeClient, pods, type Resource } from '@kubeloop/client';
import { sharedControlPlaneOrSkip } from '@kubeloop/control-plane';
import {
  type InformerErrorContext,
  NamespaceSet,
  projected,
  SharedInformerFactory,
} from '@kubeloop/informer';
import { expect, onTestFinished, test, type TestContext, vi } from 'vitest';

interface Widget {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
  };
}

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const patience = { timeout: 20_000, interval: 50 };

/** An administrator, of a server that anybody can be made known to. */
function admin(context: TestContext): { client: KubeClient; as: (token: string) => KubeClient } {
  const { server, ca, token } = sharedControlPlaneOrSkip(context);
  const as = (other: string): KubeClient => {
    const client = new KubeClient({ server, ca, token: other });
    onTestFinished(() => client.close());
    return client;
  };
  return { client: as(token), as };
}

async function newNamespace(client: KubeClient): Promise<string> {
  const { metadata } = await client.request<{ metadata: { name: string } }>('/api/v1/namespaces', {
    method: 'POST',
    body: { metadata: { generateName: 'caches-' } },
  });
  onTestFinished(async () => {
    await client.request(`/api/v1/namespaces/${metadata.name}`, { method: 'DELETE' });
  });
  return metadata.name;
}

/** A user who may read ConfigMaps in the namespaces in which that is granted. */
async function newReader(
  client: KubeClient,
  home: string,
): Promise<{ token: string; grant: (namespace: string) => Promise<void> }> {
  const post = (path: string, body: object): Promise<{ status: { token: string } }> =>
    client.request(path, { method: 'POST', body });
  const accounts = `/api/v1/namespaces/${home}/serviceaccounts`;
  await post(accounts, { metadata: { name: 'reader' } });
  const { status } = await post(`${accounts}/reader/token`, { spec: {} });
  const grant = async (namespace: string): Promise<void> => {
    const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
    const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list', 'watch'] }];
    await post(`${rbac}/roles`, { metadata: { name: 'reader' }, rules });
    await post(`${rbac}/rolebindings`, {
      metadata: { name: 'reader' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
      subjects: [{ kind: 'ServiceAccount', name: 'reader', namespace: home }],
    });
  };
  return { token: status.token, grant };
}

/** A kind of the test's own, which can be made and deleted. */
function newKind(client: KubeClient): {
  widgets: Resource<Widget>;
  define: () => Promise<void>;
  remove: () => Promise<void>;
} {
  const group = `x${randomUUID().slice(0, 8)}.example.com`;
  const name = `widgets.${group}`;
  const schema = { openAPIV3Schema: { type: 'object' } };
  const isServed = async (): Promise<void> => {
    const { status } = await client.request<{
      status?: { conditions?: readonly { type: string; status: string }[] };
    }>(`${definitions}/${name}`);
    expect(status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Established', status: 'True' }),
    );
  };
  return {
    widgets: defineResource<Widget>({
      group,
      version: 'v1',
      plural: 'widgets',
      kind: 'Widget',
      namespaced: true,
    }),
    define: async () => {
      const names = { plural: 'widgets', singular: 'widget', kind: 'Widget' };
      const versions = [{ name: 'v1', served: true, storage: true, schema }];
      await client.request(definitions, {
        method: 'POST',
        body: { metadata: { name }, spec: { group, scope: 'Namespaced', names, versions } },
      });
      await vi.waitFor(isServed, patience);
    },
    remove: async () => {
      await client.request(`${definitions}/${name}`, { method: 'DELETE' });
      await vi.waitFor(
        () => expect(client.request(`${definitions}/${name}`)).rejects.toMatchObject({ code: 404 }),
        patience,
      );
    },
  };
}

/** Creates an object as soon as the server serves the kind, which it does a moment after it says so. */
async function create(client: KubeClient, widgets: Resource<Widget>, name: string): Promise<void> {
  const here = client.resource(widgets).namespace('default');
  await vi.waitFor(() => here.create({ metadata: { name } }), patience);
}

test('the objects of a kind whose definition is deleted are told as deleted, and those of the kind that comes back are told', async (context) => {
  const { client } = admin(context);
  const { widgets, define, remove } = newKind(client);
  await define();
  await create(client, widgets, 'a');
  await using factory = new SharedInformerFactory(client, {
    onError: () => {},
    reflector: { backoff: { next: () => 200 } },
  });
  const informer = factory.informerFor(widgets);
  const log: string[] = [];
  informer.addEventHandler({
    add: (obj) => void log.push(`add ${obj.metadata?.name}`),
    delete: (obj) =>
      void log.push('key' in obj ? `gone ${obj.key}` : `delete ${obj.metadata?.name}`),
  });
  factory.start();
  await factory.waitForCacheSync({ timeoutMs: 10_000 });

  await remove();
  await vi.waitFor(() => expect(informer.describe().isGone).toBe(true), patience);
  const during = [informer.lister.list().length, ...log];
  const failure = String(informer.lastFailure?.error);
  await define();
  await create(client, widgets, 'b');
  await vi.waitFor(() => expect(log).toContain('add b'), patience);
  await remove();

  expect(during).toEqual([0, 'add a', 'delete a']);
  expect(failure).toContain('does not know');
  expect(log.slice(0, 3)).toEqual(['add a', 'delete a', 'add b']);
});

test('namespaces come and go while an informer runs, and one that is forbidden holds up no other', async (context) => {
  const { client, as } = admin(context);
  const [one, two, three] = await Promise.all([1, 2, 3].map(() => newNamespace(client)));
  if (!one || !two || !three) throw new Error('There are three');
  for (const namespace of [one, two, three])
    await client
      .resource(configMaps)
      .namespace(namespace)
      .create({ metadata: { name: 'mine' } });
  const { token, grant } = await newReader(client, one);
  await Promise.all([one, three].map(grant));
  const namespaces = new NamespaceSet([one, two]);
  const failures: InformerErrorContext[] = [];
  await using factory = new SharedInformerFactory(as(token), {
    namespaces,
    reflector: { backoff: { next: () => 200 } },
    onError: (_, failure) => failures.push(failure),
  });
  const informer = factory.informerFor(configMaps, { fieldSelector: 'metadata.name=mine' });
  const keys = (): string[] => informer.indexer.listKeys().sort();
  const deleted: string[] = [];
  informer.addEventHandler({
    delete: (obj) => void deleted.push('key' in obj ? obj.key : 'an object'),
  });
  factory.start();

  await vi.waitFor(() => expect(keys()).toEqual([`${one}/mine`]), patience);
  await vi.waitFor(() =>
    expect(failures).toContainEqual(expect.objectContaining({ namespace: two })),
  );
  const unsynced = await factory.waitForCacheSync({ timeoutMs: 0 }).catch(String);
  await grant(two);
  await factory.waitForCacheSync({ timeoutMs: 20_000 });
  const granted = keys();
  namespaces.add(three);
  namespaces.delete(one);
  await factory.waitForCacheSync({ timeoutMs: 10_000 });

  expect(unsynced).toContain(`Cannot read namespace "${two}"`);
  expect(unsynced).toContain('forbidden; list and watch must be granted');
  expect(granted).toEqual([`${one}/mine`, `${two}/mine`].sort());
  await vi.waitFor(() => expect(keys()).toEqual([`${two}/mine`, `${three}/mine`].sort()), patience);
  expect(deleted).toEqual([`${one}/mine`]);
});

test('an informer that its last user gave back has stopped, and the next user gets a fresh list', async (context) => {
  const { client } = admin(context);
  const namespace = await newNamespace(client);
  const here = client.resource(configMaps).namespace(namespace);
  const options = { namespace, fieldSelector: 'metadata.name=mine' };
  await using factory = new SharedInformerFactory(client);
  const first = factory.acquire(configMaps, options);
  const second = factory.acquire(configMaps, options);
  await first.informer.waitForSync();

  await first.release();
  await here.create({ metadata: { name: 'mine' } });
  await vi.waitFor(() => expect(second.informer.lister.list()).toHaveLength(1), patience);
  await second.release();
  await here.delete('mine');
  const third = factory.acquire(configMaps, options);
  await third.informer.waitForSync();

  expect(third.informer.lister.list()).toEqual([]);
  expect([second.informer.isStopped, third.informer.isRunning]).toEqual([true, true]);
});

test('of objects from protobuf a projection decodes only what its paths begin with', async (context) => {
  const { client } = admin(context);
  const namespace = await newNamespace(client);
  const containers = [{ name: 'a', image: 'example.com/a:1' }];
  const annotations = { note: 'a' };
  await client
    .resource(pods)
    .namespace(namespace)
    .create({ metadata: { name: 'a', annotations }, spec: { containers, nodeName: 'nowhere' } });
  const here = client.resource(pods).namespace(namespace);
  const [whole] = (await here.list({})).items;
  if (!whole) throw new Error('The pod was not listed');
  const pending = (obj: object): boolean[] => {
    const lazy: unknown = Reflect.get(obj, Symbol.for('@kubeloop/lazy'));
    const { isPending } = lazy as { isPending: (name: string) => boolean }; // objects from protobuf have it
    return ['spec', 'status'].map((name) => isPending.call(lazy, name));
  };
  await using factory = new SharedInformerFactory(client, { namespace });
  const informer = factory.informerFor(projected(pods, ['spec.nodeName']));

  const states = [pending(whole)];
  projected(pods, ['metadata']).projection.pick(whole);
  states.push(pending(whole));
  projected(pods, ['spec.nodeName']).projection.pick(whole);
  states.push(pending(whole));
  factory.start();
  await factory.waitForCacheSync({ timeoutMs: 10_000 });

  expect(states).toEqual([
    [true, true],
    [true, true],
    [false, true],
  ]);
  const [cached] = informer.lister.list();
  expect(cached).toMatchObject({ kind: 'Pod', metadata: { name: 'a', namespace } });
  expect(cached?.spec).toEqual({ nodeName: 'nowhere' });
  expect(Object.keys(cached ?? {}).sort()).toEqual(['apiVersion', 'kind', 'metadata', 'spec']);
  expect(Object.keys(cached?.metadata ?? {}).sort()).not.toContain('annotations');
  expect(Object.keys(cached?.metadata ?? {}).sort()).not.toContain('managedFields');
});
