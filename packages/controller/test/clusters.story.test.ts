import type { ObjectLike } from '@kubeloop/cache-store';
import { configMaps, pods, secrets } from '@kubeloop/client';
import { describe, expect, test, vi } from 'vitest';
import { Cluster } from '../src/cluster.ts';
import { Manager } from '../src/manager.ts';
import type { Request } from '../src/request.ts';
import { Cluster as TestCluster } from './support/cluster.ts';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { MemoryClient } from './support/memory-client.ts';
import { recordingLogger } from './support/recording-logger.ts';

const reflector = { backoff: { next: () => 50 } };

describe('a manager of several clusters', () => {
  test('brings objects of one cluster into the other, and undoes what is changed there', async () => {
    await using hub = await TestCluster.start();
    await using edge = await TestCluster.start();
    const source = new Cluster({ name: 'edge', client: edge.client });
    const toMirror = ({ metadata }: ObjectLike): Request[] => [
      { namespace: 'default', name: metadata?.name ?? '' },
    ];
    const target = hub.client.resource(configMaps).namespace('default');
    const { manager, stop } = hub.run((each) => {
      const cached = source.informerFor(configMaps).lister.byNamespace('default');
      each
        .controller('mirror')
        .for(configMaps)
        .watches(configMaps, toMirror, { cluster: source })
        .reconcile(async ({ name }, { signal }) => {
          const data = cached.get(name)?.data;
          if (!data) return;
          const metadata = { name, namespace: 'default' };
          const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
          await target.apply(object, { fieldManager: 'mirror', force: true, signal });
        });
    });

    await edge.client
      .resource(configMaps)
      .namespace('default')
      .create({ metadata: { name: 'settings' }, data: { colour: 'red' } });
    await vi.waitFor(async () =>
      expect((await target.get('settings')).data).toEqual({ colour: 'red' }),
    );
    await target.patch('settings', { data: { colour: 'blue' } }, { type: 'merge' });
    await vi.waitFor(async () =>
      expect((await target.get('settings')).data).toEqual({ colour: 'red' }),
    );

    expect(manager.describe().controllers[0]?.sources.map(({ name }) => name)).toEqual([
      'for configmaps',
      'watches configmaps of cluster edge',
    ]);
    expect([hub.server.openWatches, edge.server.openWatches]).toEqual([1, 1]);
    await stop();
    await vi.waitFor(() =>
      expect([hub.server.openWatches, edge.server.openWatches]).toEqual([0, 0]),
    );
  });

  test('waits only with those controllers that watch a cluster which cannot be reached, and names it', async () => {
    await using hub = await TestCluster.start();
    const gone = new Cluster({
      name: 'gone',
      kubeConfig: { server: 'http://127.0.0.1:1', skipTLSVerify: true },
      reflector,
    });
    const seen: string[] = [];
    await hub.client
      .resource(configMaps)
      .namespace('default')
      .create({ metadata: { name: 'here' } });
    const { manager, stop } = hub.run((each) => {
      each
        .controller('own')
        .for(configMaps)
        .reconcile(({ name }) => void seen.push(name));
      each
        .controller('far')
        .for(secrets, { cluster: gone })
        .reconcile(() => {});
    });

    await vi.waitFor(() => expect(seen).toEqual(['here']));
    const name = 'controller/far/for secrets of cluster gone';
    await vi.waitFor(async () => {
      const report = await manager.checkHealth('readyz', { only: name });
      expect(report?.checks).toEqual([
        { name, outcome: 'failed', cause: expect.stringContaining('127.0.0.1:1') as string },
      ]);
    });
    await stop();
  });

  test('looks for what an object owns in the cluster of the object', async () => {
    await using hub = await TestCluster.start();
    await using edge = await TestCluster.start();
    const cluster = new Cluster({ name: 'edge', client: edge.client });
    const reconciled: string[] = [];
    const { stop } = hub.run((each) =>
      each
        .controller('settings')
        .for(configMaps, { cluster })
        .owns(secrets)
        .reads(pods, { cluster })
        .reconcile(({ name }) => void reconciled.push(name)),
    );
    const owner = await edge.client
      .resource(configMaps)
      .namespace('default')
      .create({ metadata: { name: 'owner' } });
    await vi.waitFor(() => expect(reconciled).toEqual(['owner']));

    const { uid = '' } = owner.metadata ?? {};
    await edge.client
      .resource(secrets)
      .namespace('default')
      .create({
        metadata: {
          name: 'owned',
          ownerReferences: [
            { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid, controller: true },
          ],
        },
      });

    await vi.waitFor(() => expect(reconciled).toEqual(['owner', 'owner']));
    expect(hub.server.openWatches).toBe(0);
    await stop();
  });

  test('holds a reconcile back until the caches of each cluster show what was written to it', async () => {
    await using hub = await TestCluster.start();
    await using edge = await TestCluster.start();
    const cluster = new Cluster({ name: 'edge', client: edge.client });
    const found: (string | undefined)[] = [];
    const { manager, stop } = hub.run((each) => {
      const cached = cluster.informerFor(secrets).lister.byNamespace('default');
      const writer = cluster.consistentClient.resource(secrets).namespace('default');
      const controller = each
        .controller('writer')
        .for(configMaps)
        .reads(secrets, { cluster })
        .reconcile(async (request) => {
          found.push(cached.get(request.name)?.metadata?.name);
          if (found.length > 1) return;
          await writer.create({ metadata: { name: request.name, namespace: 'default' } });
          void controller.enqueue(request);
        });
    });
    await hub.client
      .resource(configMaps)
      .namespace('default')
      .create({ metadata: { name: 'a' } });

    await vi.waitFor(() => expect(found).toEqual([undefined, 'a']));
    expect(manager.describe().isReady).toBe(true);
    await stop();
  });
});

describe('a cluster', () => {
  const client = (): MemoryClient => new MemoryClient();

  test('is added to one manager, under a name of its own', () => {
    const manager = new Manager({ client: client().asClient });
    const cluster = new Cluster({ name: 'edge', client: client().asClient });
    manager.add(cluster);
    manager.add(cluster);

    expect(() => new Manager({ client: client().asClient }).add(cluster)).toThrow(
      'Cannot add cluster "edge" to a manager: it is added to one already',
    );
    expect(() => manager.add(new Cluster({ name: 'edge', client: client().asClient }))).toThrow(
      'there is one of this name',
    );
    expect(() => manager.add(new Cluster({ name: '', client: client().asClient }))).toThrow(
      TypeError,
    );
  });

  test.each([{ name: 'Edge' }, { name: 'a b' }, {}, { name: 'a', namespace: 'A' }])(
    'cannot be made of %j',
    (options) => {
      // What a program in JavaScript can pass.
      const settings = { client: client().asClient, ...options };
      const given = settings as ConstructorParameters<typeof Cluster>[0];

      expect(() => new Cluster(given)).toThrow(TypeError);
      expect(() => new Cluster({ name: 'edge' })).toThrow(
        'Cannot make a cluster: it needs a client',
      );
    },
  );

  test('is what options may name, and nothing else', () => {
    const builder = new Manager({ client: client().asClient }).controller('pods');
    // What a program in JavaScript can pass.
    const cluster = 'edge' as unknown as Cluster;

    expect(() => builder.for(pods, { cluster })).toThrow(
      'Cannot use edge as cluster of "pods" in controller "pods": make one with new Cluster(',
    );
  });

  test('that is added while the manager runs starts at once, ends with it, and tells it of its failures and figures', async () => {
    const [own, other] = [client(), client()];
    const clock = new FakeClock();
    const log = recordingLogger();
    const counted: string[] = [];
    const manager = new Manager({
      client: own.asClient,
      clock,
      logger: log.logger,
      metrics: { forInformer: (informer, cluster) => (counted.push(`${informer}@${cluster}`), {}) },
    });
    const stop = new AbortController();
    const ended = manager.run({ signal: stop.signal });
    await clock.stepAsync(10);
    const cluster = new Cluster({ name: 'late', client: other.asClient, clock });
    manager.add(cluster);
    cluster.informerFor(pods);
    other.resource(secrets).error = new Error('no route');
    cluster.informerFor(secrets);
    await clock.stepAsync(10);

    expect(other.resource(pods).openWatches).toBe(1);
    expect(own.resource(pods).openWatches).toBe(0);
    expect(counted).toEqual(['pods@late', 'secrets@late']);
    expect(log.entries.find(({ level }) => level === 'warn')?.fields).toMatchObject({
      cluster: 'late',
      informer: 'secrets',
    });
    stop.abort();
    await ended;
    expect(other.resource(pods).openWatches).toBe(0);
    expect(clock.pending).toBe(0);
    expect(() => manager.add(new Cluster({ name: 'b', client: other.asClient }))).toThrow(
      'Cannot add cluster "b" to the manager: it is stopped',
    );
  });
});

test('several managers of one process work side by side, and one ends without the other', async () => {
  await using first = await TestCluster.start();
  await using second = await TestCluster.start();
  const seen: string[] = [];
  const watchAll = (name: string) => (manager: Manager) =>
    manager
      .controller(name)
      .for(configMaps)
      .reconcile((request) => void seen.push(`${name} ${request.name}`));
  const one = first.run(watchAll('one'));
  const two = second.run(watchAll('two'));
  const create = (cluster: TestCluster, name: string): Promise<unknown> =>
    cluster.client.resource(configMaps).namespace('default').create({ metadata: { name } });

  await Promise.all([create(first, 'a'), create(second, 'b')]);
  await vi.waitFor(() => expect(new Set(seen)).toEqual(new Set(['one a', 'two b'])));
  await one.stop();
  await create(second, 'c');
  await vi.waitFor(() => expect(seen).toContain('two c'));

  expect(one.manager.describe().state).toBe('stopped');
  expect(two.manager.describe().isReady).toBe(true);
  await two.stop();
});
