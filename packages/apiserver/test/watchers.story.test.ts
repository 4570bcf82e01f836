import { expect, test, vi } from 'vitest';
import { CONFIG_MAPS, configMap, TestServer } from './harness.ts';

const ALL = '/api/v1/configmaps';
const OTHER = '/api/v1/namespaces/other/configmaps';

async function started(): Promise<TestServer> {
  const server = await TestServer.start();
  await server.post('/api/v1/namespaces', { metadata: { name: 'other' } });
  return server;
}

test('a watch of a namespace tells that one only, and a watch of all tells all', async () => {
  const server = await started();
  const one = await server.watch(`${OTHER}?watch=true`);
  const all = await server.watch(`${ALL}?watch=true`);

  await server.post(CONFIG_MAPS, configMap('a'));
  await server.post(OTHER, configMap('b'));
  await server.delete(`${CONFIG_MAPS}/a`);
  await server.delete(`${OTHER}/b`);

  expect(await one.take(2)).toEqual(['ADDED b', 'DELETED b']);
  expect(await all.take(4)).toEqual(['ADDED a', 'ADDED b', 'DELETED a', 'DELETED b']);
});

test('each of many watchers is told everything, in the same order', async () => {
  const server = await started();
  const watchers = await Promise.all(
    Array.from({ length: 20 }, () => server.watch(`${ALL}?watch=true`)),
  );
  const names = Array.from({ length: 30 }, (_, index) => `a${index}`);

  for (const name of names) await server.post(CONFIG_MAPS, configMap(name));
  const told = await Promise.all(watchers.map((watcher) => watcher.take(names.length)));

  expect(told).toEqual(watchers.map(() => names.map((name) => `ADDED ${name}`)));
});

test('a watcher that has left does not hinder those that stay', async () => {
  const server = await started();
  const leaving = new AbortController();
  const { signal } = leaving;
  await fetch(`${server.server.url}${ALL}?watch=true`, { signal });
  const staying = await server.watch(`${ALL}?watch=true`);
  const before = server.server.openWatches;

  leaving.abort();
  await vi.waitFor(() => expect(server.server.openWatches).toBe(1));
  await server.post(CONFIG_MAPS, configMap('a'));

  expect(before).toBe(2);
  expect(await staying.take(1)).toEqual(['ADDED a']);
});

test('after the stop a watch has ended and no other begins', async () => {
  const server = await started();
  const { url } = server.server;
  const watch = await server.watch(`${ALL}?watch=true`);

  await server.server.close();

  expect(await watch.next()).toBeUndefined();
  await expect(fetch(`${url}${ALL}?watch=true`)).rejects.toThrow('fetch failed');
});

test.each(['merge-patch+json', 'strategic-merge-patch+json'])(
  'a patch of an object that is not there is not found: %s',
  async (type) => {
    const server = await started();

    const { code, body } = await server.patch(`${CONFIG_MAPS}/none`, { data: {} }, type);

    expect([code, body.reason, body.details.name]).toEqual([404, 'NotFound', 'none']);
    expect((await server.get(ALL)).body.items).toEqual([]);
  },
);

test('what a client does to an answer changes nothing at the server', async () => {
  const server = await started();
  const created = (await server.post(CONFIG_MAPS, configMap('a'))).body;
  const listed = (await server.get(ALL)).body;
  const before = (await server.get(`${CONFIG_MAPS}/a`)).body;

  created.data.a = 'changed';
  created.metadata.labels = { x: '1' };
  listed.items[0].data.a = 'changed';
  listed.items.push('more');

  expect((await server.get(`${CONFIG_MAPS}/a`)).body).toEqual(before);
  expect((await server.get(ALL)).body.items).toHaveLength(1);
});

test('every write counts the version up by one, whatever it writes, and a refused one does not', async () => {
  const server = await started();
  const start = Number(server.server.resourceVersion);
  const versions: number[] = [];
  const note = (): void => void versions.push(Number(server.server.resourceVersion) - start);

  await server.post(CONFIG_MAPS, configMap('a'));
  note();
  await server.post(OTHER, configMap('a'));
  note();
  await server.post(OTHER, configMap('a'));
  note();
  await server.patch(`${OTHER}/a`, { data: { a: '2' } });
  note();
  await server.delete(`${OTHER}/a`);
  note();

  expect(versions).toEqual([1, 2, 2, 3, 4]);
});
