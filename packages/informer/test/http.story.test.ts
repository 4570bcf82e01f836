import { ApiServer } from '@kubeloop/apiserver';
import { configMaps, KubeClient, defineResource } from '@kubeloop/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CacheSyncError, NamespaceSet, SharedInformerFactory } from '../src/index.ts';
import { Proxy } from './support/proxy.ts';

let server: ApiServer;
let proxy: Proxy;
let direct: KubeClient;
let client: KubeClient;
let factory: SharedInformerFactory;
const errors: string[] = [];

beforeEach(async () => {
  server = new ApiServer();
  await server.start();
  proxy = new Proxy(Number(new URL(server.url).port));
  await proxy.start();
  direct = new KubeClient({ server: server.url, skipTLSVerify: true });
  client = new KubeClient({ server: proxy.url, skipTLSVerify: true });
  errors.length = 0;
  factory = new SharedInformerFactory(client, {
    namespace: 'default',
    reflector: { backoff: { next: () => 20 } },
    onError: (error, { phase }) => errors.push(`${phase}: ${String(error)}`),
  });
});

afterEach(async () => {
  await factory.shutdown();
  await client.close();
  await direct.close();
  await proxy.close();
  await server.close();
});

/** Creates an object, or changes it when the value is not the first one. */
async function write(name: string, value: string): Promise<void> {
  const maps = direct.resource(configMaps).namespace('default');
  if (value === '1') await maps.create({ metadata: { name }, data: { value } });
  else await maps.patch(name, { data: { value } }, { type: 'merge' });
}

/** Tells what handlers are told, as `add a`, `update a 1 2`, `delete a`, `gone a`. */
function watchMaps(): string[] {
  const log: string[] = [];
  factory.informerFor(configMaps).addEventHandler({
    add: (obj) => void log.push(`add ${obj.metadata?.name}`),
    update: (oldObj, newObj) =>
      void log.push(
        `update ${newObj.metadata?.name} ${oldObj.data?.['value']} ${newObj.data?.['value']}`,
      ),
    delete: (obj) =>
      void log.push('key' in obj ? `gone ${obj.key}` : `delete ${obj.metadata?.name}`),
  });
  return log;
}

const named = (name: string): RegExp => new RegExp(` (default/)?${name}\\b`);
const about = (log: string[], ...names: string[]): string[] =>
  log.filter((line) => names.some((name) => named(name).test(line)));

test('what happens at the server is in the cache and told, in order', async () => {
  await write('a', '1');
  const log = watchMaps();
  factory.start();
  await factory.waitForCacheSync({ timeoutMs: 5000 });

  await write('b', '1');
  await write('a', '2');
  await direct.resource(configMaps).namespace('default').delete('b');
  await vi.waitFor(() => expect(log).toContain('delete b'));

  expect(about(log, 'a', 'b')).toEqual(['add a', 'add b', 'update a 1 2', 'delete b']);
  const { lister } = factory.informerFor(configMaps);
  expect(lister.byNamespace('default').get('a')?.data).toEqual({ value: '2' });
});

test('a dropped socket costs nothing but a moment', async () => {
  const log = watchMaps();
  factory.start();
  await factory.waitForCacheSync({ timeoutMs: 5000 });
  await write('a', '1');
  await vi.waitFor(() => expect(about(log, 'a')).toEqual(['add a']));

  proxy.drop();
  await write('a', '2');

  await vi.waitFor(() => expect(about(log, 'a')).toEqual(['add a', 'update a 1 2']), 5000);
});

test('changes during an outage are told when it is over, although the history is gone', async () => {
  await write('a', '1');
  await write('b', '1');
  const log = watchMaps();
  factory.start();
  await factory.waitForCacheSync({ timeoutMs: 5000 });

  proxy.cut();
  await direct.resource(configMaps).namespace('default').delete('a');
  await write('b', '2');
  await write('c', '1');
  server.compact();
  await vi.waitFor(() => expect(errors.length).toBeGreaterThan(0), 5000);
  proxy.mend();

  await vi.waitFor(
    () =>
      expect(about(log, 'a', 'b', 'c').slice(2)).toEqual([
        'gone default/a',
        'update b 1 2',
        'add c',
      ]),
    5000,
  );
});

test('a factory that shuts down leaves no connection behind', async () => {
  watchMaps();
  factory.start();
  await factory.waitForCacheSync({ timeoutMs: 5000 });

  await factory.shutdown();

  expect(factory.informerFor(configMaps).isStopped).toBe(true);
});

test('the server has a watch for each namespace of a set, and none when the last lease is released', async () => {
  const namespaces = new NamespaceSet(['default', 'other']);
  const first = factory.acquire(configMaps, { namespaces });
  const second = factory.acquire(configMaps, { namespaces });
  const watches = (count: number): Promise<void> =>
    vi.waitFor(() => expect(server.openWatches).toBe(count), 5000);
  await second.informer.waitForSync();
  await watches(2);

  namespaces.add('third');
  await watches(3);
  namespaces.delete('default');
  namespaces.delete('other');
  await watches(1);
  await first.release();
  await write('a', '1');
  expect(server.openWatches).toBe(1);
  await second.release();

  await watches(0);
});

test('a kind that the server does not know is named when the time is up', async () => {
  const webApps = defineResource<{ readonly metadata?: { readonly name?: string } }>({
    group: 'example.com',
    version: 'v1',
    plural: 'webapps',
    kind: 'WebApp',
    namespaced: true,
  });
  factory.informerFor(configMaps);
  factory.informerFor(webApps);
  factory.start();

  const error: unknown = await factory
    .waitForCacheSync({ timeoutMs: 500 })
    .catch((reason: unknown) => reason);

  expect(CacheSyncError.is(error) && error.missing.map(({ name }) => name)).toEqual([
    'webapps.example.com in default',
  ]);
  expect(String(error)).toContain('(unknown to the server: Cannot list webapps.example.com');
});
