import { describe, expect, test } from 'vitest';
import { CONFIG_MAPS, configMap, pod, PODS, TestServer } from './harness.ts';

describe('create', () => {
  test('a created object gets uid, timestamp in whole seconds and a resourceVersion', async () => {
    const server = await TestServer.start();

    const { code, body } = await server.post(CONFIG_MAPS, configMap('a'));

    expect(code).toBe(201);
    expect(body.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(body.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(body.metadata.resourceVersion).toBe(server.server.resourceVersion);
    expect(body.metadata.namespace).toBe('default');
  });

  test('a taken name is answered with AlreadyExists', async () => {
    const server = await TestServer.start();
    await server.post(CONFIG_MAPS, configMap('a'));

    const { code, body } = await server.post(CONFIG_MAPS, configMap('a'));

    expect(code).toBe(409);
    expect(body).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'configmaps "a" already exists',
      reason: 'AlreadyExists',
      details: { name: 'a', kind: 'configmaps' },
      code: 409,
    });
  });

  test('generateName makes a name that was free', async () => {
    const server = await TestServer.start();

    const { body } = await server.post(CONFIG_MAPS, {
      metadata: { generateName: 'run-' },
    });

    expect(body.metadata.name).toMatch(/^run-[a-z0-9]{5}$/);
  });

  test('a name that is no subdomain is invalid, and the cause says where', async () => {
    const server = await TestServer.start();

    const { code, body } = await server.post(CONFIG_MAPS, configMap('A_b'));

    expect(code).toBe(422);
    expect(body.reason).toBe('Invalid');
    expect(body.details).toMatchObject({ name: 'A_b', kind: 'ConfigMap' });
    expect(body.details.causes[0]).toMatchObject({
      reason: 'FieldValueInvalid',
      field: 'metadata.name',
    });
  });

  test('an object without any name is invalid', async () => {
    const server = await TestServer.start();

    const { code, body } = await server.post(CONFIG_MAPS, { data: {} });

    expect(code).toBe(422);
    expect(body.message).toBe(
      'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
    );
  });

  test('a namespace that does not exist is not found', async () => {
    const server = await TestServer.start();

    const { code, body } = await server.post('/api/v1/namespaces/nope/configmaps', configMap('a'));

    expect(code).toBe(404);
    expect(body.message).toBe('namespaces "nope" not found');
    expect(body.details).toEqual({ name: 'nope', kind: 'namespaces' });
  });

  test('a dry run answers as if it had created and stores nothing', async () => {
    const server = await TestServer.start();
    const before = server.server.resourceVersion;

    const created = await server.post(`${CONFIG_MAPS}?dryRun=All`, configMap('a'));
    const found = await server.get(`${CONFIG_MAPS}/a`);

    expect(created.code).toBe(201);
    expect(created.body.metadata.uid).not.toBe('');
    expect(created.body.metadata.resourceVersion).toBeUndefined();
    expect(found.code).toBe(404);
    expect(server.server.resourceVersion).toBe(before);
  });

  test('a pod starts pending, with its defaults', async () => {
    const server = await TestServer.start();

    const { body } = await server.post(PODS, pod('a'));

    expect(body.status.phase).toBe('Pending');
    expect(body.spec.restartPolicy).toBe('Always');
    expect(body.spec.containers[0].imagePullPolicy).toBe('IfNotPresent');
    expect(body.metadata.generation).toBe(1);
  });
});

describe('update', () => {
  test('a stale resourceVersion is answered with Conflict', async () => {
    const server = await TestServer.start();
    const first = (await server.post(CONFIG_MAPS, configMap('a'))).body;
    await server.put(`${CONFIG_MAPS}/a`, { ...first, data: { a: '2' } });

    const { code, body } = await server.put(`${CONFIG_MAPS}/a`, { ...first, data: { a: '3' } });

    expect(code).toBe(409);
    expect(body.reason).toBe('Conflict');
    expect(body.message).toBe(
      'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    );
  });

  test('an update without resourceVersion is taken by most kinds', async () => {
    const server = await TestServer.start();
    await server.post(CONFIG_MAPS, configMap('a'));

    const { code, body } = await server.put(
      `${CONFIG_MAPS}/a`,
      configMap('a', { data: { b: '2' } }),
    );

    expect(code).toBe(200);
    expect(body.data).toEqual({ b: '2' });
  });

  test('an update that changes nothing keeps the resourceVersion', async () => {
    const server = await TestServer.start();
    const first = (await server.post(CONFIG_MAPS, configMap('a'))).body;

    const { body } = await server.put(`${CONFIG_MAPS}/a`, first);

    expect(body.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    expect(server.server.resourceVersion).toBe(first.metadata.resourceVersion);
  });

  test('an update with another uid is a conflict', async () => {
    const server = await TestServer.start();
    const first = (await server.post(CONFIG_MAPS, configMap('a'))).body;
    const other = { ...first, metadata: { ...first.metadata, uid: 'other' } };

    const { code, body } = await server.put(`${CONFIG_MAPS}/a`, other);

    expect(code).toBe(409);
    expect(body.message).toContain('Precondition failed: UID in precondition: other');
  });

  test('uid, creationTimestamp and generation cannot be set by a client', async () => {
    const server = await TestServer.start();
    const first = (await server.post(PODS, pod('a'))).body;
    const metadata = {
      ...first.metadata,
      creationTimestamp: '2000-01-01T00:00:00Z',
      generation: 9,
    };

    const { body } = await server.put(`${PODS}/a`, { ...first, metadata });

    expect(body.metadata).toMatchObject({
      creationTimestamp: first.metadata.creationTimestamp,
      generation: 1,
    });
  });

  test('a PUT on a free name is not found, except for kinds that are created by it', async () => {
    const server = await TestServer.start();
    const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases';

    const missing = await server.put(`${CONFIG_MAPS}/a`, configMap('a'));
    const created = await server.put(`${leases}/a`, { metadata: { name: 'a' }, spec: {} });

    expect(missing.code).toBe(404);
    expect(created.code).toBe(201);
  });

  test('a Deployment counts generations by changes of its spec', async () => {
    const server = await TestServer.start();
    const path = '/apis/apps/v1/namespaces/default/deployments';
    const template = {
      metadata: { labels: { app: 'a' } },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    };
    await server.post(path, {
      metadata: { name: 'a' },
      spec: { selector: { matchLabels: { app: 'a' } }, template },
    });

    const labelled = await server.patch(`${path}/a`, { metadata: { labels: { x: 'y' } } });
    const scaled = await server.patch(`${path}/a`, { spec: { replicas: 3 } });
    const status = await server.patch(`${path}/a/status`, { status: { replicas: 3 } });

    expect(labelled.body.metadata.generation).toBe(1);
    expect(scaled.body.metadata.generation).toBe(2);
    expect(status.body.metadata.generation).toBe(2);
  });
});

describe('status', () => {
  test('the main resource does not touch the status, and the status nothing else', async () => {
    const server = await TestServer.start();
    const first = (await server.post(PODS, { ...pod('a'), status: { phase: 'Running' } })).body;

    const main = await server.patch(`${PODS}/a`, { status: { phase: 'Failed' } });
    const status = await server.patch(`${PODS}/a/status`, {
      spec: { nodeName: 'n' },
      status: { phase: 'Running' },
    });

    expect(first.status.phase).toBe('Pending');
    expect(main.body.status.phase).toBe('Pending');
    expect(status.body.status.phase).toBe('Running');
    expect(status.body.spec.nodeName).toBeUndefined();
  });
});

describe('get', () => {
  test('an object that does not exist is not found', async () => {
    const server = await TestServer.start();

    const { code, body } = await server.get('/apis/apps/v1/namespaces/default/deployments/a');

    expect(code).toBe(404);
    expect(body.message).toBe('deployments.apps "a" not found');
    expect(body.details).toEqual({ name: 'a', group: 'apps', kind: 'deployments' });
  });
});
