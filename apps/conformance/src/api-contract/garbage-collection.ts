import { describe, expect, test } from 'vitest';

import { nameOf, uidOf, versionOf, type Answer, type KubeObject } from '../answer.ts';
import { configMap, failure, foreignUid } from '../manifests.ts';
import { Space } from '../space.ts';
import type { ApiTarget } from '../target.ts';
import { until } from '../until.ts';
import { shortly, type WatchStream } from '../watch-stream.ts';

interface Reference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

function referenceTo(owner: KubeObject, extra: Partial<Reference> = {}): Reference {
  return { apiVersion: 'v1', kind: 'ConfigMap', name: nameOf(owner), uid: uidOf(owner), ...extra };
}

async function make(
  api: ApiTarget,
  space: Space,
  name: string,
  ownerReferences: readonly Reference[] = [],
): Promise<KubeObject> {
  const labels = { family: 'yes' };
  return (await api.post(space.configMaps, configMap(name, {}, { labels, ownerReferences })))
    .object;
}

async function watchFrom(api: ApiTarget, space: Space, last: KubeObject): Promise<WatchStream> {
  const query = `watch=true&labelSelector=family&resourceVersion=${versionOf(last)}`;
  return api.watch(`${space.configMaps}?${query}`);
}

async function gone(api: ApiTarget, path: string): Promise<Answer> {
  return until(`${path} is gone`, async () => {
    const answer = await api.get(path);
    return answer.code === 404 ? answer : undefined;
  });
}

function referencesContract(target: () => ApiTarget): void {
  test('an owner reference without a uid is invalid', async () => {
    await using space = await Space.create(target());

    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner' }];
    const sent = configMap('a', {}, { ownerReferences });
    const { code, body } = await target().post(space.configMaps, sent);

    expect(code).toBe(422);
    expect(body).toEqual(
      failure(422, 'Invalid', {
        message:
          'ConfigMap "a" is invalid: metadata.ownerReferences.uid: Invalid value: "": must not be empty',
        details: {
          name: 'a',
          kind: 'ConfigMap',
          causes: [
            {
              reason: 'FieldValueInvalid',
              message: 'Invalid value: "": must not be empty',
              field: 'metadata.ownerReferences.uid',
            },
          ],
        },
      }),
    );
  });

  test('two controllers of one object are invalid', async () => {
    await using space = await Space.create(target());
    const one = await make(target(), space, 'one');
    const two = await make(target(), space, 'two');

    const ownerReferences = [one, two].map((owner) => referenceTo(owner, { controller: true }));
    const sent = configMap('a', {}, { ownerReferences });
    const { code, body } = await target().post(space.configMaps, sent);

    expect(code).toBe(422);
    expect(body).toMatchObject({
      reason: 'Invalid',
      message: expect.stringContaining(
        'Only one reference can have Controller set to true. Found "true" in references for ConfigMap/one and ConfigMap/two',
      ),
      details: { causes: [{ reason: 'FieldValueInvalid', field: 'metadata.ownerReferences' }] },
    });
  });
}

function propagationContract(target: () => ApiTarget): void {
  test('in the background the owner goes at once and its dependents follow', async () => {
    await using space = await Space.create(target());
    const owner = await make(target(), space, 'owner');
    const child = await make(target(), space, 'child', [referenceTo(owner)]);
    await using watch = await watchFrom(target(), space, child);

    const options = { propagationPolicy: 'Background' };
    const { body } = await target().delete(`${space.configMaps}/owner`, options);

    expect(body).toMatchObject({ kind: 'Status', status: 'Success' });
    expect((await watch.take(2)).map(shortly)).toEqual(['DELETED owner', 'DELETED child']);
  });

  test('background is the default', async () => {
    await using space = await Space.create(target());
    const owner = await make(target(), space, 'owner');
    await make(target(), space, 'child', [referenceTo(owner)]);

    const { body } = await target().delete(`${space.configMaps}/owner`);

    expect(body).toMatchObject({ kind: 'Status', status: 'Success' });
    expect(await gone(target(), `${space.configMaps}/child`)).toMatchObject({ code: 404 });
  });

  test('dependents of dependents follow too', async () => {
    await using space = await Space.create(target());
    const owner = await make(target(), space, 'owner');
    const child = await make(target(), space, 'child', [referenceTo(owner)]);
    await make(target(), space, 'grandchild', [referenceTo(child)]);

    await target().delete(`${space.configMaps}/owner`);

    expect(await gone(target(), `${space.configMaps}/grandchild`)).toMatchObject({ code: 404 });
  });

  test('in the foreground the owner goes after the dependents that block it', async () => {
    await using space = await Space.create(target());
    const owner = await make(target(), space, 'owner');
    const reference = referenceTo(owner, { controller: true, blockOwnerDeletion: true });
    const child = await make(target(), space, 'child', [reference]);
    await using watch = await watchFrom(target(), space, child);

    await target().delete(`${space.configMaps}/owner`, { propagationPolicy: 'Foreground' });

    const events = await watch.takeUntil((event) => shortly(event) === 'DELETED owner');
    const ends = events.map(shortly).filter((line) => line.startsWith('DELETED'));
    expect(shortly(events[0] ?? { type: 'none', object: owner })).toBe('MODIFIED owner');
    expect(events[0]?.object.metadata.finalizers).toEqual(['foregroundDeletion']);
    expect(ends).toEqual(['DELETED child', 'DELETED owner']);
  });

  test('in the foreground the owner waits for a dependent with a finalizer', async () => {
    await using space = await Space.create(target());
    const owner = await make(target(), space, 'owner');
    const reference = referenceTo(owner, { blockOwnerDeletion: true });
    const child = await make(target(), space, 'child', [reference]);
    const hold = { metadata: { finalizers: ['example.com/hold'] } };
    await target().patch(`${space.configMaps}/child`, 'merge', hold);

    await target().delete(`${space.configMaps}/owner`, { propagationPolicy: 'Foreground' });
    await until('the child is ending', async () => {
      const { object } = await target().get(`${space.configMaps}/child`);
      return object.metadata.deletionTimestamp;
    });

    const waiting = await target().get(`${space.configMaps}/owner`);
    expect(waiting.object.metadata.finalizers).toEqual(['foregroundDeletion']);
    const release = { metadata: { uid: uidOf(child), finalizers: null } };
    await target().patch(`${space.configMaps}/child`, 'merge', release);
    expect(await gone(target(), `${space.configMaps}/owner`)).toMatchObject({ code: 404 });
  });

  test('orphaning takes the reference off the dependents and leaves them', async () => {
    await using space = await Space.create(target());
    const owner = await make(target(), space, 'owner');
    await make(target(), space, 'child', [referenceTo(owner)]);

    await target().delete(`${space.configMaps}/owner`, { propagationPolicy: 'Orphan' });

    expect(await gone(target(), `${space.configMaps}/owner`)).toMatchObject({ code: 404 });
    const { object } = await target().get(`${space.configMaps}/child`);
    expect(object.metadata.ownerReferences).toBeUndefined();
  });

  test('a dependent of two owners stays and loses the reference to the one that is gone', async () => {
    await using space = await Space.create(target());
    const one = await make(target(), space, 'one');
    const two = await make(target(), space, 'two');
    await make(target(), space, 'child', [referenceTo(one), referenceTo(two)]);

    await target().delete(`${space.configMaps}/one`);

    const left = await until('one reference is left', async () => {
      const { ownerReferences } = (await target().get(`${space.configMaps}/child`)).object.metadata;
      return ownerReferences?.length === 1 ? ownerReferences : undefined;
    });
    expect(left).toEqual([referenceTo(two)]);
  });

  test('an object whose owner never existed is collected', async () => {
    await using space = await Space.create(target());
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'never', uid: foreignUid };

    await make(target(), space, 'child', [owner]);

    expect(await gone(target(), `${space.configMaps}/child`)).toMatchObject({ code: 404 });
  });

  test('an object whose owner has another uid by now is collected', async () => {
    await using space = await Space.create(target());
    await make(target(), space, 'owner');
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: foreignUid };

    await make(target(), space, 'child', [owner]);

    expect(await gone(target(), `${space.configMaps}/child`)).toMatchObject({ code: 404 });
    expect((await target().get(`${space.configMaps}/owner`)).code).toBe(200);
  });
}

/** Owner references, and what happens to dependents when an owner goes. */
export function garbageCollectionContract(target: () => ApiTarget): void {
  describe('owner references', () => {
    referencesContract(target);
  });
  describe('garbage collection', () => {
    propagationContract(target);
  });
}
