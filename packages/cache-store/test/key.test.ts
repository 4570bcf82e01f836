import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  deletionHandlingMetaNamespaceKeyFunc,
  KeyError,
  metaNamespaceKeyFunc,
  splitMetaNamespaceKey,
} from '../src/key.ts';
import { DeletedFinalStateUnknown } from '../src/tombstone.ts';
import { thrownBy } from './objects.ts';

describe('metaNamespaceKeyFunc', () => {
  test('joins namespace and name', () => {
    expect(metaNamespaceKeyFunc({ metadata: { namespace: 'a', name: 'b' } })).toBe('a/b');
  });

  test.each([{ name: 'b' }, { namespace: '', name: 'b' }, { namespace: undefined, name: 'b' }])(
    'is the name alone without a namespace: %j',
    (metadata) => {
      expect(metaNamespaceKeyFunc({ metadata })).toBe('b');
    },
  );

  test.each([
    ['null', null],
    ['a text', 'a/b'],
    ['an empty object', {}],
    ['null metadata', { metadata: null }],
    ['no name', { metadata: { namespace: 'a' } }],
    ['an empty name', { metadata: { name: '' } }],
    ['a name that is a number', { metadata: { name: 5 } }],
    ['a namespace that is a number', { metadata: { namespace: 5, name: 'b' } }],
    ['a slash in the name', { metadata: { name: 'a/b' } }],
    ['a slash in the namespace', { metadata: { namespace: 'a/b', name: 'c' } }],
  ])('throws an error that carries the object for %s', (_, obj) => {
    // Untyped callers can pass anything.
    const error = thrownBy(() => metaNamespaceKeyFunc(obj as { metadata: object }));

    expect(KeyError.is(error) && error.obj).toBe(obj);
  });
});

describe('deletionHandlingMetaNamespaceKeyFunc', () => {
  test('gives the stored key of a tombstone', () => {
    const tombstone = new DeletedFinalStateUnknown('a/b', undefined);

    expect(deletionHandlingMetaNamespaceKeyFunc(tombstone)).toBe('a/b');
  });

  test('gives the key of any other object', () => {
    expect(deletionHandlingMetaNamespaceKeyFunc({ metadata: { name: 'b' } })).toBe('b');
  });
});

describe('splitMetaNamespaceKey', () => {
  test('takes every key apart into what it was made of', () => {
    const part = fc.string().map((text) => text.replaceAll('/', '-'));
    const name = part.filter((text) => text !== '');

    fc.assert(
      fc.property(part, name, (namespace, objectName) => {
        const key = metaNamespaceKeyFunc({ metadata: { namespace, name: objectName } });

        expect(splitMetaNamespaceKey(key)).toEqual({ namespace, name: objectName });
      }),
    );
  });

  test('refuses a key with two slashes', () => {
    expect(() => splitMetaNamespaceKey('a/b/c')).toThrow(
      new TypeError('Cannot split key "a/b/c": it must be "namespace/name" or "name"'),
    );
  });
});

describe('KeyError', () => {
  test('knows its own kind and nothing else', () => {
    expect(KeyError.is(new KeyError('x', { obj: {} }))).toBe(true);
    expect([new Error('x'), {}, null, undefined, 'x'].some((value) => KeyError.is(value))).toBe(
      false,
    );
  });
});
