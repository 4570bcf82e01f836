import { describe, expect, test } from 'vitest';
import {
  controllerOwnerUidIndexFunc,
  fieldIndexFunc,
  labelIndexFunc,
  metaNamespaceIndexFunc,
  ownerUidIndexFunc,
} from '../src/index-functions.ts';
import type { ObjectLike } from '../src/object.ts';

const owned: ObjectLike = {
  metadata: {
    ownerReferences: [
      { apiVersion: 'v1', kind: 'Node', name: 'n', uid: 'u1' },
      { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'r', uid: 'u2', controller: true },
    ],
  },
};

describe('index functions', () => {
  test('by namespace files under the namespace, and cluster-scoped objects under ""', () => {
    expect(metaNamespaceIndexFunc({ metadata: { namespace: 'a' } })).toEqual(['a']);
    expect(metaNamespaceIndexFunc({ metadata: {} })).toEqual(['']);
    expect(metaNamespaceIndexFunc({})).toEqual(['']);
  });

  test('by label files under the value of the label, even an empty one', () => {
    const byApp = labelIndexFunc('app');

    expect(byApp({ metadata: { labels: { app: 'web' } } })).toEqual(['web']);
    expect(byApp({ metadata: { labels: { app: '' } } })).toEqual(['']);
  });

  test('by label files nowhere without the label', () => {
    expect(labelIndexFunc('app')({ metadata: { labels: {} } })).toEqual([]);
    expect(labelIndexFunc('app')({})).toEqual([]);
    expect(labelIndexFunc('constructor')({ metadata: { labels: {} } })).toEqual([]);
  });

  test('by owner files under every owner', () => {
    expect(ownerUidIndexFunc(owned)).toEqual(['u1', 'u2']);
    expect(ownerUidIndexFunc({})).toEqual([]);
  });

  test('by controlling owner files under the one that manages the object', () => {
    expect(controllerOwnerUidIndexFunc(owned)).toEqual(['u2']);
    expect(controllerOwnerUidIndexFunc({ metadata: {} })).toEqual([]);
  });

  test('by field files under the value at the path', () => {
    const pod: ObjectLike & { readonly spec: object } = { spec: { nodeName: 'n1', priority: 5 } };

    expect(fieldIndexFunc('spec.nodeName')(pod)).toEqual(['n1']);
    expect(fieldIndexFunc('spec.priority')(pod)).toEqual(['5']);
    expect(fieldIndexFunc('spec.absent')(pod)).toEqual([]);
  });
});
