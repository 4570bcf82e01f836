import { describe, expect, test } from 'vitest';
import { DeletedFinalStateUnknown } from '../src/tombstone.ts';

describe('DeletedFinalStateUnknown', () => {
  test('holds key and last state', () => {
    const obj = { metadata: { name: 'b' } };

    const tombstone = new DeletedFinalStateUnknown('b', obj);

    expect(tombstone.key).toBe('b');
    expect(tombstone.obj).toBe(obj);
  });

  test('is recognised when it comes from another copy of the package', () => {
    const brand = Symbol.for('@kubeloop/cache-store/DeletedFinalStateUnknown');

    expect(DeletedFinalStateUnknown.is({ key: 'b', obj: undefined, [brand]: true })).toBe(true);
  });

  test('is not confused with an object of the same fields', () => {
    expect(DeletedFinalStateUnknown.is({ key: 'b', obj: undefined })).toBe(false);
    expect(DeletedFinalStateUnknown.is(undefined)).toBe(false);
  });
});
