import { inspect, isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { readObject } from '../../src/protobuf/readers.ts';
import { field, podFields, podJson, unknown } from '../../testing/protobuf-bytes.ts';

interface Pod {
  metadata: { name: string; managedFields?: object[] };
  spec: { nodeName: string; replicas?: number };
  status?: object;
}

function pod(node?: string): Pod {
  return readObject(unknown('v1', 'Pod', ...podFields('a', node))) as Pod;
}

/** As caches find them. */
function partsOf(obj: object): { isSame(other: unknown): boolean } {
  // Objects from protobuf have them.
  return Reflect.get(obj, Symbol.for('@kubeloop/lazy')) as { isSame(other: unknown): boolean };
}

/** As caches copy. */
function copyOf(value: unknown): unknown {
  const symbol = Symbol.for('@kubeloop/lazy');
  const isObject = typeof value === 'object' && value !== null && symbol in value;
  if (!isObject) return structuredClone(value);
  // Objects from protobuf have it.
  const parts = Reflect.get(value, symbol) as {
    copy(owner: object, copy: (one: unknown) => unknown): object;
  };
  return parts.copy(value, copyOf);
}

function isDecoded(obj: object, name: string): boolean {
  const symbol = Symbol.for('@kubeloop/lazy');
  // Objects from protobuf have it.
  const parts = (obj as Record<symbol, { isPending(name: string): boolean } | undefined>)[symbol];
  return parts !== undefined && !parts.isPending(name);
}

describe('an object from protobuf', () => {
  test.each<[string, (obj: object) => unknown]>([
    ['itself', (obj) => obj],
    ['a spread copy', (obj) => ({ ...obj })],
    ['structuredClone', (obj) => structuredClone(obj)],
    ['JSON', (obj) => JSON.parse(JSON.stringify(obj))],
    ['Object.assign', (obj) => Object.assign({}, obj)],
    ['its entries', (obj) => Object.fromEntries(Object.entries(obj))],
  ])('is the same as from JSON: %s', (_, copy) => {
    const got = copy(pod());

    expect(got).toEqual(podJson('a'));
    expect(isDeepStrictEqual(structuredClone(got), podJson('a'))).toBe(true);
  });

  test('is a plain object whose keys are its members', () => {
    const obj = pod();

    expect(Object.getPrototypeOf(obj)).toBe(Object.prototype);
    expect(Object.keys(obj)).toEqual(['apiVersion', 'kind', 'metadata', 'spec', 'status']);
    expect('spec' in obj && Object.hasOwn(obj, 'status')).toBe(true);
  });

  test('members are decoded when they are read, once, and alone', () => {
    const obj = pod();
    const before = [isDecoded(obj, 'spec'), isDecoded(obj.metadata, 'managedFields')];

    const spec = obj.spec;

    expect(before).toEqual([false, false]);
    expect(obj.spec).toBe(spec);
    expect([isDecoded(obj, 'spec'), isDecoded(obj, 'status')]).toEqual([true, false]);
  });

  test('has the same parts as another one of the same bytes, until either is read', () => {
    const [one, other] = [partsOf(pod()), partsOf(pod())];
    const read = pod();
    void read.spec;

    expect(one.isSame(other)).toBe(true);
    expect(one.isSame(partsOf(pod('node-2')))).toBe(false);
    expect(one.isSame(partsOf(read))).toBe(false);
    expect(partsOf(read).isSame(one)).toBe(false);
  });

  test('is shown whole by console.log', () => {
    expect(inspect(pod(), { depth: 9 })).toBe(inspect(podJson('a'), { depth: 9 }));
  });

  test('members can be changed, replaced, added and deleted', () => {
    const obj = pod();
    obj.spec.replicas = 3;
    obj.status = { phase: 'Failed' };
    delete obj.metadata.managedFields;

    expect(obj.spec).toMatchObject({ nodeName: 'node-1', replicas: 3 });
    expect({ ...obj }.status).toEqual({ phase: 'Failed' });
    expect('managedFields' in obj.metadata).toBe(false);
  });

  test('what was deleted is in no copy that a cache makes, and what replaced it is', () => {
    const obj = pod();
    delete obj.metadata.managedFields;
    Reflect.deleteProperty(obj, 'spec');
    Reflect.deleteProperty(obj, 'status');
    obj.spec = { nodeName: 'other' };

    const copy = copyOf(obj) as Pod;

    expect(Object.keys(copy).toSorted()).toEqual(['apiVersion', 'kind', 'metadata', 'spec']);
    expect(copy.spec).toEqual({ nodeName: 'other' });
    expect('managedFields' in copy.metadata).toBe(false);
    expect([isDecoded(obj, 'spec'), partsOf(obj).isSame(partsOf(pod()))]).toEqual([true, false]);
  });

  test('a frozen one refuses to be changed, and can still be read', () => {
    const obj = Object.freeze(pod());

    expect(() => Object.assign(obj, { spec: {} })).toThrow(TypeError);
    expect(obj.spec.nodeName).toBe('node-1');
    expect(obj.spec).toBe(obj.spec);
  });

  test('what inherits from it reads its members, and gets its own when they are set', () => {
    const obj = pod();
    const heir = Object.create(obj) as Pod;

    expect(heir.spec).toBe(obj.spec);
    heir.status = {};
    expect([heir.status, obj.status]).toEqual([{}, { phase: 'Running' }]);
  });

  test('a proxy that does not read from the object itself is told so', () => {
    expect(() => new Proxy(pod(), {}).spec).toThrow(
      'Cannot read "spec" of a proxy of a Kubernetes object',
    );
  });

  test('bytes that are wrong fail where they are read, with the path of the field', () => {
    const wrong = field(2, field(2, Buffer.from([0x0a, 0x7f])));
    const obj = readObject(unknown('v1', 'Pod', field(1, field(1, 'a')), wrong)) as Pod;

    expect(obj.metadata.name).toBe('a');
    expect(() => obj.spec).toThrow(/not protobuf of core\.v1\.Pod in spec\.containers.*at byte/);
  });
});
