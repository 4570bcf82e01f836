import type { ObjectLike } from '@kubeloop/cache-store';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { describe, expect, test } from 'vitest';
import {
  defaultsFor,
  NamespaceSet,
  SharedInformerFactory,
  type SharedInformerFactoryOptions,
} from '../src/index.ts';
import { FakeCluster, pods, webApps } from './support/fake-cluster.ts';
import type { Thing } from './support/scripted.ts';

const nodes = { ...pods, plural: 'nodes', name: 'nodes', kind: 'Node', namespaced: false };

function setup(options: SharedInformerFactoryOptions): {
  cluster: FakeCluster;
  clock: FakeClock;
  factory: SharedInformerFactory;
} {
  const clock = new FakeClock();
  const cluster = new FakeCluster();
  const factory = new SharedInformerFactory(cluster, { clock, onError: () => {}, ...options });
  return { cluster, clock, factory };
}

describe('defaults of a kind', () => {
  test('hold for its informers, and not for those of other kinds', async () => {
    const { cluster, factory } = setup({
      namespace: 'n',
      byResource: [defaultsFor(pods, { namespace: 'p', labelSelector: 'app=a' })],
    });
    const informer = factory.informerFor(pods);
    factory.informerFor(webApps);

    factory.start();
    await factory.waitForCacheSync();

    expect(informer.name).toBe('pods in p with app=a');
    expect(cluster.requests.filter((request) => request.startsWith('list'))).toEqual([
      'list pods in p where app=a',
      'list webapps.example.com in n',
    ]);
    await factory.shutdown();
  });

  test('give way to what an informer is asked for with', () => {
    const { factory } = setup({
      byResource: [defaultsFor(pods, { namespace: 'p', labelSelector: 'app=a' })],
    });

    expect(factory.informerFor(pods, { labelSelector: 'app=b' }).name).toBe('pods in p with app=b');
    expect(factory.informerFor(pods, { namespace: '', labelSelector: '' }).name).toBe('pods');
    expect(factory.informerFor(pods, { labelSelector: undefined }).name).toBe(
      'pods in p with app=a',
    );
  });

  test('make no other informer than the same wishes do', () => {
    const { factory } = setup({ byResource: [defaultsFor(pods, { labelSelector: 'app=a' })] });

    const informer = factory.informerFor(pods);

    expect(factory.informerFor(pods, { labelSelector: 'app=a' })).toBe(informer);
  });

  test('can be a transform and indices, to which others can be added', async () => {
    const transform = ({ metadata }: Thing): Thing => ({ metadata, secret: 'kept out' });
    const byUid = ({ metadata }: ObjectLike): string[] => [metadata?.uid ?? ''];
    const byName = ({ metadata }: ObjectLike): string[] => [metadata?.name ?? ''];
    const { factory } = setup({
      byResource: [defaultsFor(pods, { transform, indexers: { byUid } })],
    });
    const informer = factory.informerFor(pods, { indexers: { byName } });

    factory.start();
    await factory.waitForCacheSync();

    expect(Object.keys(informer.indexer.indexers)).toEqual(['namespace', 'byUid', 'byName']);
    expect(informer.lister.list()[0]?.secret).toBe('kept out');
    await factory.shutdown();
  });

  test('show in what an informer is said to look at, before there is one', () => {
    const namespaces = new NamespaceSet(['a']);
    const { cluster, factory } = setup({
      namespaces,
      tweakListOptions: (asked) => ({ ...asked, fieldSelector: 'metadata.name=a' }),
      byResource: [defaultsFor(pods, { namespace: 'p', labelSelector: 'app=a' })],
    });
    const fieldSelector = 'metadata.name=a';

    expect(factory.scopeOf(pods)).toEqual({
      namespace: 'p',
      labelSelector: 'app=a',
      fieldSelector,
    });
    expect(factory.scopeOf(pods, { namespace: '', labelSelector: 'app=b' })).toEqual({
      namespace: '',
      labelSelector: 'app=b',
      fieldSelector,
    });
    expect(factory.scopeOf(webApps)).toMatchObject({ namespaces, fieldSelector });
    expect(factory.scopeOf(nodes)).toMatchObject({ namespace: '' });
    expect(cluster.requests).toEqual([]);
  });

  test('are refused twice for one kind, and for what is none', () => {
    const twice = [defaultsFor(pods, {}), defaultsFor(pods, {})];

    expect(() => setup({ byResource: twice })).toThrow('Cannot take defaults for "pods" twice');
    // @ts-expect-error -- a mistake that the types catch
    expect(() => defaultsFor('pods', {})).toThrow('it is no resource');
    // @ts-expect-error -- a mistake that the types catch
    expect(() => defaultsFor(pods)).toThrow('there are no options');
  });
});

describe('a set of namespaces', () => {
  test('is that of all informers, which read each of its namespaces', async () => {
    const namespaces = new NamespaceSet(['a', 'b']);
    const { cluster, clock, factory } = setup({ namespaces });
    const informer = factory.informerFor(pods, { labelSelector: 'app=a' });
    factory.start();
    await factory.waitForCacheSync();

    namespaces.add('c');
    await clock.settle();

    expect(informer.name).toBe('pods in a set of namespaces with app=a');
    expect(cluster.requests.filter((request) => request.startsWith('list'))).toEqual([
      'list pods in a where app=a',
      'list pods in b where app=a',
      'list pods in c where app=a',
    ]);
    await factory.shutdown();
  });

  test('makes the factory wait for a namespace that comes in', async () => {
    const namespaces = new NamespaceSet(['a']);
    const { factory } = setup({ namespaces });
    const informer = factory.informerFor(pods);
    factory.start();
    await factory.waitForCacheSync();

    namespaces.add('b');
    const before = informer.hasSynced;
    await factory.waitForCacheSync();

    expect([before, informer.hasSynced]).toEqual([false, true]);
    await factory.shutdown();
  });

  test('means nothing to a kind without namespaces, and is refused when it is asked for there', () => {
    const namespaces = new NamespaceSet(['a']);
    const { factory } = setup({ namespaces });

    expect(factory.informerFor(nodes).name).toBe('nodes');
    expect(() => factory.informerFor(nodes, { namespaces })).toThrow(
      'Cannot watch "nodes" in a set of namespaces: its objects have no namespace',
    );
  });

  test('is told from others and from single namespaces, which can be asked for instead', () => {
    const namespaces = new NamespaceSet(['a']);
    const { factory } = setup({ namespaces });
    const informer = factory.informerFor(pods);

    expect(factory.informerFor(pods, { namespaces })).toBe(informer);
    const others = [{ namespace: 'a' }, { namespace: '' }, { namespaces: new NamespaceSet(['a']) }];
    for (const options of others) expect(factory.informerFor(pods, options)).not.toBe(informer);
  });

  test('is refused together with a namespace', () => {
    const both = { namespace: 'a', namespaces: new NamespaceSet(['b']) };
    const { factory } = setup({});

    expect(() => setup(both)).toThrow('Cannot watch namespace "a" and a set of namespaces at once');
    expect(() => factory.informerFor(pods, both)).toThrow(TypeError);
    expect(() => defaultsFor(pods, both)).toThrow(TypeError);
  });
});
