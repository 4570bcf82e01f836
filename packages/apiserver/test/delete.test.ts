import { describe, expect, test } from 'vitest';
import { CONFIG_MAPS, configMap, pod, PODS, TestServer } from './harness.ts';

describe('delete', () => {
  test('answers with a Status that names what is gone', async () => {
    const server = await TestServer.start();
    const { uid } = (await server.post(CONFIG_MAPS, configMap('a'))).body.metadata;

    const { code, body } = await server.delete(`${CONFIG_MAPS}/a`);

    expect(code).toBe(200);
    expect(body).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: { name: 'a', kind: 'configmaps', uid },
    });
  });

  test('a finalizer keeps the object, marked, until it is taken off', async () => {
    const server = await TestServer.start();
    await server.post(
      CONFIG_MAPS,
      configMap('a', { metadata: { finalizers: ['example.com/hold'] } }),
    );

    const marked = await server.delete(`${CONFIG_MAPS}/a`);
    const again = await server.delete(`${CONFIG_MAPS}/a`);
    const released = await server.patch(`${CONFIG_MAPS}/a`, { metadata: { finalizers: [] } });
    const gone = await server.get(`${CONFIG_MAPS}/a`);

    expect(marked.body.metadata).toMatchObject({ deletionGracePeriodSeconds: 0 });
    expect(marked.body.metadata.deletionTimestamp).toBeDefined();
    expect(again.body.metadata.resourceVersion).toBe(marked.body.metadata.resourceVersion);
    expect(released.code).toBe(200);
    expect(gone.code).toBe(404);
  });

  test('the event of a removal shows the last state that was stored, at a new version', async () => {
    const server = await TestServer.start();
    const metadata = { finalizers: ['example.com/hold'] };
    await server.post(CONFIG_MAPS, configMap('a', { metadata }));
    await server.delete(`${CONFIG_MAPS}/a`);
    const watch = await server.watch(`${CONFIG_MAPS}?watch=true`);

    await server.patch(`${CONFIG_MAPS}/a`, { metadata: { finalizers: null } });
    const event = await watch.until(({ type }) => type === 'DELETED');

    expect(event.object.metadata.finalizers).toEqual(['example.com/hold']);
    expect(event.object.metadata.resourceVersion).toBe(server.server.resourceVersion);
  });

  test('no finalizer can be added to an object under deletion', async () => {
    const server = await TestServer.start();
    await server.post(
      CONFIG_MAPS,
      configMap('a', { metadata: { finalizers: ['example.com/hold'] } }),
    );
    await server.delete(`${CONFIG_MAPS}/a`);

    const { code, body } = await server.patch(`${CONFIG_MAPS}/a`, {
      metadata: { finalizers: ['example.com/hold', 'example.com/more'] },
    });

    expect(code).toBe(422);
    expect(body.message).toContain('no new finalizers can be added if the object is being deleted');
  });

  test('a failed precondition is a conflict', async () => {
    const server = await TestServer.start();
    await server.post(CONFIG_MAPS, configMap('a'));

    const uid = await server.delete(`${CONFIG_MAPS}/a`, { preconditions: { uid: 'other' } });
    const version = await server.delete(`${CONFIG_MAPS}/a`, {
      preconditions: { resourceVersion: '1' },
    });

    expect([uid.code, version.code]).toEqual([409, 409]);
    expect(uid.body.message).toContain('the UID in the precondition (other) does not match');
  });

  test('a dry run deletes nothing', async () => {
    const server = await TestServer.start();
    await server.post(CONFIG_MAPS, configMap('a'));

    const dry = await server.delete(`${CONFIG_MAPS}/a?dryRun=All`);
    const found = await server.get(`${CONFIG_MAPS}/a`);

    expect([dry.code, found.code]).toEqual([200, 200]);
  });

  test('a collection is deleted as far as the selector reaches', async () => {
    const server = await TestServer.start();
    await server.post(CONFIG_MAPS, configMap('a', { metadata: { labels: { x: '1' } } }));
    await server.post(CONFIG_MAPS, configMap('b'));

    const { body } = await server.delete(`${CONFIG_MAPS}?labelSelector=x%3D1`);
    const rest = await server.get(CONFIG_MAPS);

    expect(body.kind).toBe('ConfigMapList');
    expect(body.items).toHaveLength(1);
    expect(rest.body.items).toHaveLength(1);
  });
});

describe('pods', () => {
  test('one that no node runs vanishes at once', async () => {
    const server = await TestServer.start();
    await server.post(PODS, pod('a'));

    const { body } = await server.delete(`${PODS}/a`);
    const gone = await server.get(`${PODS}/a`);

    expect(body.kind).toBe('Pod');
    expect(gone.code).toBe(404);
  });

  test('one that vanishes is first shown marked for deletion', async () => {
    const server = await TestServer.start();
    await server.post(PODS, pod('a'));
    const watch = await server.watch(`${PODS}?watch=true`);

    await server.delete(`${PODS}/a`);
    const seen = [await watch.next(), await watch.next(), await watch.next()];

    expect(seen.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
    expect(seen[1].object.metadata).toMatchObject({ generation: 2, deletionGracePeriodSeconds: 0 });
    expect(seen[1].object.metadata.deletionTimestamp).toBeDefined();
  });

  test('one on a node gets its grace period and goes when that is set to 0', async () => {
    const server = await TestServer.start();
    await server.post(PODS, pod('a'));
    await server.post(`${PODS}/a/binding`, { metadata: { name: 'a' }, target: { name: 'node-1' } });

    const marked = await server.delete(`${PODS}/a`);
    const shortened = await server.delete(`${PODS}/a?gracePeriodSeconds=5`);
    const forced = await server.delete(`${PODS}/a?gracePeriodSeconds=0`);
    const gone = await server.get(`${PODS}/a`);

    expect(marked.body.metadata.deletionGracePeriodSeconds).toBe(30);
    expect(shortened.body.metadata.deletionGracePeriodSeconds).toBe(5);
    expect(forced.code).toBe(200);
    expect(gone.code).toBe(404);
  });

  test('a pod is bound once', async () => {
    const server = await TestServer.start();
    await server.post(PODS, pod('a'));
    const binding = { metadata: { name: 'a' }, target: { name: 'node-1' } };

    const bound = await server.post(`${PODS}/a/binding`, binding);
    const again = await server.post(`${PODS}/a/binding`, binding);
    const { body } = await server.get(`${PODS}/a`);

    expect(bound.body).toMatchObject({ kind: 'Status', status: 'Success', code: 201 });
    expect(again.code).toBe(409);
    expect(body.spec.nodeName).toBe('node-1');
    expect(body.status.conditions[0]).toMatchObject({ type: 'PodScheduled', status: 'True' });
  });
});

describe('namespaces', () => {
  test('the usual ones are there from the start', async () => {
    const server = await TestServer.start();

    const { body } = await server.get('/api/v1/namespaces');

    expect(body.items.map((item: { metadata: { name: string } }) => item.metadata.name)).toEqual([
      'default',
      'kube-node-lease',
      'kube-public',
      'kube-system',
    ]);
  });

  test('one under deletion takes no new objects, and goes when it is empty', async () => {
    const server = await TestServer.start();
    const path = '/api/v1/namespaces/work';
    await server.post('/api/v1/namespaces', { metadata: { name: 'work' } });
    const held = configMap('held', { metadata: { finalizers: ['example.com/hold'] } });
    await server.post(`${path}/configmaps`, held);
    await server.post(`${path}/configmaps`, configMap('free'));
    const maps = await server.watch(`${path}/configmaps?watch=true`);
    const namespaces = await server.watch('/api/v1/namespaces?watch=true');

    const deleted = await server.delete(path);
    await maps.until(({ type, object }) => type === 'DELETED' && object.metadata.name === 'free');
    const refused = await server.post(`${path}/configmaps`, configMap('new'));
    await server.patch(`${path}/configmaps/held`, { metadata: { finalizers: null } });
    const gone = await namespaces.until(({ type }) => type === 'DELETED');

    expect(deleted.body.status.phase).toBe('Terminating');
    expect(refused.code).toBe(403);
    expect(refused.body.message).toBe(
      'configmaps "new" is forbidden: unable to create new content in namespace work because it is being terminated',
    );
    expect(refused.body.details.causes[0].reason).toBe('NamespaceTerminating');
    expect(gone.object.metadata.name).toBe('work');
  });
});
