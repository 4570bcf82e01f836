import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { describe, expect, test } from 'vitest';
import { ApiServer } from '../src/index.ts';
import { CONFIG_MAPS, configMap, TestServer } from './harness.ts';

describe('life of the server', () => {
  test('close ends watches and leaves no timer', async () => {
    const clock = new FakeClock();
    const server = new ApiServer({ clock });
    await server.start();
    const response = await fetch(`${server.url}/api/v1/pods?watch=true`);

    await server.close();

    expect(await response.text().catch(() => 'cut')).toMatch(/^(|cut)$/);
    expect(server.openWatches).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test('close can be called twice and before the start', async () => {
    const server = new ApiServer();

    await server.close();
    await server.close();

    await expect(server.start()).rejects.toThrow('it is already closed');
  });

  test('close while it starts leaves nothing open, and start says so', async () => {
    const clock = new FakeClock();
    const server = new ApiServer({ clock });
    const outcome = server.start().catch((error: unknown) => error);

    await server.close();

    expect(await outcome).toMatchObject({
      message: 'Cannot start the API server: it was closed meanwhile, make a new one',
    });
    expect(clock.pending).toBe(0);
    expect(() => server.url).toThrow('it is not started');
  });

  test('the URL is an error before the start', () => {
    const server = new ApiServer();

    expect(() => server.url).toThrow('Cannot read the URL of the API server: it is not started');
  });

  test('a port that is taken is reported by start', async () => {
    const first = await TestServer.start();
    const port = Number(new URL(first.server.url).port);
    const clock = new FakeClock();

    await expect(new ApiServer({ port, clock }).start()).rejects.toThrow('EADDRINUSE');
    expect(clock.pending).toBe(0);
  });

  test.each([
    [{ port: -1 }, RangeError],
    [{ port: 70_000 }, RangeError],
    [{ watchCacheSize: Number.NaN }, RangeError],
    [{ bookmarkIntervalMs: 0 }, RangeError],
    [{ futureVersionWaitMs: Number.POSITIVE_INFINITY }, RangeError],
  ])('the options %j are refused', (options, error) => {
    expect(() => new ApiServer(options)).toThrow(error);
  });

  test('open watches can be ended as by a restart', async () => {
    const server = await TestServer.start();
    const watch = await server.watch('/api/v1/pods?watch=true');

    server.server.endWatches();

    expect(await watch.next()).toBeUndefined();
  });
});

describe('paths', () => {
  test('health, version and discovery answer', async () => {
    const server = await TestServer.start();

    const ready = await server.get('/readyz');
    const version = await server.get('/version');
    const core = await server.get('/api/v1');
    const groups = await server.get('/apis');

    expect(ready.text).toBe('ok');
    expect(version.body).toMatchObject({ major: '1', minor: '36' });
    expect(core.body.resources).toContainEqual({
      name: 'pods',
      singularName: 'pod',
      namespaced: true,
      kind: 'Pod',
      verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
      shortNames: ['po'],
    });
    expect(groups.body.groups.map((group: { name: string }) => group.name)).toContain('apps');
  });

  test('an unknown path is plain text outside, and a Status inside the built-in groups', async () => {
    const server = await TestServer.start();

    const outside = await server.get('/nope');
    const group = await server.get('/apis/nope.io/v1/things');
    const inside = await server.get('/apis/apps/v1/things');

    expect([outside.code, group.code, inside.code]).toEqual([404, 404, 404]);
    expect([outside.text, group.text]).toEqual(['404 page not found\n', '404 page not found\n']);
    expect(inside.body).toMatchObject({
      message: 'the server could not find the requested resource',
      reason: 'NotFound',
      details: {},
    });
  });

  test('a method that a path does not take is answered with 405', async () => {
    const server = await TestServer.start();

    const { code, body } = await server.post('/api/v1/configmaps', configMap('a'));

    expect(code).toBe(405);
    expect(body.reason).toBe('MethodNotAllowed');
  });

  test('resources of the options are served', async () => {
    const server = await TestServer.start({
      resources: [
        { group: 'toys.io', version: 'v1', plural: 'cars', kind: 'Car', namespaced: false },
      ],
    });

    const { code } = await server.post('/apis/toys.io/v1/cars', { metadata: { name: 'a' } });

    expect(code).toBe(201);
  });
});

describe('bodies', () => {
  test('bad JSON, a wrong media type and a wrong kind are refused', async () => {
    const server = await TestServer.start();

    const json = await server.send('POST', CONFIG_MAPS, '{');
    const type = await server.send('POST', CONFIG_MAPS, '{}', 'text/plain');
    const kind = await server.post(CONFIG_MAPS, { ...configMap('a'), kind: 'Pod' });
    const data = await server.post(CONFIG_MAPS, configMap('a', { data: { a: 1 } }));

    expect([json.code, type.code, kind.code, data.code]).toEqual([400, 415, 400, 400]);
    expect(type.body.reason).toBe('UnsupportedMediaType');
  });

  test('one above three mebibytes is too large', async () => {
    const server = await TestServer.start();
    const big = configMap('a', { data: { a: 'x'.repeat(3 * 1024 * 1024) } });

    const { code, body } = await server.post(CONFIG_MAPS, big);

    expect(code).toBe(413);
    expect(body.reason).toBe('RequestEntityTooLarge');
  });

  test('a client that cannot read JSON is refused', async () => {
    const server = await TestServer.start();
    const url = server.server.url + CONFIG_MAPS;

    const html = await fetch(url, { headers: { accept: 'text/html' } });
    const both = await fetch(url, {
      headers: { accept: 'application/vnd.kubernetes.protobuf,application/json' },
    });
    await Promise.all([html.text(), both.text()]);

    expect([html.status, both.status]).toEqual([406, 200]);
  });

  test('a member named __proto__ is kept as data', async () => {
    const server = await TestServer.start();

    const text = '{"metadata":{"name":"a"},"data":{"__proto__":"x"}}';
    const { text: answer } = await server.send('POST', CONFIG_MAPS, text);

    expect(answer).toContain('"__proto__":"x"');
  });
});

describe('tokens', () => {
  const tokens = {
    good: { user: 'ann' },
    poor: { user: 'bob', deny: [{ verbs: ['list'], resources: ['pods'] }] },
  };

  function get(server: TestServer, path: string, token?: string): Promise<Response> {
    const headers = new Headers(token === undefined ? {} : { authorization: `Bearer ${token}` });
    return fetch(server.server.url + path, { headers });
  }

  test('a request without a known token is unauthorized', async () => {
    const server = await TestServer.start({ tokens });

    const none = await get(server, '/api/v1/pods');
    const wrong = await get(server, '/api/v1/pods', 'nope');
    const good = await get(server, '/api/v1/pods', 'good');

    expect([none.status, wrong.status, good.status]).toEqual([401, 401, 200]);
    expect(await none.json()).toMatchObject({ reason: 'Unauthorized', message: 'Unauthorized' });
  });

  test('what a rule denies is forbidden in the words of RBAC', async () => {
    const server = await TestServer.start({ tokens });

    const denied = await get(server, '/api/v1/pods', 'poor');
    const allowed = await get(server, '/api/v1/services', 'poor');
    const body: unknown = await denied.json();

    expect([denied.status, allowed.status]).toEqual([403, 200]);
    expect(body).toMatchObject({
      reason: 'Forbidden',
      message:
        'pods is forbidden: User "bob" cannot list resource "pods" in API group "" at the cluster scope',
    });
  });
});
