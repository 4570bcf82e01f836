import { assert as assertProperty, jsonValue, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyJsonPatch } from '../src/patch/json-patch.ts';
import { applyMergePatch } from '../src/patch/merge-patch.ts';
import { applyStrategicMergePatch } from '../src/patch/strategic-merge.ts';

describe('JSON patch', () => {
  test.each([
    ['adds a member', [{ op: 'add', path: '/b', value: 1 }], { a: [1, 2], b: 1 }],
    ['inserts into a list', [{ op: 'add', path: '/a/1', value: 9 }], { a: [1, 9, 2] }],
    ['appends to a list', [{ op: 'add', path: '/a/-', value: 3 }], { a: [1, 2, 3] }],
    ['removes an item', [{ op: 'remove', path: '/a/0' }], { a: [2] }],
    ['replaces an item', [{ op: 'replace', path: '/a/0', value: 5 }], { a: [5, 2] }],
    ['moves a value', [{ op: 'move', from: '/a', path: '/c' }], { c: [1, 2] }],
    ['copies a value', [{ op: 'copy', from: '/a/0', path: '/c' }], { a: [1, 2], c: 1 }],
    ['passes a test', [{ op: 'test', path: '/a/1', value: 2 }], { a: [1, 2] }],
    ['unescapes a path', [{ op: 'add', path: '/x~1y~0z', value: 1 }], { a: [1, 2], 'x/y~z': 1 }],
  ])('%s', (_title, patch, expected) => {
    expect(applyJsonPatch({ a: [1, 2] }, patch)).toEqual(expected);
  });

  test.each([
    [[{ op: 'test', path: '/a/0', value: 2 }]],
    [[{ op: 'remove', path: '/a/7' }]],
    [[{ op: 'remove', path: '/nope' }]],
    [[{ op: 'remove', path: '/nope/deep' }]],
    [[{ op: 'add', path: '/a/7', value: 1 }]],
    [[{ op: 'what', path: '/a' }]],
    [[{ op: 'add', path: 'a', value: 1 }]],
  ])('%j does not fit', (patch) => {
    expect(() => applyJsonPatch({ a: [1, 2] }, patch)).toThrow('error in our request');
  });

  test('leaves its target alone', () => {
    const target = { a: { b: 1 } };

    applyJsonPatch(target, [{ op: 'add', path: '/a/c', value: 2 }]);

    expect(target).toEqual({ a: { b: 1 } });
  });
});

describe('merge patch', () => {
  test('replaces lists, merges objects and removes by null', () => {
    const target = { a: [1], b: { x: 1, y: 2 }, c: 1 };

    const result = applyMergePatch(target, { a: [2], b: { y: null, z: 3 }, d: { e: null } });

    expect(result).toEqual({ a: [2], b: { x: 1, z: 3 }, c: 1, d: {} });
    expect(target.b).toEqual({ x: 1, y: 2 });
  });

  test('applied twice it changes nothing more', () => {
    const value = jsonValue({ maxDepth: 3 });
    assertProperty(
      property(value, value, (target, patch) => {
        const once = applyMergePatch(target, patch);

        expect(applyMergePatch(once, patch)).toEqual(once);
      }),
    );
  });
});

describe('strategic merge patch', () => {
  const pod = {
    spec: {
      containers: [
        { name: 'a', image: '1' },
        { name: 'b', image: '1' },
      ],
    },
  };

  test('merges containers by name', () => {
    const result = applyStrategicMergePatch(pod, {
      spec: { containers: [{ name: 'b', image: '2' }] },
    });

    expect(result).toEqual({
      spec: {
        containers: [
          { name: 'a', image: '1' },
          { name: 'b', image: '2' },
        ],
      },
    });
  });

  test('puts new items in front of those that it does not name', () => {
    const result = applyStrategicMergePatch(pod, { spec: { containers: [{ name: 'c' }] } });

    expect(result).toMatchObject({
      spec: { containers: [{ name: 'c' }, { name: 'a' }, { name: 'b' }] },
    });
  });

  test('deletes an item by directive', () => {
    const result = applyStrategicMergePatch(pod, {
      spec: { containers: [{ name: 'a', $patch: 'delete' }] },
    });

    expect(result).toEqual({ spec: { containers: [{ name: 'b', image: '1' }] } });
  });

  test('orders items by directive', () => {
    const result = applyStrategicMergePatch(pod, {
      spec: { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }] },
    });

    expect(result).toMatchObject({ spec: { containers: [{ name: 'b' }, { name: 'a' }] } });
  });

  test('adds to finalizers and takes from them by directive', () => {
    const target = { metadata: { finalizers: ['a/x', 'b/x'] } };

    const added = applyStrategicMergePatch(target, { metadata: { finalizers: ['c/x'] } });
    const removed = applyStrategicMergePatch(target, {
      metadata: { '$deleteFromPrimitiveList/finalizers': ['a/x'] },
    });

    expect(added).toEqual({ metadata: { finalizers: ['a/x', 'b/x', 'c/x'] } });
    expect(removed).toEqual({ metadata: { finalizers: ['b/x'] } });
  });

  test('replaces an object by directive, and keeps only named keys', () => {
    const target = {
      spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } },
    };

    const replaced = applyStrategicMergePatch(target, {
      spec: { strategy: { $patch: 'replace', type: 'Recreate' } },
    });
    const retained = applyStrategicMergePatch(target, {
      spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } },
    });

    expect(replaced).toEqual({ spec: { strategy: { type: 'Recreate' } } });
    expect(retained).toEqual({ spec: { strategy: { type: 'Recreate' } } });
  });
});
