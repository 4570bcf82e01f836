import { describe, expect, test } from 'vitest';

import { configMap, failure } from '../manifests.ts';
import { Space } from '../space.ts';
import type { ApiTarget } from '../target.ts';

const rejected = failure(422, 'Invalid', {
  message: 'the server rejected our request due to an error in our request',
  details: {},
});

function jsonPatchContract(target: () => ApiTarget): void {
  test('the operations are done in order', async () => {
    await using space = await Space.create(target());
    await target().post(space.configMaps, configMap('a', { x: '1' }));

    const { code, object } = await target().patch(`${space.configMaps}/a`, 'json', [
      { op: 'test', path: '/data/x', value: '1' },
      { op: 'add', path: '/data/y', value: '2' },
      { op: 'copy', from: '/data/y', path: '/data/z' },
      { op: 'move', from: '/data/y', path: '/data/w' },
      { op: 'replace', path: '/data/x', value: '9' },
      { op: 'remove', path: '/data/z' },
    ]);

    expect(code).toBe(200);
    expect(object.data).toEqual({ x: '9', w: '2' });
  });

  test('a test that fails refuses the whole patch', async () => {
    await using space = await Space.create(target());
    await target().post(space.configMaps, configMap('a', { x: '1' }));

    const { code, body } = await target().patch(`${space.configMaps}/a`, 'json', [
      { op: 'add', path: '/data/y', value: '2' },
      { op: 'test', path: '/data/x', value: '2' },
    ]);

    expect(code).toBe(422);
    expect(body).toEqual(rejected);
    expect((await target().get(`${space.configMaps}/a`)).object.data).toEqual({ x: '1' });
  });

  test('the removal of what is not there is refused', async () => {
    await using space = await Space.create(target());
    await target().post(space.configMaps, configMap('a', { x: '1' }));

    const patch = [{ op: 'remove', path: '/data/y' }];
    const { code, body } = await target().patch(`${space.configMaps}/a`, 'json', patch);

    expect(code).toBe(422);
    expect(body).toEqual(rejected);
  });

  test('a slash in a name is escaped in a pointer', async () => {
    await using space = await Space.create(target());
    const annotations = { 'example.com/a': '1' };
    await target().post(space.configMaps, configMap('a', {}, { annotations }));

    const { code, object } = await target().patch(`${space.configMaps}/a`, 'json', [
      { op: 'replace', path: '/metadata/annotations/example.com~1a', value: '3' },
      { op: 'add', path: '/metadata/labels', value: { l: '1' } },
    ]);

    expect(code).toBe(200);
    expect(object.metadata.annotations).toEqual({ 'example.com/a': '3' });
    expect(object.metadata.labels).toEqual({ l: '1' });
  });

  test('a dash appends to a list, and a number inserts into it', async () => {
    await using space = await Space.create(target());
    const finalizers = ['example.com/b'];
    await target().post(space.configMaps, configMap('a', {}, { finalizers }));

    const { object } = await target().patch(`${space.configMaps}/a`, 'json', [
      { op: 'add', path: '/metadata/finalizers/-', value: 'example.com/c' },
      { op: 'add', path: '/metadata/finalizers/0', value: 'example.com/a' },
    ]);

    expect(object.metadata.finalizers).toEqual(['example.com/a', 'example.com/b', 'example.com/c']);
  });

  test('a patch that is no list is malformed', async () => {
    await using space = await Space.create(target());
    await target().post(space.configMaps, configMap('a'));

    const { code, body } = await target().patch(`${space.configMaps}/a`, 'json', { op: 'add' });

    expect(code).toBe(400);
    expect(body).toMatchObject(
      failure(400, 'BadRequest', { message: expect.stringMatching(/^error decoding patch: /) }),
    );
  });

  test('an operation that does not exist is refused', async () => {
    await using space = await Space.create(target());
    await target().post(space.configMaps, configMap('a', { x: '1' }));

    const patch = [{ op: 'increment', path: '/data/x', value: '1' }];
    const { code, body } = await target().patch(`${space.configMaps}/a`, 'json', patch);

    expect(code).toBe(422);
    expect(body).toEqual(rejected);
  });

  test('a patch that makes a value of a wrong type is invalid', async () => {
    await using space = await Space.create(target());
    await target().post(space.configMaps, configMap('a', { x: '1' }));

    const patch = [{ op: 'add', path: '/data/y', value: 1 }];
    const { code, body } = await target().patch(`${space.configMaps}/a`, 'json', patch);

    expect(code).toBe(422);
    expect(body).toMatchObject(
      failure(422, 'Invalid', {
        details: { causes: [{ reason: 'FieldValueInvalid', field: 'patch' }] },
      }),
    );
  });
}

function mergePatchContract(target: () => ApiTarget): void {
  test('members are merged, and null removes', async () => {
    await using space = await Space.create(target());
    await target().post(space.configMaps, configMap('a', { x: '1', y: '2' }));

    const patch = { data: { x: null, z: '3' } };
    const { code, object } = await target().patch(`${space.configMaps}/a`, 'merge', patch);

    expect(code).toBe(200);
    expect(object.data).toEqual({ y: '2', z: '3' });
  });

  test('a list is replaced whole', async () => {
    await using space = await Space.create(target());
    const finalizers = ['example.com/a', 'example.com/b'];
    await target().post(space.configMaps, configMap('a', {}, { finalizers }));

    const patch = { metadata: { finalizers: ['example.com/c'] } };
    const { object } = await target().patch(`${space.configMaps}/a`, 'merge', patch);

    expect(object.metadata.finalizers).toEqual(['example.com/c']);
  });

  test('a patch that changes nothing keeps the resourceVersion', async () => {
    await using space = await Space.create(target());
    const before = (await target().post(space.configMaps, configMap('a', { x: '1' }))).body;

    const { code, body } = await target().patch(`${space.configMaps}/a`, 'merge', {
      data: { x: '1' },
    });

    expect(code).toBe(200);
    expect(body).toEqual(before);
  });

  test('a patch of an object that does not exist is not found', async () => {
    await using space = await Space.create(target());

    const { code, body } = await target().patch(`${space.configMaps}/a`, 'merge', { data: {} });

    expect(code).toBe(404);
    expect(body).toEqual(
      failure(404, 'NotFound', {
        message: 'configmaps "a" not found',
        details: { name: 'a', kind: 'configmaps' },
      }),
    );
  });

  test('a name cannot be changed', async () => {
    await using space = await Space.create(target());
    await target().post(space.configMaps, configMap('a'));

    const patch = { metadata: { name: 'b' } };
    const { code, body } = await target().patch(`${space.configMaps}/a`, 'merge', patch);

    expect(code).toBe(400);
    expect(body).toEqual(
      failure(400, 'BadRequest', {
        message: 'the name of the object (b) does not match the name on the URL (a)',
      }),
    );
  });

  test('a body that is no object is malformed', async () => {
    await using space = await Space.create(target());
    await target().post(space.configMaps, configMap('a'));

    const { code, body } = await target().patch(`${space.configMaps}/a`, 'merge', []);

    expect(code).toBe(400);
    expect(body).toMatchObject(
      failure(400, 'BadRequest', { message: expect.stringMatching(/^error decoding patch: /) }),
    );
  });
}

interface PortsSpec {
  readonly ports: readonly { readonly name: string; readonly port: number }[];
}

function portsOf(spec: unknown): string[] {
  // The tests below make services, which have ports.
  return (spec as PortsSpec).ports.map(({ name, port }) => `${name}:${port}`).sort();
}

function strategicPatchContract(target: () => ApiTarget): void {
  const service = {
    metadata: { name: 'a' },
    spec: { selector: { app: 'a' }, ports: [{ name: 'web', port: 80 }] },
  };

  test('a list with a merge key is merged by it', async () => {
    await using space = await Space.create(target());
    await target().post(`${space.path}/services`, service);

    const patch = { spec: { ports: [{ name: 'tls', port: 443 }] } };
    const { code, object } = await target().patch(`${space.path}/services/a`, 'strategic', patch);

    expect(code).toBe(200);
    expect(portsOf(object.spec)).toEqual(['tls:443', 'web:80']);
  });

  test('an element is deleted by a directive', async () => {
    await using space = await Space.create(target());
    await target().post(`${space.path}/services`, {
      ...service,
      spec: { ...service.spec, ports: [...service.spec.ports, { name: 'tls', port: 443 }] },
    });

    const patch = { spec: { ports: [{ port: 80, $patch: 'delete' }] } };
    const { object } = await target().patch(`${space.path}/services/a`, 'strategic', patch);

    expect(portsOf(object.spec)).toEqual(['tls:443']);
  });

  test('a list is replaced by a directive', async () => {
    await using space = await Space.create(target());
    await target().post(`${space.path}/services`, service);

    const patch = { spec: { ports: [{ name: 'tls', port: 443 }, { $patch: 'replace' }] } };
    const { object } = await target().patch(`${space.path}/services/a`, 'strategic', patch);

    expect(portsOf(object.spec)).toEqual(['tls:443']);
  });

  test('finalizers are merged as a set', async () => {
    await using space = await Space.create(target());
    await target().post(space.configMaps, configMap('a', {}, { finalizers: ['example.com/a'] }));

    const patch = { metadata: { finalizers: ['example.com/b'] } };
    const { object } = await target().patch(`${space.configMaps}/a`, 'strategic', patch);

    expect(object.metadata.finalizers?.toSorted()).toEqual(['example.com/a', 'example.com/b']);
  });

  test('an element of a set is removed by a directive', async () => {
    await using space = await Space.create(target());
    const finalizers = ['example.com/a', 'example.com/b'];
    await target().post(space.configMaps, configMap('a', {}, { finalizers }));

    const { object } = await target().patch(`${space.configMaps}/a`, 'strategic', {
      metadata: { '$deleteFromPrimitiveList/finalizers': ['example.com/a'] },
    });

    expect(object.metadata.finalizers).toEqual(['example.com/b']);
  });

  test('owner references are merged by uid', async () => {
    await using space = await Space.create(target());
    const owner = (await target().post(space.configMaps, configMap('owner'))).object;
    const other = (await target().post(space.configMaps, configMap('other'))).object;
    const reference = ({ metadata }: typeof owner): Record<string, unknown> => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      name: metadata.name,
      uid: metadata.uid,
    });
    const sent = configMap('a', {}, { ownerReferences: [reference(owner)] });
    await target().post(space.configMaps, sent);

    const patch = { metadata: { ownerReferences: [reference(other)] } };
    const { object } = await target().patch(`${space.configMaps}/a`, 'strategic', patch);

    expect(object.metadata.ownerReferences).toHaveLength(2);
  });

  test('null removes', async () => {
    await using space = await Space.create(target());
    await target().post(space.configMaps, configMap('a', { x: '1', y: '2' }));

    const patch = { data: { x: null } };
    const { object } = await target().patch(`${space.configMaps}/a`, 'strategic', patch);

    expect(object.data).toEqual({ y: '2' });
  });
}

/** The three kinds of patch that change an object as it is. */
export function patchContract(target: () => ApiTarget): void {
  describe('JSON patches', () => {
    jsonPatchContract(target);
  });
  describe('merge patches', () => {
    mergePatchContract(target);
  });
  describe('strategic merge patches', () => {
    strategicPatchContract(target);
  });
}
