import { describe, expect, test } from 'vitest';

import type { KubeObject } from '../answer.ts';
import { configMap, failure } from '../manifests.ts';
import { Space } from '../space.ts';
import type { ApiTarget } from '../target.ts';
import { shortly } from '../watch-stream.ts';

const finalizers = ['example.com/a'];

/** Creates a config map that cannot go yet, and asks for its end. */
async function ending(api: ApiTarget, space: Space): Promise<KubeObject> {
  await api.post(space.configMaps, configMap('a', {}, { finalizers }));
  return (await api.delete(`${space.configMaps}/a`)).object;
}

function finalizerContract(target: () => ApiTarget): void {
  test('a deletion marks an object with a finalizer and answers with the object', async () => {
    await using space = await Space.create(target());
    const before = await target().post(space.configMaps, configMap('a', {}, { finalizers }));

    const { code, object } = await target().delete(`${space.configMaps}/a`);

    expect(code).toBe(200);
    expect(object).toMatchObject({
      kind: 'ConfigMap',
      metadata: {
        uid: before.object.metadata.uid,
        finalizers,
        deletionTimestamp: expect.stringMatching(/Z$/),
        deletionGracePeriodSeconds: 0,
      },
    });
    expect(object.metadata.resourceVersion).not.toBe(before.object.metadata.resourceVersion);
  });

  test('a second deletion changes nothing', async () => {
    await using space = await Space.create(target());
    const first = await ending(target(), space);

    const second = await target().delete(`${space.configMaps}/a`);

    expect(second.code).toBe(200);
    expect(second.object).toEqual(first);
  });

  test('the update that takes the last finalizer answers with the object, which is then gone', async () => {
    await using space = await Space.create(target());
    const before = await ending(target(), space);

    const patch = { metadata: { finalizers: null } };
    const { code, object } = await target().patch(`${space.configMaps}/a`, 'merge', patch);

    expect(code).toBe(200);
    expect(object.metadata.finalizers).toBeUndefined();
    expect(object.metadata.deletionTimestamp).toBe(before.metadata.deletionTimestamp);
    expect((await target().get(`${space.configMaps}/a`)).code).toBe(404);
  });

  test('a watch sees the mark as MODIFIED and the end as DELETED, with the last stored finalizers', async () => {
    await using space = await Space.create(target());
    const { object } = await target().post(space.configMaps, configMap('a', {}, { finalizers }));
    const from = object.metadata.resourceVersion;
    await using watch = await target().watch(
      `${space.configMaps}?watch=true&fieldSelector=metadata.name%3Da&resourceVersion=${from}`,
    );

    await target().delete(`${space.configMaps}/a`);
    const patch = { metadata: { finalizers: [] } };
    await target().patch(`${space.configMaps}/a`, 'merge', patch);
    const events = await watch.take(2);

    expect(events.map(shortly)).toEqual(['MODIFIED a', 'DELETED a']);
    expect(events[0]?.object.metadata.deletionTimestamp).toMatch(/Z$/);
    // The update that takes the last finalizer is never stored, so the last state still has it.
    expect(events[1]?.object.metadata.finalizers).toEqual(finalizers);
  });

  test('an object that is ending can still be changed', async () => {
    await using space = await Space.create(target());
    const before = await ending(target(), space);

    const patch = { data: { x: '1' } };
    const { code, object } = await target().patch(`${space.configMaps}/a`, 'merge', patch);

    expect(code).toBe(200);
    expect(object.data).toEqual({ x: '1' });
    expect(object.metadata.deletionTimestamp).toBe(before.metadata.deletionTimestamp);
  });

  test('the mark of deletion cannot be taken back', async () => {
    await using space = await Space.create(target());
    const before = await ending(target(), space);

    const patch = { metadata: { deletionTimestamp: null } };
    const { code, object } = await target().patch(`${space.configMaps}/a`, 'merge', patch);

    expect(code).toBe(200);
    expect(object).toEqual(before);
  });

  test('an object that is ending gets no new finalizer', async () => {
    await using space = await Space.create(target());
    await ending(target(), space);

    const patch = { metadata: { finalizers: [...finalizers, 'example.com/b'] } };
    const { code, body } = await target().patch(`${space.configMaps}/a`, 'merge', patch);

    const words =
      'Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"example.com/b"}';
    expect(code).toBe(422);
    expect(body).toMatchObject(
      failure(422, 'Invalid', {
        message: `ConfigMap "a" is invalid: metadata.finalizers: ${words}`,
        details: { name: 'a', kind: 'ConfigMap' },
      }),
    );
    expect(body).toHaveProperty('details.causes[0]', {
      reason: 'FieldValueForbidden',
      message: words,
      field: 'metadata.finalizers',
    });
  });

  test('the name of an object that is ending is still taken', async () => {
    await using space = await Space.create(target());
    await ending(target(), space);

    const { code, body } = await target().post(space.configMaps, configMap('a'));

    expect(code).toBe(409);
    expect(body).toEqual(
      failure(409, 'AlreadyExists', {
        message: 'object is being deleted: configmaps "a" already exists',
        details: { name: 'a', kind: 'configmaps' },
      }),
    );
  });

  test('a finalizer without a domain is invalid', async () => {
    await using space = await Space.create(target());

    const sent = configMap('a', {}, { finalizers: ['plain'] });
    const { code, body } = await target().post(space.configMaps, sent);

    expect(code).toBe(422);
    expect(body).toMatchObject({
      reason: 'Invalid',
      details: { causes: [{ reason: 'FieldValueInvalid', field: 'metadata.finalizers[0]' }] },
    });
  });
}

function deleteOptionsContract(target: () => ApiTarget): void {
  test('an unknown propagation policy is invalid', async () => {
    await using space = await Space.create(target());
    await target().post(space.configMaps, configMap('a'));

    const options = { propagationPolicy: 'Sideways' };
    const { code, body } = await target().delete(`${space.configMaps}/a`, options);

    expect(code).toBe(422);
    expect(body).toMatchObject(
      failure(422, 'Invalid', {
        details: {
          group: 'meta.k8s.io',
          kind: 'DeleteOptions',
          causes: [{ reason: 'FieldValueNotSupported', field: 'propagationPolicy' }],
        },
      }),
    );
  });

  test('a foreground deletion adds its finalizer and answers with the object', async () => {
    await using space = await Space.create(target());
    await target().post(space.configMaps, configMap('a'));

    const path = `${space.configMaps}/a?propagationPolicy=Foreground`;
    const { code, object } = await target().delete(path);

    expect(code).toBe(200);
    expect(object.metadata.finalizers).toEqual(['foregroundDeletion']);
    expect(object.metadata.deletionTimestamp).toMatch(/Z$/);
  });

  test('an orphaning deletion adds its finalizer after those that are there', async () => {
    await using space = await Space.create(target());
    await target().post(space.configMaps, configMap('a', {}, { finalizers }));

    const options = { propagationPolicy: 'Orphan' };
    const { object } = await target().delete(`${space.configMaps}/a`, options);

    expect(object.metadata.finalizers).toEqual(['example.com/a', 'orphan']);
  });
}

/** What finalizers hold back, and what the options of a deletion do. */
export function finalizersAndDeletionContract(target: () => ApiTarget): void {
  describe('finalizers', () => {
    finalizerContract(target);
  });
  describe('options of a deletion', () => {
    deleteOptionsContract(target);
  });
}
