import { describe, expect, test } from 'vitest';
import { differencesBetween } from '../src/differences.ts';
import type { FieldTree } from '../src/owned-fields.ts';
import { digestOfFields, ownedFields } from '../src/owned-fields.ts';

const leaf: FieldTree = {};

function container(more: FieldTree = {}): FieldTree {
  return {
    'f:spec': {
      'f:containers': { 'k:{"name":"a"}': { '.': leaf, 'f:name': leaf, 'f:image': leaf, ...more } },
    },
  };
}

describe('members', () => {
  const fields: FieldTree = { 'f:data': { 'f:a': leaf, 'f:b': leaf } };

  test('defaults and what others have added are no differences', () => {
    const actual = {
      kind: 'X',
      metadata: { uid: '1', labels: { x: 'y' } },
      data: { a: 1, b: 2, c: 3 },
    };
    const desired = { kind: 'X', metadata: { name: 'n', namespace: 's' }, data: { a: 1, b: 2 } };

    expect(differencesBetween(desired, actual, fields)).toEqual([]);
  });

  test('another value is a difference, and so is a value that is gone', () => {
    const desired = { data: { a: 1, b: 2 } };

    expect(differencesBetween(desired, { data: { a: 9 } }, fields)).toEqual(['.data.a', '.data.b']);
    expect(differencesBetween(desired, {}, fields)).toEqual(['.data.a', '.data.b']);
  });

  test('a member that belongs to somebody else is a difference, whatever its value', () => {
    const desired = { data: { a: 1, b: 2, c: 3 } };

    expect(differencesBetween(desired, desired, fields)).toEqual(['.data.c']);
  });

  test('an owned member that is declared no more is a difference', () => {
    const actual = { data: { a: 1, b: 2 } };

    expect(differencesBetween({ data: { a: 1 } }, actual, fields)).toEqual(['.data.b']);
    expect(differencesBetween({ data: { a: 1, b: null } }, actual, fields)).toEqual(['.data.b']);
    expect(differencesBetween({}, actual, fields)).toEqual(['.data']);
  });

  test('labels are compared one by one, and the owner reference by its uid', () => {
    const owners: FieldTree = { 'k:{"uid":"1"}': leaf };
    const metadataFields = { 'f:labels': { 'f:app': leaf }, 'f:ownerReferences': owners };
    const desired = {
      metadata: { name: 'n', labels: { app: 'a' }, ownerReferences: [{ uid: '1' }] },
    };
    const others = [{ uid: '2' }, { uid: '1', controller: true }];
    const actual = { metadata: { labels: { app: 'a', x: 'y' }, ownerReferences: others } };

    expect(differencesBetween(desired, actual, { 'f:metadata': metadataFields })).toEqual([]);
  });
});

describe('lists', () => {
  test('items with keys are found by these, wherever they stand', () => {
    const desired = { spec: { containers: [{ name: 'a', image: 'i' }] } };
    const others = { name: 'sidecar', image: 's' };
    const actual = { spec: { containers: [others, { name: 'a', image: 'i', tty: false }] } };

    expect(differencesBetween(desired, actual, container())).toEqual([]);
    expect(
      differencesBetween(
        { spec: { containers: [{ name: 'a', image: 'j' }] } },
        actual,
        container(),
      ),
    ).toEqual(['.spec.containers[name="a"].image']);
  });

  test('an item that is new and one that is declared no more are differences', () => {
    const actual = { spec: { containers: [{ name: 'a', image: 'i' }] } };
    const desired = { spec: { containers: [{ name: 'b', image: 'i' }] } };

    expect(differencesBetween(desired, actual, container())).toEqual([
      '.spec.containers[name="a"]',
      '.spec.containers[0]',
    ]);
  });

  test('keys that are left to defaults fit, and an item that says them goes first', () => {
    const port = { '.': leaf, 'f:containerPort': leaf };
    const ports = {
      'k:{"containerPort":53,"protocol":"TCP"}': port,
      'k:{"containerPort":53,"protocol":"UDP"}': { ...port, 'f:protocol': leaf },
    };
    const fields = container({ 'f:ports': ports });
    const withPorts = (...list: object[]) => ({
      spec: { containers: [{ name: 'a', image: 'i', ports: list }] },
    });
    const tcp = { containerPort: 53, protocol: 'TCP' };
    const udp = { containerPort: 53, protocol: 'UDP' };

    for (const desired of [
      withPorts({ containerPort: 53 }, udp),
      withPorts(udp, { containerPort: 53 }),
    ])
      expect(differencesBetween(desired, withPorts(tcp, udp), fields)).toEqual([]);
  });

  test('sets are compared item by item', () => {
    const fields = { 'f:metadata': { 'f:finalizers': { 'v:"a/b"': leaf } } };
    const actual = { metadata: { finalizers: ['c/d', 'a/b'] } };

    expect(differencesBetween({ metadata: { finalizers: ['a/b'] } }, actual, fields)).toEqual([]);
    expect(differencesBetween({ metadata: { finalizers: ['e/f'] } }, actual, fields)).toEqual([
      '.metadata.finalizers[="a/b"]',
      '.metadata.finalizers[0]',
    ]);
  });

  test('a list that is owned as a whole has as many items, each with what is declared of it', () => {
    const fields: FieldTree = { 'f:rules': leaf };
    const desired = { rules: [{ verbs: ['get'] }] };

    expect(differencesBetween(desired, { rules: [{ verbs: ['get'], x: 1 }] }, fields)).toEqual([]);
    expect(differencesBetween(desired, { rules: [{ verbs: ['get'] }, {}] }, fields)).toEqual([
      '.rules',
    ]);
    expect(differencesBetween(desired, { rules: [{ verbs: ['put'] }] }, fields)).toEqual([
      '.rules',
    ]);
  });
});

describe('owned fields', () => {
  const owner = { fieldManager: 'me', apiVersion: 'v1' };
  const entry = { manager: 'me', operation: 'Apply', apiVersion: 'v1', fieldsV1: { 'f:data': {} } };
  const withEntries = (...managedFields: object[]): object => ({ metadata: { managedFields } });

  test('are those of the own apply to the object itself', () => {
    expect(ownedFields(withEntries({ ...entry, manager: 'you' }, entry), owner)).toEqual({
      'f:data': {},
    });
    for (const other of [{ operation: 'Update' }, { subresource: 'status' }, { apiVersion: 'v2' }])
      expect(ownedFields(withEntries({ ...entry, ...other }), owner)).toBeUndefined();
  });

  test('are unknown without managed fields', () => {
    expect(ownedFields({ metadata: {} }, owner)).toBe('unknown');
    expect(ownedFields(withEntries(), owner)).toBe('unknown');
  });

  test('have a digest that changes with their values and with themselves, and with nothing else', () => {
    const fields = { 'f:data': { 'f:a': leaf }, 'f:list': { 'v:1': leaf, 'i:0': leaf } };
    const digest = digestOfFields({ data: { a: 1, b: 1 }, list: [1] }, fields);

    expect(digestOfFields({ list: [1, 2], data: { b: 2, a: 1 } }, fields)).toBe(digest);
    expect(digestOfFields({ data: { a: 2, b: 1 }, list: [1] }, fields)).not.toBe(digest);
    expect(digestOfFields({ data: { a: 1, b: 1 }, list: [1] }, { 'f:data': leaf })).not.toBe(
      digest,
    );
  });
});
