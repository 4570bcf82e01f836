import { ApiServer } from '@kubeloop/apiserver';
import type { ObjectLike } from '@kubeloop/cache-store';
import {
  configMaps,
  defineResource,
  KubeClient,
  metadataOnly,
  type Resource,
} from '@kubeloop/client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SharedInformerFactory } from '../src/index.ts';

/** What may be read of any object without knowing its type. */
interface Untyped extends ObjectLike {
  readonly [member: string]: unknown;
}

const untyped = defineResource<Untyped>({
  group: '',
  version: 'v1',
  plural: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
});

const resources: readonly (readonly [string, Resource<ObjectLike>])[] = [
  ['typed', configMaps],
  ['untyped', untyped],
  ['metadata only', metadataOnly(configMaps)],
];

let server: ApiServer;
let client: KubeClient;
let factory: SharedInformerFactory;

beforeEach(async () => {
  server = new ApiServer();
  await server.start();
  client = new KubeClient({ server: server.url, skipTLSVerify: true });
  factory = new SharedInformerFactory(client, {
    namespace: 'default',
    reflector: { backoff: { next: () => 5 } },
    onError: () => {},
  });
});

afterEach(async () => {
  await factory.shutdown();
  await client.close();
  await server.close();
});

const maps = () => client.resource(configMaps).namespace('default');

async function create(name: string): Promise<void> {
  await maps().create({ metadata: { name, labels: { is: name } }, data: { v: '1' } });
}

describe.each(resources)('an informer of objects that are %s', (_, resource) => {
  function observe(): string[] {
    const log: string[] = [];
    const name = (obj: ObjectLike): string => obj.metadata?.name ?? '?';
    factory.informerFor(resource).addEventHandler({
      add: (obj, isInitial) => void log.push(`add ${name(obj)}${isInitial ? ' initial' : ''}`),
      update: (_old, obj) => void log.push(`update ${name(obj)}`),
      delete: (obj) => void log.push('key' in obj ? `gone ${obj.key}` : `delete ${name(obj)}`),
    });
    return log;
  }

  test('tells what is there and what changes', async () => {
    await create('a');
    const log = observe();
    factory.start();
    await factory.waitForCacheSync();

    await create('b');
    await maps().patch('a', { data: { v: '2' } }, { type: 'merge' });
    await maps().delete('b');
    await vi.waitFor(() => expect(log).toHaveLength(4));

    expect(log).toEqual(['add a initial', 'add b', 'update a', 'delete b']);
  });

  test('finds cached objects by name and by label', async () => {
    await create('a');
    await create('b');
    const { lister } = factory.informerFor(resource);
    factory.start();
    await factory.waitForCacheSync();

    const [found] = lister.list('is=b');

    expect(found).toBe(lister.byNamespace('default').get('b'));
    expect(found?.metadata).toMatchObject({ name: 'b', labels: { is: 'b' } });
  });

  test('tells a deletion that was missed by a tombstone, after a list', async () => {
    await create('a');
    const log = observe();
    factory.start();
    await factory.waitForCacheSync();
    await factory.shutdown();
    await maps().delete('a');
    await create('b');

    const stop = new AbortController();
    const informer = factory.informerFor(resource);
    const run = informer.run({ signal: stop.signal });
    await informer.waitForSync();
    stop.abort();
    await run;

    expect(log).toEqual(['add a initial', 'gone default/a', 'add b initial']);
  });
});

test('metadata of a kind and whole objects of it are two caches', async () => {
  await create('a');
  const whole = factory.informerFor(configMaps);
  const metadata = factory.informerFor(metadataOnly(configMaps));
  factory.start();
  await factory.waitForCacheSync();

  expect(whole).not.toBe(metadata);
  expect([whole.name, metadata.name]).toEqual([
    'configmaps in default',
    'metadata of configmaps in default',
  ]);
  expect(whole.lister.list()[0]).toHaveProperty('data');
  expect(metadata.lister.list()[0]).not.toHaveProperty('data');
});
