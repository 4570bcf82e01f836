import { describe, expect, test } from 'vitest';
import {
  CONFIG_MAPS,
  configMap,
  DEFINITIONS,
  installWebApps,
  TestServer,
  WEB_APPS,
  webApp,
} from './harness.ts';

describe('namespaces', () => {
  test.each(['default', 'kube-system', 'kube-public'])('%s cannot be deleted', async (name) => {
    const server = await TestServer.start();

    const { code, body } = await server.delete(`/api/v1/namespaces/${name}`);

    expect(code).toBe(403);
    expect(body.message).toBe(
      `namespaces "${name}" is forbidden: this namespace may not be deleted`,
    );
  });

  test('are not deleted all at once, and discovery says so', async () => {
    const server = await TestServer.start();

    const { code } = await server.delete('/api/v1/namespaces');
    const { body } = await server.get('/api/v1');

    const entry = (name: string): { verbs: string[] } =>
      body.resources.find((resource: { name: string }) => resource.name === name);
    expect(code).toBe(405);
    expect(entry('namespaces').verbs).not.toContain('deletecollection');
    expect(entry('configmaps').verbs).toContain('deletecollection');
  });
});

describe('definitions of custom resources', () => {
  test.each([
    ['spec.scope', { scope: 'Cluster' }],
    ['spec.names.kind', { names: { kind: 'Other' } }],
    ['spec.group', { group: 'other.example.com' }],
  ])('%s is fixed', async (field, spec) => {
    const server = await TestServer.start();
    await installWebApps(server);

    const { code, body } = await server.patch(`${DEFINITIONS}/webapps.example.com`, { spec });

    expect(code).toBe(422);
    expect(body.details.causes).toContainEqual(
      expect.objectContaining({
        field,
        message: expect.stringContaining('field is immutable') as string,
      }),
    );
  });
});

describe('writes', () => {
  test.each(['x y', '..', '..a'])('the key %j of a config map is invalid', async (key) => {
    const server = await TestServer.start();

    const { code, body } = await server.post(CONFIG_MAPS, configMap('a', { data: { [key]: '' } }));

    expect(code).toBe(422);
    expect(body.details.causes[0].field).toBe(`data[${key}]`);
  });

  test('negative replicas of a scale are invalid, in words about the scale', async () => {
    const server = await TestServer.start();
    await installWebApps(server);
    await server.post(WEB_APPS, webApp('a'));

    const { code, body } = await server.patch(`${WEB_APPS}/a/scale`, { spec: { replicas: -1 } });

    expect(code).toBe(422);
    expect(body.details).toMatchObject({ group: 'autoscaling', kind: 'Scale' });
  });

  test('a patch that makes a label of a wrong type is invalid', async () => {
    const server = await TestServer.start();
    await server.post(CONFIG_MAPS, configMap('a'));

    const patch = { metadata: { labels: { x: 1 } } };
    const { code, body } = await server.patch(`${CONFIG_MAPS}/a`, patch);

    expect(code).toBe(422);
    expect(body.details.causes[0]).toMatchObject({ field: 'patch', reason: 'FieldValueInvalid' });
  });

  test('a name held by an object under deletion is taken, and the message says why', async () => {
    const server = await TestServer.start();
    const finalizers = ['example.com/hold'];
    await server.post(CONFIG_MAPS, configMap('a', { metadata: { finalizers } }));
    await server.delete(`${CONFIG_MAPS}/a`);

    const { code, body } = await server.post(CONFIG_MAPS, configMap('a'));

    expect(code).toBe(409);
    expect(body.message).toBe('object is being deleted: configmaps "a" already exists');
  });

  test('force is for apply alone', async () => {
    const server = await TestServer.start();
    await server.post(CONFIG_MAPS, configMap('a'));

    const { code, body } = await server.patch(`${CONFIG_MAPS}/a?force=true`, {});

    expect(code).toBe(422);
    expect(body.details.causes[0].field).toBe('force');
  });

  test('an apply that is not JSON is refused with the remedy', async () => {
    const server = await TestServer.start();

    const { code, body } = await server.apply(`${CONFIG_MAPS}/a`, 'kind: ConfigMap\n', 'one');

    expect(code).toBe(400);
    expect(body.message).toContain('send the configuration as JSON');
  });
});

test('a watch from a version of the future shows nothing before it', async () => {
  const server = await TestServer.start();
  const from = Number(server.server.resourceVersion) + 1;
  const watch = await server.watch(`${CONFIG_MAPS}?watch=true&resourceVersion=${from}`);

  await server.post(CONFIG_MAPS, configMap('a'));
  await server.post(CONFIG_MAPS, configMap('b'));

  expect(await watch.take(1)).toEqual(['ADDED b']);
});
