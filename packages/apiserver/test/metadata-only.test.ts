import { expect, test } from 'vitest';
import { CONFIG_MAPS, configMap, TestServer, WatchStream, type Json } from './harness.ts';

const form = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' };
const single = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
const many = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

interface Question {
  readonly path?: string;
  readonly accept: string;
  readonly method?: string;
  readonly body?: unknown;
}

async function ask(server: TestServer, question: Question): Promise<Response> {
  const { path = CONFIG_MAPS, accept, method = 'GET', body } = question;
  return fetch(server.server.url + path, {
    method,
    headers: { accept, 'content-type': 'application/merge-patch+json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

async function answer(server: TestServer, question: Question): Promise<Json> {
  return (await ask(server, question)).json();
}

test('one object is shown with its metadata alone', async () => {
  const server = await TestServer.start();
  const { metadata } = (await server.post(CONFIG_MAPS, configMap('a'))).body;

  const shown = await answer(server, { path: `${CONFIG_MAPS}/a`, accept: single });

  expect(shown).toEqual({ ...form, metadata });
});

test('a list has its pages, and each item says that it is metadata', async () => {
  const server = await TestServer.start();
  await server.post(CONFIG_MAPS, configMap('a'));
  await server.post(CONFIG_MAPS, configMap('b'));

  const list = await answer(server, { path: `${CONFIG_MAPS}?limit=1`, accept: many });

  expect(list).toMatchObject({
    kind: 'PartialObjectMetadataList',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { remainingItemCount: 1 },
    items: [{ ...form, metadata: { name: 'a' } }],
  });
  expect(list.items[0].data).toBeUndefined();
});

test('a list without objects has null for items, as the real server says', async () => {
  const server = await TestServer.start();

  const list = await answer(server, { accept: many });

  expect(list.items).toBeNull();
});

test('selectors look at whole objects', async () => {
  const server = await TestServer.start();
  const pod = (name: string, nodeName: string): unknown => ({
    metadata: { name },
    spec: { nodeName, containers: [{ name: 'c', image: 'i' }] },
  });
  const pods = '/api/v1/namespaces/default/pods';
  await server.post(pods, pod('a', 'n1'));
  await server.post(pods, pod('b', 'n2'));

  const list = await answer(server, {
    path: `${pods}?fieldSelector=spec.nodeName%3Dn2`,
    accept: many,
  });

  expect(list.items.map(({ metadata }: Json) => metadata.name)).toEqual(['b']);
});

test('events of a watch hold metadata, bookmarks too', async () => {
  const server = await TestServer.start();
  await server.post(CONFIG_MAPS, configMap('a'));
  const query = 'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan';
  const path = `${CONFIG_MAPS}?${query}&allowWatchBookmarks=true`;
  const watch = new WatchStream(await ask(server, { path, accept: single }));

  const added = await watch.next();
  const bookmark = await watch.next();
  await server.delete(`${CONFIG_MAPS}/a`);
  const deleted = await watch.next();
  server.server.endWatches();

  expect(added).toMatchObject({ type: 'ADDED', object: form });
  expect(Object.keys(added.object)).toEqual(['kind', 'apiVersion', 'metadata']);
  expect(bookmark).toMatchObject({ type: 'BOOKMARK', object: form });
  expect(deleted).toMatchObject({
    type: 'DELETED',
    object: { ...form, metadata: { name: 'a', resourceVersion: server.server.resourceVersion } },
  });
});

test('a patch is answered with metadata', async () => {
  const server = await TestServer.start();
  await server.post(CONFIG_MAPS, configMap('a'));

  const patched = await answer(server, {
    path: `${CONFIG_MAPS}/a`,
    accept: single,
    method: 'PATCH',
    body: { metadata: { labels: { a: 'b' } } },
  });

  expect(patched).toMatchObject({ ...form, metadata: { labels: { a: 'b' } } });
  expect(patched.data).toBeUndefined();
});

test('a custom resource shows its metadata in the same form', async () => {
  const widgets = { group: 'example.com', version: 'v1', plural: 'widgets', kind: 'Widget' };
  const server = await TestServer.start({ resources: [{ ...widgets, namespaced: true }] });
  const path = '/apis/example.com/v1/namespaces/default/widgets';
  await server.post(path, {
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: { name: 'a' },
    spec: {},
  });

  const list = await answer(server, { path, accept: many });

  expect(list.items).toMatchObject([form]);
});

test.each([
  ['one object for a list', CONFIG_MAPS, single],
  ['a list for one object', `${CONFIG_MAPS}/a`, many],
])('who asks for the metadata of %s is told so', async (_, path, accept) => {
  const server = await TestServer.start();

  const response = await ask(server, { path, accept });

  expect(response.status).toBe(406);
  expect(await response.json()).toMatchObject({ message: expect.stringContaining('a list (') });
});

test('who can also read whole objects gets the first form that is known', async () => {
  const server = await TestServer.start();
  await server.post(CONFIG_MAPS, configMap('a'));
  const path = `${CONFIG_MAPS}/a`;
  const table = 'application/json;as=Table;g=meta.k8s.io;v=v1';

  const whole = await answer(server, { path, accept: `${table},application/json,${single}` });
  const metadata = await answer(server, { path, accept: `${table},${single},application/json` });

  expect(whole.kind).toBe('ConfigMap');
  expect(metadata.kind).toBe('PartialObjectMetadata');
});
