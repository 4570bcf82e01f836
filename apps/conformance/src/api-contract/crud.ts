import { describe, expect, test } from 'vitest';

import { uidOf, versionOf } from '../answer.ts';
import { configMap, failure, foreignUid } from '../manifests.ts';
import { Space } from '../space.ts';
import type { ApiTarget } from '../target.ts';

const uidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function createAndReadContract(target: () => ApiTarget): void {
  test('a created object comes back with uid, resourceVersion and the time of creation', async () => {
    await using space = await Space.create(target());

    const { code, body } = await target().post(space.configMaps, configMap('a', { x: '1' }));

    expect(code).toBe(201);
    expect(body).toMatchObject({
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: {
        name: 'a',
        namespace: space.name,
        uid: expect.stringMatching(uidPattern),
        resourceVersion: expect.stringMatching(/^[1-9]\d*$/),
        creationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      },
      data: { x: '1' },
    });
  });

  test('what was created can be read, and is the same', async () => {
    await using space = await Space.create(target());
    const created = await target().post(space.configMaps, configMap('a', { x: '1' }));

    const read = await target().get(`${space.configMaps}/a`);

    expect(read.code).toBe(200);
    expect(read.headers['content-type']).toBe('application/json');
    expect(read.body).toEqual(created.body);
  });

  test('a built-in object may be sent without kind and apiVersion', async () => {
    await using space = await Space.create(target());

    const { code, body } = await target().post(space.configMaps, { metadata: { name: 'a' } });

    expect(code).toBe(201);
    expect(body).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1' });
  });

  test('generateName gets five characters of a name that does not spell words', async () => {
    await using space = await Space.create(target());

    const { object } = await target().post(space.configMaps, { metadata: { generateName: 'a-' } });

    expect(object.metadata.name).toMatch(/^a-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(object.metadata.generateName).toBe('a-');
  });

  test('a name wins over generateName', async () => {
    await using space = await Space.create(target());

    const metadata = { name: 'b', generateName: 'a-' };
    const { object } = await target().post(space.configMaps, { metadata });

    expect(object.metadata.name).toBe('b');
  });

  test('uid and creation time that a creator sends are replaced', async () => {
    await using space = await Space.create(target());

    const sent = { uid: foreignUid, creationTimestamp: '2001-01-01T00:00:00Z' };
    const { object } = await target().post(space.configMaps, configMap('a', {}, sent));

    expect(object.metadata.uid).not.toBe(foreignUid);
    expect(object.metadata.creationTimestamp).not.toBe(sent.creationTimestamp);
  });

  test('a resourceVersion in an object to be created is an error of the server', async () => {
    await using space = await Space.create(target());

    const sent = configMap('a', {}, { resourceVersion: '5' });
    const { code, body } = await target().post(space.configMaps, sent);

    expect(code).toBe(500);
    expect(body).toEqual(
      failure(500, undefined, {
        message: 'resourceVersion should not be set on objects to be created',
      }),
    );
  });

  test('a name that is taken is refused', async () => {
    await using space = await Space.create(target());
    await target().post(space.configMaps, configMap('a'));

    const { code, body } = await target().post(space.configMaps, configMap('a'));

    expect(code).toBe(409);
    expect(body).toEqual(
      failure(409, 'AlreadyExists', {
        message: 'configmaps "a" already exists',
        details: { name: 'a', kind: 'configmaps' },
      }),
    );
  });

  test('names count per namespace', async () => {
    await using one = await Space.create(target());
    await using other = await Space.create(target());
    await target().post(one.configMaps, configMap('a', { from: 'one' }));

    const { code } = await target().post(other.configMaps, configMap('a', { from: 'other' }));

    expect(code).toBe(201);
    expect((await target().get(`${one.configMaps}/a`)).object.data).toEqual({ from: 'one' });
  });
}

function updateContract(target: () => ApiTarget): void {
  test('an update replaces what can be changed and keeps what cannot', async () => {
    await using space = await Space.create(target());
    const sent = configMap('a', { x: '1' }, { labels: { l: '1' } });
    const before = (await target().post(space.configMaps, sent)).object;

    const { code, object } = await target().put(
      `${space.configMaps}/a`,
      configMap('a', { y: '2' }, { creationTimestamp: '2001-01-01T00:00:00Z' }),
    );

    expect(code).toBe(200);
    expect(object.data).toEqual({ y: '2' });
    expect(object.metadata.labels).toBeUndefined();
    expect(object.metadata.uid).toBe(before.metadata.uid);
    expect(object.metadata.creationTimestamp).toBe(before.metadata.creationTimestamp);
    expect(versionOf(object)).not.toBe(versionOf(before));
  });

  test('an update of an object that does not exist is not found', async () => {
    await using space = await Space.create(target());

    const { code, body } = await target().put(`${space.configMaps}/a`, configMap('a'));

    expect(code).toBe(404);
    expect(body).toEqual(
      failure(404, 'NotFound', {
        message: 'configmaps "a" not found',
        details: { name: 'a', kind: 'configmaps' },
      }),
    );
  });

  test('an update under another name is refused', async () => {
    await using space = await Space.create(target());
    await target().post(space.configMaps, configMap('a'));

    const { code, body } = await target().put(`${space.configMaps}/a`, configMap('b'));

    expect(code).toBe(400);
    expect(body).toEqual(
      failure(400, 'BadRequest', {
        message: 'the name of the object (b) does not match the name on the URL (a)',
      }),
    );
  });
}

function deleteContract(target: () => ApiTarget): void {
  test('a deletion answers with a Status that names the object and its uid', async () => {
    await using space = await Space.create(target());
    const { object } = await target().post(space.configMaps, configMap('a'));

    const { code, body } = await target().delete(`${space.configMaps}/a`);

    expect(code).toBe(200);
    expect(body).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: { name: 'a', kind: 'configmaps', uid: uidOf(object) },
    });
    expect((await target().get(`${space.configMaps}/a`)).code).toBe(404);
  });

  test('a deletion in a named group says the group', async () => {
    await using space = await Space.create(target());
    const leases = `/apis/coordination.k8s.io/v1/namespaces/${space.name}/leases`;
    await target().post(leases, { metadata: { name: 'a' } });

    const { body } = await target().delete(`${leases}/a`);

    const details = { name: 'a', group: 'coordination.k8s.io', kind: 'leases' };
    expect(body).toMatchObject({ status: 'Success', details });
  });

  test('a deletion of an object that does not exist is not found', async () => {
    await using space = await Space.create(target());

    const { code, body } = await target().delete(`${space.configMaps}/a`);

    expect(code).toBe(404);
    expect(body).toMatchObject(failure(404, 'NotFound', { message: 'configmaps "a" not found' }));
  });

  test('a collection is deleted by selector, and the answer lists what was deleted', async () => {
    await using space = await Space.create(target());
    await target().post(space.configMaps, configMap('a', {}, { labels: { color: 'red' } }));
    await target().post(space.configMaps, configMap('b', {}, { labels: { color: 'blue' } }));

    const { code, list } = await target().delete(`${space.configMaps}?labelSelector=color%3Dred`);

    expect(code).toBe(200);
    expect(list).toMatchObject({ kind: 'ConfigMapList', items: [{ metadata: { name: 'a' } }] });
    const left = (await target().get(`${space.configMaps}?labelSelector=color`)).list;
    expect(left.items).toMatchObject([{ metadata: { name: 'b' } }]);
  });

  test('an object created after the deletion of its namesake has another uid', async () => {
    await using space = await Space.create(target());
    const first = (await target().post(space.configMaps, configMap('a'))).object;
    await target().delete(`${space.configMaps}/a`);

    const second = (await target().post(space.configMaps, configMap('a'))).object;

    expect(second.metadata.uid).not.toBe(first.metadata.uid);
  });
}

function dryRunContract(target: () => ApiTarget): void {
  test('a dry run of a creation answers as if it were stored, without a version, and stores nothing', async () => {
    await using space = await Space.create(target());

    const { code, object } = await target().post(`${space.configMaps}?dryRun=All`, configMap('a'));

    expect(code).toBe(201);
    expect(object.metadata.uid).toMatch(uidPattern);
    expect(object.metadata.resourceVersion).toBeUndefined();
    expect((await target().get(`${space.configMaps}/a`)).code).toBe(404);
  });

  test('a dry run of an update or a deletion changes nothing', async () => {
    await using space = await Space.create(target());
    const before = (await target().post(space.configMaps, configMap('a', { x: '1' }))).body;

    const update = await target().put(
      `${space.configMaps}/a?dryRun=All`,
      configMap('a', { x: '2' }),
    );
    const deletion = await target().delete(`${space.configMaps}/a?dryRun=All`);

    expect(update.object.data).toEqual({ x: '2' });
    expect(deletion.body).toMatchObject({ kind: 'Status', status: 'Success' });
    expect((await target().get(`${space.configMaps}/a`)).body).toEqual(before);
  });

  test('an unknown kind of dry run is refused', async () => {
    await using space = await Space.create(target());

    const { code, body } = await target().post(`${space.configMaps}?dryRun=Some`, configMap('a'));

    expect(code).toBe(422);
    expect(body).toMatchObject(
      failure(422, 'Invalid', {
        details: { kind: 'CreateOptions', causes: [{ field: 'dryRun' }] },
      }),
    );
  });
}

/** Creating, reading, replacing and deleting single objects. */
export function crudContract(target: () => ApiTarget): void {
  describe('creating and reading', () => {
    createAndReadContract(target);
  });
  describe('replacing', () => {
    updateContract(target);
  });
  describe('deleting', () => {
    deleteContract(target);
  });
  describe('dry runs', () => {
    dryRunContract(target);
  });
}
