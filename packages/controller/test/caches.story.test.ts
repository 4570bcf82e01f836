import {
  configMaps,
  type KubeClient,
  namespaces as namespaceResource,
  secrets,
} from '@kubeloop/client';
import { defaultsFor, NamespaceSet, projected } from '@kubeloop/informer';
import { expect, test, vi } from 'vitest';
import { Manager } from '../src/manager.ts';
import { Cluster as TestCluster } from './support/cluster.ts';

async function makeNamespaces(client: KubeClient, ...names: readonly string[]): Promise<void> {
  for (const name of names) {
    await client.resource(namespaceResource).create({ metadata: { name } });
    await client
      .resource(configMaps)
      .namespace(name)
      .create({ metadata: { name: 'own' } });
  }
}

test('a manager follows a set of namespaces while it runs, and awaits its own writes in each of them', async () => {
  await using cluster = await TestCluster.start();
  await makeNamespaces(cluster.client, 'a', 'b', 'c');
  const namespaces = new NamespaceSet(['a', 'b']);
  const seen: string[] = [];
  const manager = new Manager({ client: cluster.client, namespaces });
  const cached = manager.consistentClient.resource(configMaps);
  const labels = { seen: 'yes' };
  manager
    .controller('settings')
    .for(configMaps)
    .reconcile(async ({ namespace, name }) => {
      if (!(await cached.namespace(namespace).get(name))) {
        seen.push(`no ${namespace}`);
        return;
      }
      await cached.namespace(namespace).patch(name, { metadata: { labels } }, { type: 'merge' });
      const now = await cached.namespace(namespace).get(name);
      if (now?.metadata?.labels?.['seen'] === 'yes') seen.push(namespace);
    });
  const stop = new AbortController();
  const ended = manager.run({ signal: stop.signal });

  await vi.waitFor(() => expect(new Set(seen)).toEqual(new Set(['a', 'b'])));
  seen.length = 0;
  namespaces.add('c');
  namespaces.delete('a');
  await vi.waitFor(() => expect(seen).toEqual(expect.arrayContaining(['c', 'no a'])));

  expect(manager.informerFor(configMaps).indexer.listKeys().sort()).toEqual(['b/own', 'c/own']);
  stop.abort();
  await ended;
});

test('a namespace that is forbidden is named in the readiness, and no longer when it has gone from the set; reads of others do not wait for it', async () => {
  const deny = [{ verbs: ['list', 'watch'], resources: ['configmaps'], namespaces: ['closed'] }];
  await using cluster = await TestCluster.start({ tokens: { secret: { user: 'reader', deny } } });
  const client = cluster.as('secret');
  await makeNamespaces(client, 'open', 'closed');
  const namespaces = new NamespaceSet(['open', 'closed']);
  const manager = new Manager({ client, namespaces });
  manager
    .controller('settings-of-some')
    .for(configMaps)
    .reconcile(() => {});
  const stop = new AbortController();
  const ended = manager.run({ signal: stop.signal });

  await vi.waitFor(() =>
    expect(manager.describe().notReady.join()).toContain('Cannot read namespace "closed"'),
  );
  const { notReady } = manager.describe();
  const open = await manager.consistentClient.resource(configMaps).namespace('open').get('own');
  namespaces.delete('closed');
  await vi.waitFor(() => expect(manager.describe().isReady).toBe(true));

  expect(open?.metadata?.name).toBe('own');
  expect(notReady).toEqual([
    expect.stringContaining('Controller "settings-of-some" waits for source "for configmaps"'),
  ]);
  stop.abort();
  await ended;
});

test('defaults of a kind hold for the informers of a manager, and own writes that they leave out are not awaited', async () => {
  await using cluster = await TestCluster.start();
  const manager = new Manager({
    client: cluster.client,
    consistencyTimeoutMs: 500,
    byResource: [
      defaultsFor(configMaps, { namespace: 'default', labelSelector: 'app=web' }),
      defaultsFor(secrets, { transform: (secret) => ({ ...secret, data: {} }) }),
    ],
  });
  const secretCache = manager.informerFor(secrets);
  const cached = manager.consistentClient.resource(configMaps);
  const stop = new AbortController();
  const ended = manager.run({ signal: stop.signal });
  const write = (name: string, app: string): Promise<unknown> =>
    cached.namespace('default').create({ metadata: { name, labels: { app } } });
  await cluster.client
    .resource(secrets)
    .namespace('default')
    .create({ metadata: { name: 'mine' }, stringData: { word: 'x' } });

  await write('a', 'web');
  await write('b', 'db');
  const listed = await cached.list();

  expect(listed.map(({ metadata }) => metadata?.name)).toEqual(['a']);
  await vi.waitFor(() =>
    expect(secretCache.lister.byNamespace('default').get('mine')).toBeDefined(),
  );
  expect(secretCache.lister.byNamespace('default').get('mine')?.data).toEqual({});
  stop.abort();
  await ended;
});

/** Notes how many lists are under way at the same time, at most. */
function countLists(client: KubeClient): { most: number } {
  const count = { most: 0 };
  let underWay = 0;
  const resource = client.resource.bind(client);
  vi.spyOn(client, 'resource').mockImplementation((kind) => {
    const real = resource(kind);
    const list: typeof real.list = async (options) => {
      count.most = Math.max(count.most, (underWay += 1));
      return real.list(options).finally(() => void (underWay -= 1));
    };
    // Its methods need the object that they belong to.
    return new Proxy(real, {
      get: (target, name) => {
        if (name === 'list') return list;
        const member: unknown = Reflect.get(target, name);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
  });
  return count;
}

test.for([
  [undefined, 3],
  [1, 1],
] as const)(
  'with maxConcurrentLists %s, %s of three kinds are listed at the same time at the start',
  async ([maxConcurrentLists, most]) => {
    await using cluster = await TestCluster.start();
    const { client } = cluster;
    const lists = countLists(client);
    const manager = new Manager({ client, maxConcurrentLists, reflector: { watchList: false } });
    for (const kind of [configMaps, secrets, namespaceResource]) manager.informerFor(kind);
    const stop = new AbortController();
    const ended = manager.run({ signal: stop.signal });

    await vi.waitFor(() => expect(manager.describe().isReady).toBe(true));

    expect(lists.most).toBe(most);
    stop.abort();
    await ended;
  },
);

test('a controller can watch a projected resource', async () => {
  await using cluster = await TestCluster.start();
  const manager = new Manager({ client: cluster.client });
  const seen: unknown[] = [];
  const small = projected(configMaps, ['data']);
  const { lister } = manager.informerFor(small);
  manager
    .controller('projected')
    .for(small)
    .reconcile(({ namespace, name }) => {
      const object = lister.byNamespace(namespace).get(name);
      if (name === 'a')
        seen.push([object?.data, Object.hasOwn(object?.metadata ?? {}, 'annotations')]);
    });
  const stop = new AbortController();
  const ended = manager.run({ signal: stop.signal });

  await cluster.client
    .resource(configMaps)
    .namespace('default')
    .create({ metadata: { name: 'a', annotations: { x: 'y' } }, data: { k: 'v' } });

  await vi.waitFor(() => expect(seen).toContainEqual([{ k: 'v' }, false]));
  stop.abort();
  await ended;
});

test('namespaces that are no set, or come together with a namespace, are refused at once', async () => {
  await using cluster = await TestCluster.start();
  const { client } = cluster;
  const namespaces = new NamespaceSet(['a']);

  expect(() => new Manager({ client, namespaces, namespace: 'a' })).toThrow(TypeError);
  // @ts-expect-error -- a mistake that the types catch
  expect(() => new Manager({ client, namespaces: ['a'] })).toThrow('must be a NamespaceSet');
});
