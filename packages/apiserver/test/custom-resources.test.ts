import { describe, expect, test } from 'vitest';
import {
  DEFINITIONS,
  installWebApps,
  TestServer,
  WEB_APPS,
  webApp,
  webAppDefinition,
  type Json,
} from './harness.ts';

describe('custom resources', () => {
  test('are served as soon as their definition is established', async () => {
    const server = await TestServer.start();
    const before = await server.get(WEB_APPS);

    await installWebApps(server);
    const after = await server.get(WEB_APPS);
    const discovery = await server.get('/apis/example.com/v1');

    expect(before.code).toBe(404);
    expect(before.text).toBe('404 page not found\n');
    expect(after.body).toMatchObject({
      kind: 'WebAppList',
      apiVersion: 'example.com/v1',
      items: [],
    });
    expect(discovery.body.resources.map((item: Json) => item.name)).toEqual([
      'webapps',
      'webapps/scale',
      'webapps/status',
    ]);
  });

  test('are defaulted, pruned and carry their kind in lists', async () => {
    const server = await TestServer.start();
    await installWebApps(server);
    await server.post(WEB_APPS, webApp('a', { spec: { unknown: 1 } }));

    const { body } = await server.get(WEB_APPS);

    expect(body.items[0]).toMatchObject({ kind: 'WebApp', apiVersion: 'example.com/v1' });
    expect(body.items[0].spec).toEqual({ image: 'nginx', replicas: 1 });
  });

  test('that break their schema are invalid, with a cause for each field', async () => {
    const server = await TestServer.start();
    await installWebApps(server);

    const { code, body } = await server.post(WEB_APPS, {
      ...webApp('a'),
      spec: { replicas: -1, color: 'red', tags: 'x' },
    });

    expect(code).toBe(422);
    expect(body.details).toMatchObject({ name: 'a', group: 'example.com', kind: 'WebApp' });
    expect(body.details.causes.map((cause: Json) => [cause.field, cause.reason])).toEqual([
      ['spec.image', 'FieldValueRequired'],
      ['spec.color', 'FieldValueNotSupported'],
      ['spec.replicas', 'FieldValueInvalid'],
      ['spec.tags', 'FieldValueTypeInvalid'],
    ]);
    expect(body.details.causes[2].message).toBe(
      'Invalid value: -1: spec.replicas in body should be greater than or equal to 0',
    );
  });

  test('need a resourceVersion for an update', async () => {
    const server = await TestServer.start();
    await installWebApps(server);
    await server.post(WEB_APPS, webApp('a'));

    const { code, body } = await server.put(`${WEB_APPS}/a`, webApp('a'));

    expect(code).toBe(422);
    expect(body.message).toBe(
      'webapps.example.com "a" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    );
  });

  test('keep status and spec apart, and count generations by the spec', async () => {
    const server = await TestServer.start();
    await installWebApps(server);
    await server.post(WEB_APPS, webApp('a', { status: { ready: 9 } }));

    const main = await server.patch(`${WEB_APPS}/a`, {
      spec: { replicas: 2 },
      status: { ready: 1 },
    });
    const status = await server.patch(`${WEB_APPS}/a/status`, {
      metadata: { labels: { x: 'y' } },
      spec: { replicas: 5 },
      status: { ready: 2 },
    });

    expect(main.body.status).toBeUndefined();
    expect(main.body.metadata.generation).toBe(2);
    expect(status.body.spec.replicas).toBe(2);
    expect(status.body.status).toEqual({ ready: 2 });
    expect(status.body.metadata.labels).toBeUndefined();
    expect(status.body.metadata.generation).toBe(2);
  });

  test('are scaled through their scale', async () => {
    const server = await TestServer.start();
    await installWebApps(server);
    await server.post(WEB_APPS, webApp('a'));

    const { body } = await server.patch(`${WEB_APPS}/a/scale`, { spec: { replicas: 7 } });
    const scaled = await server.get(`${WEB_APPS}/a`);

    expect(body).toMatchObject({
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      metadata: { name: 'a', namespace: 'default' },
      spec: { replicas: 7 },
    });
    expect(scaled.body.spec.replicas).toBe(7);
    expect(scaled.body.metadata.generation).toBe(2);
  });

  test('take no strategic merge patch', async () => {
    const server = await TestServer.start();
    await installWebApps(server);
    await server.post(WEB_APPS, webApp('a'));

    const { code } = await server.patch(`${WEB_APPS}/a`, {}, 'strategic-merge-patch+json');

    expect(code).toBe(415);
  });

  test('are read in every served version', async () => {
    const server = await TestServer.start();
    await installWebApps(server);
    await server.post(WEB_APPS, webApp('a'));
    const definition = (await server.get(`${DEFINITIONS}/webapps.example.com`)).body;
    const [first] = definition.spec.versions;
    definition.spec.versions.push({ ...first, name: 'v2', storage: false });
    await server.put(`${DEFINITIONS}/webapps.example.com`, definition);
    const watch = await server.watch('/apis/example.com/v2/webapps?watch=true');

    const event = await watch.next();

    expect(event.object).toMatchObject({ apiVersion: 'example.com/v2', metadata: { name: 'a' } });
  });

  test('go with their definition, and watches of them end', async () => {
    const server = await TestServer.start();
    await installWebApps(server);
    await server.post(WEB_APPS, webApp('a'));
    const watch = await server.watch(`${WEB_APPS}?watch=true`);

    await server.delete(`${DEFINITIONS}/webapps.example.com`);
    const seen = await watch.take(3);
    const after = await server.get(WEB_APPS);
    await installWebApps(server);
    const again = await server.get(WEB_APPS);

    expect(seen).toEqual(['ADDED a', 'DELETED a']);
    expect(after.code).toBe(404);
    expect(again.body.items).toEqual([]);
  });

  test('a definition whose name does not fit is invalid', async () => {
    const server = await TestServer.start();

    const { code, body } = await server.post(DEFINITIONS, {
      ...webAppDefinition(),
      metadata: { name: 'other.example.com' },
    });

    expect(code).toBe(422);
    expect(body.details.causes[0].field).toBe('metadata.name');
  });
});
