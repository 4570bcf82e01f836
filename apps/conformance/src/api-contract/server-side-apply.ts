import { describe, expect, test } from 'vitest';

import type { Answer, KubeObject } from '../answer.ts';
import { configMap, deployment, failure } from '../manifests.ts';
import { Space } from '../space.ts';
import { patchTypes, type ApiTarget } from '../target.ts';

/** Applies as a manager; `force` takes over what others own. */
async function apply(
  api: ApiTarget,
  path: string,
  manager: string,
  sent: { readonly object: KubeObject; readonly force?: boolean },
): Promise<Answer> {
  const force = sent.force === true ? '&force=true' : '';
  return api.patch(`${path}?fieldManager=${manager}${force}`, 'apply', sent.object);
}

/** What each manager owns: `manager/operation` to its fields. */
function ownership(object: KubeObject): Record<string, unknown> {
  const entries = (object.metadata.managedFields ?? []).map(
    ({ manager, operation, fieldsV1 }) => [`${manager}/${operation}`, fieldsV1] as const,
  );
  return Object.fromEntries(entries);
}

function ownershipContract(target: () => ApiTarget): void {
  test('an apply creates what does not exist, and records who owns what', async () => {
    await using space = await Space.create(target());

    const object = configMap('a', { x: '1', y: '1' });
    const answer = await apply(target(), `${space.configMaps}/a`, 'one', { object });

    expect(answer.code).toBe(201);
    expect(answer.object.data).toEqual({ x: '1', y: '1' });
    expect(ownership(answer.object)).toEqual({
      'one/Apply': { 'f:data': { 'f:x': {}, 'f:y': {} } },
    });
  });

  test('the same apply again changes nothing', async () => {
    await using space = await Space.create(target());
    const object = configMap('a', { x: '1' });
    const first = await apply(target(), `${space.configMaps}/a`, 'one', { object });

    const second = await apply(target(), `${space.configMaps}/a`, 'one', { object });

    expect(second.code).toBe(200);
    expect(second.body).toEqual(first.body);
  });

  test('a field that a manager leaves out is removed when nobody else owns it', async () => {
    await using space = await Space.create(target());
    const path = `${space.configMaps}/a`;
    await apply(target(), path, 'one', { object: configMap('a', { x: '1', y: '1' }) });

    const { object } = await apply(target(), path, 'one', { object: configMap('a', { x: '1' }) });

    expect(object.data).toEqual({ x: '1' });
  });

  test('a field of two managers stays until both have left it out', async () => {
    await using space = await Space.create(target());
    const path = `${space.configMaps}/a`;
    await apply(target(), path, 'one', { object: configMap('a', { x: '1' }) });
    const shared = await apply(target(), path, 'two', { object: configMap('a', { x: '1' }) });

    const left = await apply(target(), path, 'one', { object: configMap('a', { y: '1' }) });
    const gone = await apply(target(), path, 'two', { object: configMap('a', { z: '1' }) });

    expect(shared.code).toBe(200);
    expect(left.object.data).toEqual({ x: '1', y: '1' });
    expect(gone.object.data).toEqual({ y: '1', z: '1' });
  });

  test('a manager who owns nothing any more is forgotten', async () => {
    await using space = await Space.create(target());
    const path = `${space.configMaps}/a`;
    await apply(target(), path, 'one', { object: configMap('a', { x: '1' }) });
    await apply(target(), path, 'two', { object: configMap('a', { y: '1' }) });

    const { object } = await apply(target(), path, 'two', { object: configMap('a') });

    expect(Object.keys(ownership(object))).toEqual(['one/Apply']);
  });

  test('a creation and an update are recorded under the field manager of the request', async () => {
    await using space = await Space.create(target());
    const created = await target().post(
      `${space.configMaps}?fieldManager=maker`,
      configMap('a', { x: '1' }),
    );

    const updated = await target().put(
      `${space.configMaps}/a?fieldManager=changer`,
      configMap('a', { x: '1', y: '2' }),
    );

    expect(ownership(created.object)).toEqual({
      'maker/Update': { 'f:data': { '.': {}, 'f:x': {} } },
    });
    expect(ownership(updated.object)).toEqual({
      'maker/Update': { 'f:data': { '.': {}, 'f:x': {} } },
      'changer/Update': { 'f:data': { 'f:y': {} } },
    });
  });

  test('without a field manager the name is the first part of the user agent', async () => {
    await using space = await Space.create(target());

    const { object } = await target().post(space.configMaps, configMap('a', { x: '1' }), {
      headers: { 'user-agent': 'tester/1.2 (linux)' },
    });

    expect(Object.keys(ownership(object))).toEqual(['tester/Update']);
  });

  test('a list with keys is merged element by element', async () => {
    await using space = await Space.create(target());
    const path = `${space.path}/services/a`;
    const service = (ports: readonly unknown[]): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'a' },
      spec: { ports },
    });
    const web = { name: 'web', port: 80, protocol: 'TCP' };
    const tls = { name: 'tls', port: 443, protocol: 'TCP' };
    await apply(target(), path, 'one', { object: service([web]) });

    const both = await apply(target(), path, 'two', { object: service([tls]) });
    const less = await apply(target(), path, 'two', { object: service([]) });

    expect(both.object.spec).toMatchObject({ ports: [{ name: 'web' }, { name: 'tls' }] });
    expect(less.object.spec).toMatchObject({ ports: [{ name: 'web' }] });
  });

  test('the status is applied by its own path, and owned as such', async () => {
    await using space = await Space.create(target());
    const path = `${space.deployments}/a`;
    await apply(target(), path, 'one', { object: deployment('a') });

    const status = { collisionCount: 3 };
    const { apiVersion, kind, metadata } = deployment('a');
    const sent = { apiVersion: apiVersion ?? '', kind: kind ?? '', metadata, status };
    const answer = await apply(target(), `${path}/status`, 'two', { object: sent });

    expect(answer.code).toBe(200);
    expect(answer.object.status).toMatchObject(status);
    const entry = answer.object.metadata.managedFields?.find(({ manager }) => manager === 'two');
    expect(entry).toMatchObject({
      operation: 'Apply',
      subresource: 'status',
      apiVersion: 'apps/v1',
      fieldsV1: { 'f:status': { 'f:collisionCount': {} } },
    });
  });
}

function applyConflictContract(target: () => ApiTarget): void {
  test('a field of another manager is a conflict that names the manager and the field', async () => {
    await using space = await Space.create(target());
    const path = `${space.configMaps}/a`;
    await apply(target(), path, 'one', { object: configMap('a', { x: '1' }) });

    const { code, body } = await apply(target(), path, 'two', {
      object: configMap('a', { x: '2' }),
    });

    expect(code).toBe(409);
    expect(body).toEqual(
      failure(409, 'Conflict', {
        message: 'Apply failed with 1 conflict: conflict with "one": .data.x',
        details: {
          causes: [
            { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.data.x' },
          ],
        },
      }),
    );
  });

  test('a conflict with somebody who updated names the version they used', async () => {
    await using space = await Space.create(target());
    await target().post(`${space.configMaps}?fieldManager=maker`, configMap('a', { x: '1' }));

    const { code, body } = await apply(target(), `${space.configMaps}/a`, 'one', {
      object: configMap('a', { x: '2' }),
    });

    expect(code).toBe(409);
    expect(body).toMatchObject({
      message: 'Apply failed with 1 conflict: conflict with "maker" using v1: .data.x',
    });
  });

  test('several conflicts are counted, and each is a cause', async () => {
    await using space = await Space.create(target());
    const path = `${space.configMaps}/a`;
    await apply(target(), path, 'one', { object: configMap('a', { x: '1', y: '1' }) });

    const { body } = await apply(target(), path, 'two', {
      object: configMap('a', { x: '2', y: '2' }),
    });

    expect(body).toMatchObject({
      message: expect.stringMatching(/^Apply failed with 2 conflicts: conflicts with "one":/),
      details: { causes: [{ field: '.data.x' }, { field: '.data.y' }] },
    });
  });

  test('force takes the field over', async () => {
    await using space = await Space.create(target());
    const path = `${space.configMaps}/a`;
    await apply(target(), path, 'one', { object: configMap('a', { x: '1', y: '1' }) });

    const answer = await apply(target(), path, 'two', {
      object: configMap('a', { x: '2' }),
      force: true,
    });

    expect(answer.code).toBe(200);
    expect(answer.object.data).toEqual({ x: '2', y: '1' });
    expect(ownership(answer.object)).toEqual({
      'one/Apply': { 'f:data': { 'f:y': {} } },
      'two/Apply': { 'f:data': { 'f:x': {} } },
    });
  });
}

function applyRefusalContract(target: () => ApiTarget): void {
  test('an apply without a field manager is invalid', async () => {
    await using space = await Space.create(target());

    const path = `${space.configMaps}/a`;
    const { code, body } = await target().patch(path, 'apply', configMap('a'));

    expect(code).toBe(422);
    expect(body).toEqual(
      failure(422, 'Invalid', {
        message:
          'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
        details: {
          group: 'meta.k8s.io',
          kind: 'PatchOptions',
          causes: [
            {
              reason: 'FieldValueRequired',
              message: 'Required value: is required for apply patch',
              field: 'fieldManager',
            },
          ],
        },
      }),
    );
  });

  test('force is for apply alone', async () => {
    await using space = await Space.create(target());
    await target().post(space.configMaps, configMap('a'));

    const path = `${space.configMaps}/a?fieldManager=one&force=true`;
    const { code, body } = await target().patch(path, 'merge', { data: { x: '1' } });

    expect(code).toBe(422);
    expect(body).toMatchObject({
      message:
        'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch',
    });
  });

  test('an applied object needs kind and apiVersion', async () => {
    await using space = await Space.create(target());

    const object = { metadata: { name: 'a' } };
    const { code } = await apply(target(), `${space.configMaps}/a`, 'one', { object });

    expect(code).toBe(400);
  });

  test('an applied object has the name of its path', async () => {
    await using space = await Space.create(target());

    const object = configMap('b');
    const { code, body } = await apply(target(), `${space.configMaps}/a`, 'one', { object });

    expect(code).toBe(400);
    expect(body).toMatchObject({ reason: 'BadRequest' });
  });

  test('an applied object has no managed fields', async () => {
    await using space = await Space.create(target());
    const created = await target().post(space.configMaps, configMap('a', { x: '1' }));
    const { managedFields = [] } = created.object.metadata;

    const object = configMap('a', { x: '1' }, { managedFields });
    const { code, body } = await apply(target(), `${space.configMaps}/a`, 'one', { object });

    expect(code).toBe(400);
    expect(body).toEqual(
      failure(400, 'BadRequest', { message: 'metadata.managedFields must be nil' }),
    );
  });

  test('a member that the schema does not have fails', async () => {
    await using space = await Space.create(target());

    const object = { ...configMap('a'), unknown: 1 };
    const { code, body } = await apply(target(), `${space.configMaps}/a`, 'one', { object });

    expect(code).toBe(500);
    expect(body).toHaveProperty(
      'message',
      expect.stringContaining('.unknown: field not declared in schema'),
    );
  });

  test('an apply in a namespace that does not exist is not found', async () => {
    const path = '/api/v1/namespaces/contract-missing/configmaps/a';
    const { code, body } = await apply(target(), path, 'one', { object: configMap('a') });

    expect(code).toBe(404);
    expect(body).toMatchObject({ details: { name: 'contract-missing', kind: 'namespaces' } });
  });

  test('an apply may be written as YAML', async () => {
    await using space = await Space.create(target());

    const { code, object } = await target().request(
      'PATCH',
      `${space.configMaps}/a?fieldManager=one`,
      {
        body: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  x: one\n',
        headers: { 'content-type': patchTypes.apply },
      },
    );

    expect(code).toBe(201);
    expect(object.data).toEqual({ x: 'one' });
  });
}

/** Server-side apply: who owns which field, and what is refused. */
export function serverSideApplyContract(target: () => ApiTarget): void {
  describe('applying', () => {
    ownershipContract(target);
  });
  describe('conflicts of an apply', () => {
    applyConflictContract(target);
  });
  describe('applies that are refused', () => {
    applyRefusalContract(target);
  });
}
