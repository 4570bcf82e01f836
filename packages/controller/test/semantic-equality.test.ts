import { expect, test } from 'vitest';
import { isBuiltInGroup, isSemanticallyEqual } from '../src/semantic-equality.ts';

const container = (resources: object): object => ({ spec: { containers: [{ resources }] } });

test.each([
  [
    'quantities of one amount',
    container({ limits: { cpu: 1 } }),
    container({ limits: { cpu: '1000m' } }),
  ],
  ['an empty list and none', { spec: { volumes: [] } }, { spec: {} }],
  ['null and none', { spec: { replicas: null } }, { spec: {} }],
  ['an empty map of labels and none', { metadata: { labels: {} } }, { metadata: {} }],
  ['what is undefined and none', { spec: { replicas: undefined } }, { spec: {} }],
  ['the same in another order', { a: 1, b: [{ c: 2, d: 3 }] }, { b: [{ d: 3, c: 2 }], a: 1 }],
])('in a built-in kind there is no difference: %s', (_what, a, b) => {
  expect(isSemanticallyEqual(a, b, true)).toBe(true);
  expect(isSemanticallyEqual(b, a, true)).toBe(true);
});

test.each([
  ['an empty volume and none', { volumes: [{ emptyDir: {} }] }, { volumes: [{}] }],
  ['an empty text and none', { data: { a: '' } }, { data: {} }],
  ['texts that look like quantities', { data: { limits: '1' } }, { data: { limits: '1000m' } }],
  ['zero and none', { spec: { replicas: 0 } }, { spec: {} }],
  ['another order of a list', { a: [1, 2] }, { a: [2, 1] }],
  ['a longer list', { a: [1] }, { a: [1, 2] }],
  ['a number and its text', { port: 80 }, { port: '80' }],
  ['a list and a map', { a: [] }, { a: {} }],
  [
    'quantities that differ',
    container({ limits: { cpu: '1' } }),
    container({ limits: { cpu: '2' } }),
  ],
])('in every kind there is a difference: %s', (_what, a, b) => {
  for (const isBuiltIn of [true, false]) {
    expect(isSemanticallyEqual(a, b, isBuiltIn)).toBe(false);
    expect(isSemanticallyEqual(b, a, isBuiltIn)).toBe(false);
  }
});

test('in a custom resource an empty list, null and the text of a quantity are stored, and so differ', () => {
  expect(isSemanticallyEqual({ spec: { a: [] } }, { spec: {} }, false)).toBe(false);
  expect(isSemanticallyEqual({ spec: { a: null } }, { spec: {} }, false)).toBe(false);
  expect(isSemanticallyEqual({ limits: { cpu: '1' } }, { limits: { cpu: '1000m' } }, false)).toBe(
    false,
  );
});

test('the metadata of a custom resource is that of every kind', () => {
  const a = { metadata: { name: 'a', finalizers: [], labels: {} } };

  expect(isSemanticallyEqual(a, { metadata: { name: 'a' } }, false)).toBe(true);
});

test('custom resources are told by their group', () => {
  expect(['', 'apps', 'networking.k8s.io'].map(isBuiltInGroup)).toEqual([true, true, true]);
  expect(
    ['example.com', 'gateway.networking.k8s.io', 'apiextensions.k8s.io'].map(isBuiltInGroup),
  ).toEqual([false, false, false]);
});
