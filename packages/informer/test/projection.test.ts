import type { ObjectLike } from '@kubeloop/cache-store';
import { configMaps, metadataOnly, pods, type Resource } from '@kubeloop/client';
import type { ListerWatcher } from '@kubeloop/reflector';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { describe, expect, test } from 'vitest';
import { type InformerClient, projected, SharedInformerFactory } from '../src/index.ts';
import { FakeCluster } from './support/fake-cluster.ts';

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'a',
    namespace: 'n',
    uid: 'u',
    resourceVersion: '7',
    labels: { app: 'web' },
    annotations: { note: 'long' },
    managedFields: [{ manager: 'x' }],
  },
  spec: {
    nodeName: 'node',
    hostname: 'h',
    containers: [
      { name: 'c', image: 'i', args: [] },
      { name: 'd', image: 'j' },
    ],
  },
  status: { phase: 'Running', conditions: [{ type: 'Ready' }], message: null },
};
const kept = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a', namespace: 'n', uid: 'u', resourceVersion: '7', labels: { app: 'web' } },
};
/** The same resource, whose paths the compiler does not know. */
const things: Resource<ObjectLike & { readonly spec?: unknown; readonly [name: string]: unknown }> =
  { ...pods, _type: undefined };

function pick(...paths: readonly string[]): unknown {
  // @ts-expect-error -- paths that only the test knows
  return projected(things, paths).projection.pick(pod);
}

describe('a projection', () => {
  test('keeps what the paths name, and what tells objects apart', () => {
    expect(pick('spec.nodeName', 'status.phase')).toEqual({
      ...kept,
      spec: { nodeName: 'node' },
      status: { phase: 'Running' },
    });
  });

  test('keeps a list as a whole, or of each element what is named', () => {
    expect(pick('status.conditions')).toMatchObject({
      status: { conditions: [{ type: 'Ready' }] },
    });
    expect(pick('spec.containers[].image', 'spec.containers[].args')).toEqual({
      ...kept,
      spec: { containers: [{ args: [], image: 'i' }, { image: 'j' }] },
    });
  });

  test('makes nothing of what is not there', () => {
    expect(pick('spec.affinity.nodeAffinity', 'extra.more', 'status.message.text')).toEqual({
      ...kept,
      spec: {},
      status: { message: null },
    });
  });

  test('keeps the whole where the whole and a part of it are named', () => {
    expect(pick('spec', 'spec.nodeName')).toEqual({ ...kept, spec: pod.spec });
  });

  test('drops managedFields unless it names them, though it keeps all other metadata', () => {
    const { managedFields, ...rest } = pod.metadata;

    expect(pick('metadata')).toEqual({ ...kept, metadata: rest });
    expect(pick('metadata', 'metadata.managedFields')).toEqual({ ...kept, metadata: pod.metadata });
    expect(pick('metadata.managedFields')).toEqual({
      ...kept,
      metadata: { ...kept.metadata, managedFields },
    });
  });

  test('leaves the object as it was', () => {
    const before = structuredClone(pod);

    pick('metadata', 'spec.nodeName');

    expect(pod).toEqual(before);
  });

  test('reads a part that is decoded when it is read only if a path begins with it, and once', () => {
    const reads: string[] = [];
    const lazy = (from: object, ...names: readonly string[]): object => {
      const obj = { ...from };
      for (const name of names) {
        const value: unknown = Reflect.get(from, name);
        const get = (): unknown => (reads.push(name), value);
        Object.defineProperty(obj, name, { enumerable: true, get });
      }
      return obj;
    };
    const metadata = lazy(pod.metadata, 'managedFields');
    const obj = lazy({ ...pod, metadata }, 'spec', 'status');

    projected(pods, ['metadata']).projection.pick(obj);
    const ofMetadata = [...reads];
    const small = projected(pods, ['spec.nodeName', 'spec.hostname']).projection.pick(obj);

    expect([ofMetadata, reads]).toEqual([[], ['spec']]);
    expect(Object.getOwnPropertyDescriptor(small, 'spec')).toMatchObject({
      value: { nodeName: 'node', hostname: 'h' },
    });
  });

  test('refuses what is no path, no resource or projected already', () => {
    for (const path of ['', '.', 'spec.', 'spec[]', 'a[].b[]', 'a[0].b', '__proto__.x', 7])
      // @ts-expect-error -- mistakes that the types catch
      expect(() => projected(things, [path])).toThrow('a path is written as');
    // @ts-expect-error -- a mistake that the types catch
    expect(() => projected(pods, 'spec.nodeName')).toThrow('give a list of paths');
    expect(() => projected(pods, [])).toThrow('give a list of paths');
    // @ts-expect-error -- a mistake that the types catch
    expect(() => projected('pods', ['spec'])).toThrow('it is no resource');
    expect(() => projected(projected(pods, ['spec']), ['spec.nodeName'])).toThrow(
      'Cannot project "pods with only spec": it is projected',
    );
  });
});

/** A server that has one pod. */
class OnePod implements InformerClient {
  resource<T>(): ListerWatcher<T> & { namespace(name: string): ListerWatcher<T> } {
    const watch = new FakeCluster().resource({ ...pods, _type: undefined });
    const list = async (): Promise<unknown> => ({
      items: [pod],
      metadata: { resourceVersion: '9' },
    });
    // Nobody asks for anything else than pods.
    return { ...watch, list } as unknown as ReturnType<typeof this.resource<T>>;
  }
}

describe('informers of a projected resource', () => {
  test('cache and tell the small objects, and know their versions', async () => {
    const factory = new SharedInformerFactory(new OnePod(), { clock: new FakeClock() });
    const told: unknown[] = [];
    const informer = factory.informerFor(projected(pods, ['spec.nodeName']), {
      indexers: { byNode: ({ spec }) => [spec?.nodeName ?? ''] },
    });
    informer.addEventHandler({ add: (obj) => void told.push(obj) });

    factory.start();
    await factory.waitForCacheSync();

    expect(informer.lister.byNamespace('n').list('app=web')).toEqual([
      { ...kept, spec: { nodeName: 'node' } },
    ]);
    expect(told).toEqual(informer.indexer.byIndex('byNode', 'node'));
    expect([informer.name, informer.lastStoreSyncResourceVersion]).toEqual([
      'pods with only spec.nodeName',
      '9',
    ]);
    await factory.shutdown();
  });

  test('hand what is kept to a transform', async () => {
    const factory = new SharedInformerFactory(new OnePod(), { clock: new FakeClock() });
    const seen: unknown[] = [];
    const informer = factory.informerFor(projected(pods, ['status.phase']), {
      transform: (obj) => (seen.push(structuredClone(obj)), { ...obj, status: { phase: 'X' } }),
    });

    factory.start();
    await factory.waitForCacheSync();

    expect(seen).toEqual([{ ...kept, status: { phase: 'Running' } }]);
    expect(informer.lister.list()[0]?.status).toEqual({ phase: 'X' });
    await factory.shutdown();
  });

  test('are shared by those who keep the same, in any order, and by nobody else', () => {
    const factory = new SharedInformerFactory(new FakeCluster());

    const informer = factory.informerFor(projected(pods, ['spec.nodeName', 'status.phase']));

    expect(
      factory.informerFor(projected(pods, ['status.phase', 'spec.nodeName', 'status.phase'])),
    ).toBe(informer);
    expect(factory.informerFor(projected(pods, ['status.phase']))).not.toBe(informer);
    expect(factory.informerFor(pods)).not.toBe(informer);
    expect(factory.informerFor(projected(metadataOnly(pods), ['metadata'])).name).toBe(
      'metadata of pods with only metadata',
    );
    expect(factory.informerFor(projected(configMaps, ['data'])).name).toBe(
      'configmaps with only data',
    );
  });
});
