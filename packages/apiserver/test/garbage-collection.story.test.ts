import { describe, expect, test } from 'vitest';
import { CONFIG_MAPS, configMap, pod, PODS, TestServer, type Json } from './harness.ts';

function ownedBy(owner: Json, extra: Json = {}): Json {
  const { apiVersion, kind } = { apiVersion: 'v1', kind: 'ConfigMap' };
  const { name, uid } = owner.metadata;
  return { ownerReferences: [{ apiVersion, kind, name, uid, ...extra }] };
}

async function ownerAndDependent(server: TestServer, extra: Json = {}): Promise<Json> {
  const owner = (await server.post(CONFIG_MAPS, configMap('owner'))).body;
  await server.post(PODS, pod('dependent', { metadata: ownedBy(owner, extra) }));
  return owner;
}

describe('garbage collection', () => {
  test('a background deletion removes the owner at once and its dependents after it', async () => {
    const server = await TestServer.start();
    await ownerAndDependent(server);
    const watch = await server.watch(`${PODS}?watch=true`);

    const { body } = await server.delete(`${CONFIG_MAPS}/owner`);
    const seen = await watch.take(3);

    expect(body.status).toBe('Success');
    expect(seen).toEqual(['ADDED dependent', 'MODIFIED dependent', 'DELETED dependent']);
  });

  test('a foreground deletion removes the owner after the dependents that block it', async () => {
    const server = await TestServer.start();
    await ownerAndDependent(server, { blockOwnerDeletion: true });
    const watch = await server.watch(`${CONFIG_MAPS}?watch=true`);

    const answer = await server.delete(`${CONFIG_MAPS}/owner?propagationPolicy=Foreground`);
    const gone = await watch.until((event) => event.type === 'DELETED');
    const pods = await server.get(PODS);

    expect(answer.body.metadata.finalizers).toEqual(['foregroundDeletion']);
    expect(answer.body.metadata.deletionTimestamp).toBeDefined();
    expect(gone.object.metadata.name).toBe('owner');
    expect(pods.body.items).toEqual([]);
  });

  test('a dependent with a finalizer holds back an owner that is deleted in the foreground', async () => {
    const server = await TestServer.start();
    const owner = (await server.post(CONFIG_MAPS, configMap('owner'))).body;
    const metadata = {
      ...ownedBy(owner, { blockOwnerDeletion: true }),
      finalizers: ['example.com/hold'],
    };
    await server.post(PODS, pod('dependent', { metadata }));
    const pods = await server.watch(`${PODS}?watch=true`);
    const maps = await server.watch(`${CONFIG_MAPS}?watch=true`);

    await server.delete(`${CONFIG_MAPS}/owner?propagationPolicy=Foreground`);
    await pods.until((event) => event.object.metadata.deletionTimestamp !== undefined);
    const held = await server.get(`${CONFIG_MAPS}/owner`);
    await server.patch(`${PODS}/dependent`, { metadata: { finalizers: null } });
    await maps.until((event) => event.type === 'DELETED');

    expect(held.code).toBe(200);
  });

  test('an orphaning deletion keeps the dependents without the reference', async () => {
    const server = await TestServer.start();
    await ownerAndDependent(server);
    const watch = await server.watch(`${CONFIG_MAPS}?watch=true`);

    await server.delete(`${CONFIG_MAPS}/owner`, { propagationPolicy: 'Orphan' });
    await watch.until((event) => event.type === 'DELETED');
    const { body } = await server.get(`${PODS}/dependent`);

    expect(body.metadata.ownerReferences).toBeUndefined();
  });

  test('an object whose owner never existed is collected', async () => {
    const server = await TestServer.start();
    const watch = await server.watch(`${PODS}?watch=true`);
    const owner = { metadata: { name: 'ghost', uid: 'no-such-uid' } };

    await server.post(PODS, pod('dependent', { metadata: ownedBy(owner) }));
    const gone = await watch.until(({ type }) => type === 'DELETED');

    expect(gone.object.metadata.name).toBe('dependent');
  });

  test('an object with one living owner stays and loses the reference to the dead one', async () => {
    const server = await TestServer.start();
    const one = (await server.post(CONFIG_MAPS, configMap('one'))).body;
    const two = (await server.post(CONFIG_MAPS, configMap('two'))).body;
    const ownerReferences = [...ownedBy(one).ownerReferences, ...ownedBy(two).ownerReferences];
    await server.post(PODS, pod('dependent', { metadata: { ownerReferences } }));
    const watch = await server.watch(`${PODS}?watch=true`);

    await server.delete(`${CONFIG_MAPS}/one`);
    const event = await watch.until(({ type }) => type === 'MODIFIED');

    expect(event.object.metadata.ownerReferences).toEqual(ownedBy(two).ownerReferences);
  });

  test('a chain of owners is collected down to the last', async () => {
    const server = await TestServer.start();
    const top = (await server.post(CONFIG_MAPS, configMap('top'))).body;
    const middle = (await server.post(CONFIG_MAPS, configMap('middle', { metadata: ownedBy(top) })))
      .body;
    await server.post(PODS, pod('leaf', { metadata: ownedBy(middle) }));
    const watch = await server.watch(`${PODS}?watch=true`);

    await server.delete(`${CONFIG_MAPS}/top`);

    const gone = await watch.until(({ type }) => type === 'DELETED');

    expect(gone.object.metadata.name).toBe('leaf');
  });

  test('without garbage collection dependents stay', async () => {
    const server = await TestServer.start({ garbageCollection: false });
    await ownerAndDependent(server);
    const watch = await server.watch(`/api/v1/namespaces?watch=true`);
    await server.delete(`${CONFIG_MAPS}/owner`);

    // The namespace controller works in the same turns as the collector would: when it is through, so is the rest.
    await server.post('/api/v1/namespaces', { metadata: { name: 'marker' } });
    await server.delete('/api/v1/namespaces/marker');
    await watch.until((event) => event.type === 'DELETED');
    const { code } = await server.get(`${PODS}/dependent`);

    expect(code).toBe(200);
  });
});
