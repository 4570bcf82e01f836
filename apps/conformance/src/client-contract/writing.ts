import {
  ApiStatusError,
  configMaps,
  defineResource,
  deployments,
  isAlreadyExists,
  isConflict,
  isInvalid,
  isNotFound,
} from '@kubeloop/client';
import { describe, expect, test } from 'vitest';

import { Widgets } from '../api-contract/widgets.ts';
import { deployment } from '../manifests.ts';
import { Space } from '../space.ts';
import { configMapNamed, rejection, type ClientTarget } from './client-target.ts';

interface Widget {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: { readonly size: number; readonly replicas?: number };
  readonly status?: { readonly phase?: string };
}

function objectsContract(target: () => ClientTarget): void {
  test('a creation gives the object as it is stored, and a second one already exists', async () => {
    await using space = await Space.create(target().api);
    const client = target().client.resource(configMaps).namespace(space.name);

    const created = await client.create(configMapNamed('a', { x: '1' }));
    const error = await rejection(client.create(configMapNamed('a')));

    expect(created.metadata?.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(isAlreadyExists(error)).toBe(true);
    expect(isConflict(error)).toBe(false);
  });

  test('a dry run stores nothing', async () => {
    await using space = await Space.create(target().api);
    const client = target().client.resource(configMaps).namespace(space.name);

    await client.create(configMapNamed('a'), { dryRun: true });

    expect(isNotFound(await rejection(client.get('a')))).toBe(true);
  });

  test('an update of an old version is a conflict that names the object', async () => {
    await using space = await Space.create(target().api);
    const client = target().client.resource(configMaps).namespace(space.name);
    const old = await client.create(configMapNamed('a', { x: '1' }));
    await client.update({ ...old, data: { x: '2' } });

    const error = await rejection(client.update({ ...old, data: { x: '3' } }));

    expect(isConflict(error)).toBe(true);
    expect(error).toMatchObject({
      code: 409,
      reason: 'Conflict',
      details: { name: 'a', kind: 'configmaps' },
    });
    expect((await client.get('a')).data).toEqual({ x: '2' });
  });

  test('an invalid object is refused with its causes', async () => {
    await using space = await Space.create(target().api);
    const client = target().client.resource(configMaps).namespace(space.name);

    const error = await rejection(client.create(configMapNamed('A_b')));

    expect(isInvalid(error)).toBe(true);
    expect(ApiStatusError.is(error) && error.details?.causes?.[0]?.field).toBe('metadata.name');
  });

  test('the three patches change what they say', async () => {
    await using space = await Space.create(target().api);
    const client = target().client.resource(configMaps).namespace(space.name);
    await client.create(configMapNamed('a', { x: '1' }));

    await client.patch('a', [{ op: 'add', path: '/data/j', value: '1' }], { type: 'json' });
    await client.patch('a', { data: { m: '1' } }, { type: 'merge' });
    const last = await client.patch('a', { data: { s: '1', x: null } }, { type: 'strategic' });

    expect(last.data).toEqual({ j: '1', m: '1', s: '1' });
  });

  test('a deletion gives a Status, or the object when it is still ending', async () => {
    await using space = await Space.create(target().api);
    const client = target().client.resource(configMaps).namespace(space.name);
    await client.create(configMapNamed('a'));
    await client.create(configMapNamed('b', {}, { finalizers: ['example.com/hold'] }));

    const gone = await client.delete('a');
    const ending = await client.delete('b');

    expect(gone).toMatchObject({ kind: 'Status', status: 'Success', details: { name: 'a' } });
    expect(ending).toMatchObject({
      kind: 'ConfigMap',
      metadata: { deletionTimestamp: expect.stringMatching(/Z$/) },
    });
  });

  test('a deletion with a precondition that does not fit is a conflict', async () => {
    await using space = await Space.create(target().api);
    const client = target().client.resource(configMaps).namespace(space.name);
    await client.create(configMapNamed('a'));

    const preconditions = { resourceVersion: '1' };
    const error = await rejection(client.delete('a', { preconditions }));

    expect(isConflict(error)).toBe(true);
  });

  test('a collection is deleted by its selector', async () => {
    await using space = await Space.create(target().api);
    const client = target().client.resource(configMaps).namespace(space.name);
    await client.create(configMapNamed('a', {}, { labels: { color: 'red' } }));
    await client.create(configMapNamed('b', {}, { labels: { color: 'blue' } }));

    await client.deleteCollection({ labelSelector: 'color=red' });

    const { items } = await client.list({ labelSelector: 'color' });
    expect(items.map(({ metadata }) => metadata?.name)).toEqual(['b']);
  });
}

function applyContract(target: () => ClientTarget): void {
  test('an apply creates and changes, and leaves what others own', async () => {
    await using space = await Space.create(target().api);
    const client = target().client.resource(configMaps).namespace(space.name);
    await client.apply(configMapNamed('a', { x: '1' }), { fieldManager: 'one' });

    await client.apply(configMapNamed('a', { y: '1' }), { fieldManager: 'two' });
    const { data } = await client.apply(configMapNamed('a', { x: '2' }), { fieldManager: 'one' });

    expect(data).toEqual({ x: '2', y: '1' });
  });

  test('a field of another manager is a conflict with a cause, and force takes it over', async () => {
    await using space = await Space.create(target().api);
    const client = target().client.resource(configMaps).namespace(space.name);
    await client.apply(configMapNamed('a', { x: '1' }), { fieldManager: 'one' });

    const changed = configMapNamed('a', { x: '2' });
    const error = await rejection(client.apply(changed, { fieldManager: 'two' }));
    const { data } = await client.apply(changed, { fieldManager: 'two', force: true });

    expect(isConflict(error)).toBe(true);
    expect(error).toMatchObject({
      details: { causes: [{ reason: 'FieldManagerConflict', field: '.data.x' }] },
    });
    expect(data).toEqual({ x: '2' });
  });
}

function subresourcesContract(target: () => ClientTarget): void {
  test('the status of a custom resource is written apart from its spec', async () => {
    await using widgets = await Widgets.create(target().api);
    const client = target()
      .client.resource(
        defineResource<Widget>({
          group: widgets.group,
          version: 'v1',
          plural: 'widgets',
          kind: 'Widget',
          namespaced: true,
        }),
      )
      .namespace(widgets.space.name);
    const apiVersion = `${widgets.group}/v1`;
    const sent: Widget = { apiVersion, kind: 'Widget', metadata: { name: 'a' }, spec: { size: 1 } };
    const created = await client.create(sent);

    const updated = await client.updateStatus({
      ...created,
      spec: { size: 9 },
      status: { phase: 'One' },
    });
    const patched = await client.patchStatus('a', { status: { phase: 'Two' } }, { type: 'merge' });

    expect(updated).toMatchObject({ spec: { size: 1 }, status: { phase: 'One' } });
    expect(patched).toMatchObject({ spec: { size: 1 }, status: { phase: 'Two' } });
  });

  test('the scale is read and changed', async () => {
    await using space = await Space.create(target().api);
    await target().api.post(space.deployments, deployment('a', { replicas: 1 }));
    const client = target().client.resource(deployments).namespace(space.name);

    const before = await client.getScale('a');
    const after = await client.patchScale('a', { spec: { replicas: 2 } }, { type: 'merge' });

    expect(before.spec).toEqual({ replicas: 1 });
    expect(after.spec).toEqual({ replicas: 2 });
    expect((await client.get('a')).spec?.replicas).toBe(2);
  });
}

/** Writes of all kinds through the client. */
export function writingContract(target: () => ClientTarget): void {
  describe('a client writes', () => {
    objectsContract(target);
    applyContract(target);
    subresourcesContract(target);
  });
}
