import { expect, test } from 'vitest';
import { extractApply } from '../src/apply-extract.ts';

type Fields = Readonly<Record<string, unknown>>;

const leaf = {};

function entry(manager: string, fieldsV1: Fields, more: object = {}): object {
  return {
    manager,
    operation: 'Apply',
    apiVersion: 'v1',
    fieldsType: 'FieldsV1',
    fieldsV1,
    ...more,
  };
}

function object(...managedFields: readonly object[]) {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'a',
      namespace: 'ns',
      uid: 'u',
      labels: { app: 'a', theirs: 'b' },
      finalizers: ['x/mine', 'x/theirs'],
      managedFields,
    },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'a' } },
      containers: [
        { name: 'a', image: 'i', ports: [{ containerPort: 80, protocol: 'TCP', name: 'web' }] },
        { name: 'b', image: 'j', args: ['x'] },
      ],
      annotations: { by: 'others' },
    },
    status: { replicas: 2 },
  };
}

test('the fields of the manager come with the name and the kind, and no others', () => {
  const mine = entry('me', {
    'f:metadata': { 'f:labels': { 'f:app': leaf } },
    'f:spec': { 'f:replicas': leaf, 'f:gone': leaf },
  });

  expect(extractApply(object(mine), 'me')).toEqual({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'a', namespace: 'ns', labels: { app: 'a' } },
    spec: { replicas: 3 },
  });
});

test('items of a list are found by their keys, which come along whoever owns them', () => {
  const mine = entry('me', {
    'f:spec': {
      'f:containers': {
        'k:{"name":"a"}': {
          'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': leaf, 'f:name': leaf } },
        },
        'k:{"name":"none"}': { '.': leaf, 'f:image': leaf },
      },
    },
  });

  expect(extractApply(object(mine), 'me')).toMatchObject({
    spec: {
      containers: [{ name: 'a', ports: [{ containerPort: 80, protocol: 'TCP', name: 'web' }] }],
    },
  });
  expect(extractApply(object(mine), 'me')).not.toHaveProperty('spec.containers.0.image');
});

test('items of a set are found by their value, and items by their place', () => {
  const mine = entry('me', {
    'f:metadata': { 'f:finalizers': { '.': leaf, 'v:"x/mine"': leaf } },
    'f:spec': { 'f:containers': { 'i:1': { 'f:args': leaf } } },
  });

  expect(extractApply(object(mine), 'me')).toMatchObject({
    metadata: { finalizers: ['x/mine'] },
    spec: { containers: [{ args: ['x'] }] },
  });
});

test('what is owned as a whole comes as a whole, unless others own something in it', () => {
  const mine = entry('me', { 'f:spec': { 'f:selector': leaf, 'f:annotations': leaf } });
  const theirs = entry('they', { 'f:spec': { 'f:annotations': { 'f:by': leaf } } });

  expect(extractApply(object(mine, theirs), 'me')).toMatchObject({
    spec: { selector: { matchLabels: { app: 'a' } }, annotations: {} },
  });
  expect(extractApply(object(mine, theirs), 'me')).not.toHaveProperty('spec.annotations.by');
});

test('each subresource has fields of its own, and only what was applied counts', () => {
  const spec = entry('me', { 'f:spec': { 'f:replicas': leaf } });
  const status = entry('me', { 'f:status': { 'f:replicas': leaf } }, { subresource: 'status' });
  const update = entry('other', { 'f:spec': { 'f:replicas': leaf } }, { operation: 'Update' });
  const all = object(status, spec, update);

  expect(extractApply(all, 'me')).not.toHaveProperty('status');
  expect(extractApply(all, 'me', { subresource: 'status' })).toMatchObject({
    status: { replicas: 2 },
  });
  expect(extractApply(all, 'other')).toBeUndefined();
});

test('there is nothing to extract where the managed fields are missing, or make no sense', () => {
  expect(extractApply({ metadata: { name: 'a' } }, 'me')).toBeUndefined();
  expect(extractApply(object(), 'me')).toBeUndefined();
  expect(extractApply(object({ manager: 'me', operation: 'Apply' }), 'me')).toBeUndefined();
  expect(extractApply(object(entry('me', { 'f:spec': 1, 'k:{': leaf, odd: leaf })), 'me')).toEqual({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'a', namespace: 'ns' },
  });
});
