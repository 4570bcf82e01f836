import { describe, expect, test } from 'vitest';
import {
  CONFIG_MAPS,
  configMap,
  installWebApps,
  TestServer,
  WEB_APPS,
  webApp,
  type Json,
} from './harness.ts';

const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';

function deployment(containers: Json[], extra: Json = {}): Json {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'a', ...extra.metadata },
    spec: {
      selector: { matchLabels: { app: 'a' } },
      template: { metadata: { labels: { app: 'a' } }, spec: { containers } },
      ...extra.spec,
    },
  };
}

const main = { name: 'main', image: 'nginx:1' };

describe('server-side apply', () => {
  test('creates the object when it is missing, and merges when it is there', async () => {
    const server = await TestServer.start();

    const created = await server.apply(`${DEPLOYMENTS}/a`, deployment([main]), 'one');
    const merged = await server.apply(
      `${DEPLOYMENTS}/a`,
      deployment([main], { spec: { replicas: 3 } }),
      'one',
    );

    expect(created.code).toBe(201);
    expect(merged.code).toBe(200);
    expect(merged.body.spec.replicas).toBe(3);
    expect(merged.body.metadata.managedFields).toHaveLength(1);
    expect(merged.body.metadata.managedFields[0]).toMatchObject({
      manager: 'one',
      operation: 'Apply',
      apiVersion: 'apps/v1',
      fieldsType: 'FieldsV1',
    });
  });

  test('the same configuration again changes nothing', async () => {
    const server = await TestServer.start();
    const first = await server.apply(`${DEPLOYMENTS}/a`, deployment([main]), 'one');

    const second = await server.apply(`${DEPLOYMENTS}/a`, deployment([main]), 'one');

    expect(second.body.metadata.resourceVersion).toBe(first.body.metadata.resourceVersion);
  });

  test('a field that the manager leaves out is removed, one of another manager stays', async () => {
    const server = await TestServer.start();
    const labels = (value: Json): Json => configMap('a', { metadata: { labels: value }, data: {} });
    await server.apply(`${CONFIG_MAPS}/a`, labels({ x: '1', y: '2' }), 'one');
    await server.apply(`${CONFIG_MAPS}/a`, labels({ y: '2', z: '3' }), 'two');

    const { body } = await server.apply(`${CONFIG_MAPS}/a`, labels({}), 'one');

    expect(body.metadata.labels).toEqual({ y: '2', z: '3' });
  });

  test('changing a field of another manager is a conflict that names both', async () => {
    const server = await TestServer.start();
    await server.apply(`${DEPLOYMENTS}/a`, deployment([main]), 'one');

    const { code, body } = await server.apply(
      `${DEPLOYMENTS}/a`,
      deployment([{ name: 'main', image: 'nginx:2' }]),
      'two',
    );

    expect(code).toBe(409);
    expect(body.reason).toBe('Conflict');
    expect(body.message).toBe(
      'Apply failed with 1 conflict: conflict with "one": .spec.template.spec.containers[name="main"].image',
    );
    expect(body.details.causes).toEqual([
      {
        reason: 'FieldManagerConflict',
        message: 'conflict with "one"',
        field: '.spec.template.spec.containers[name="main"].image',
      },
    ]);
  });

  test('force takes the field over, and its old owner then has a conflict', async () => {
    const server = await TestServer.start();
    const second = deployment([{ name: 'main', image: 'nginx:2' }]);
    await server.apply(`${DEPLOYMENTS}/a`, deployment([main]), 'one');

    const forced = await server.apply(`${DEPLOYMENTS}/a`, second, 'two', true);
    const again = await server.apply(`${DEPLOYMENTS}/a`, deployment([main]), 'one');

    expect(forced.code).toBe(200);
    expect(forced.body.spec.template.spec.containers[0].image).toBe('nginx:2');
    expect(again.code).toBe(409);
    expect(again.body.message).toContain('conflict with "two"');
  });

  test('an update owns what it changes, so an apply of the old value conflicts', async () => {
    const server = await TestServer.start();
    const wanted = deployment([main], { spec: { replicas: 1 } });
    await server.apply(`${DEPLOYMENTS}/a`, wanted, 'one');
    await server.patch(`${DEPLOYMENTS}/a?fieldManager=scaler`, { spec: { replicas: 5 } });

    const { code, body } = await server.apply(`${DEPLOYMENTS}/a`, wanted, 'one');

    expect(code).toBe(409);
    expect(body.message).toBe(
      'Apply failed with 1 conflict: conflict with "scaler" using apps/v1: .spec.replicas',
    );
  });

  test('containers are merged by name and removed by name', async () => {
    const server = await TestServer.start();
    const side = { name: 'side', image: 'side:1' };
    await server.apply(`${DEPLOYMENTS}/a`, deployment([main]), 'one');
    const patch = deployment([side]);
    delete patch.spec.selector;
    delete patch.spec.template.metadata;

    const added = await server.apply(`${DEPLOYMENTS}/a`, patch, 'two');
    patch.spec = { template: { spec: {} } };
    const removed = await server.apply(`${DEPLOYMENTS}/a`, { ...patch, spec: undefined }, 'two');

    const names = (answer: Json): string[] =>
      answer.body.spec.template.spec.containers.map((item: Json) => item.name);
    expect(names(added)).toEqual(['main', 'side']);
    expect(names(removed)).toEqual(['main']);
  });

  test('service ports are told apart by port and protocol', async () => {
    const server = await TestServer.start();
    const services = '/api/v1/namespaces/default/services';
    const service = (ports: Json[]): Json => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'a' },
      spec: { ports },
    });
    await server.apply(`${services}/a`, service([{ name: 'web', port: 80 }]), 'one');

    const { body } = await server.apply(
      `${services}/a`,
      service([{ name: 'dns', port: 80, protocol: 'UDP' }]),
      'two',
    );

    expect(body.spec.ports.map((port: Json) => port.name)).toEqual(['web', 'dns']);
  });

  test('lists of custom resources are one value unless the schema says otherwise', async () => {
    const server = await TestServer.start();
    await installWebApps(server);
    await server.apply(`${WEB_APPS}/a`, webApp('a', { spec: { tags: ['x'] } }), 'one');

    const second = await server.apply(
      `${WEB_APPS}/a`,
      webApp('a', { spec: { tags: ['y'] } }),
      'two',
    );
    const forced = await server.apply(
      `${WEB_APPS}/a`,
      webApp('a', { spec: { tags: ['y'] } }),
      'two',
      true,
    );

    expect(second.body.message).toBe(
      'Apply failed with 1 conflict: conflict with "one": .spec.tags',
    );
    expect(forced.body.spec.tags).toEqual(['y']);
  });

  test('the status is applied through its own path and owned apart', async () => {
    const server = await TestServer.start();
    await installWebApps(server);
    await server.apply(`${WEB_APPS}/a`, webApp('a'), 'one');

    const { code, body } = await server.apply(
      `${WEB_APPS}/a/status`,
      { apiVersion: 'example.com/v1', kind: 'WebApp', status: { ready: 1 } },
      'one',
    );

    expect(code).toBe(200);
    expect(body.status).toEqual({ ready: 1 });
    expect(body.spec.image).toBe('nginx');
    const subresources = body.metadata.managedFields.map((entry: Json) => entry.subresource ?? '');
    expect(subresources.sort()).toEqual(['', 'status']);
  });

  test('a manager that no longer applies anything is forgotten', async () => {
    const server = await TestServer.start();
    await server.apply(`${CONFIG_MAPS}/a`, configMap('a'), 'one');
    await server.apply(`${CONFIG_MAPS}/a`, configMap('a', { data: { b: '2' } }), 'two');

    const { body } = await server.apply(
      `${CONFIG_MAPS}/a`,
      configMap('a', { data: undefined }),
      'one',
    );

    expect(body.data).toEqual({ b: '2' });
    expect(body.metadata.managedFields.map((entry: Json) => entry.manager)).toEqual(['two']);
  });

  test('a field manager is required', async () => {
    const server = await TestServer.start();

    const { code, body } = await server.patch(
      `${CONFIG_MAPS}/a`,
      configMap('a'),
      'apply-patch+yaml',
    );

    expect(code).toBe(422);
    expect(body.message).toBe(
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    );
  });

  test('owner references are merged by uid', async () => {
    const server = await TestServer.start({ garbageCollection: false });
    const owner = (uid: string): Json => ({ apiVersion: 'v1', kind: 'Pod', name: 'p', uid });
    const owned = (uid: string): Json =>
      configMap('a', { metadata: { ownerReferences: [owner(uid)] } });
    await server.apply(`${CONFIG_MAPS}/a`, owned('u1'), 'one');

    const { body } = await server.apply(`${CONFIG_MAPS}/a`, owned('u2'), 'two');

    expect(body.metadata.ownerReferences.map((item: Json) => item.uid)).toEqual(['u1', 'u2']);
  });
});
