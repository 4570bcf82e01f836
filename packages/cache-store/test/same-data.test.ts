import * as fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { LazyParts } from '../src/lazy-parts.ts';
import { isSameData } from '../src/same-data.ts';

test('any two values of JSON are the same exactly when they are deeply equal', () => {
  const value = fc.jsonValue({ maxDepth: 3 });
  const pair = fc.oneof(
    fc.tuple(value, value),
    value.map((each) => [each, structuredClone(each)] as const),
  );

  fc.assert(
    // To JSON, 0 and -0 are the same number.
    fc.property(pair, ([a, b]) => {
      const [x, y]: unknown[] = JSON.parse(JSON.stringify([a, b])) as unknown[];
      expect(isSameData(x, y)).toBe(isDeepStrictEqual(x, y));
    }),
  );
});

test.each([
  ['a missing member and an undefined one', { a: undefined }, { b: undefined }],
  ['a list and an object', [], {}],
  ['null and an object', null, {}],
  ['a shorter list', [1], [1, 2]],
  ['text and a number', '1', 1],
  ['two dates', { at: new Date(1) }, { at: new Date(2) }],
  ['two maps', new Map([['a', 1]]), new Map([['a', 2]])],
])('%s are not the same', (_, a, b) => {
  expect(isSameData(a, b)).toBe(false);
  expect(isSameData(b, a)).toBe(false);
});

describe('objects that decode when they are read', () => {
  let decoded = 0;

  /** An object whose spec is pending, as bytes. */
  function lazy(bytes: string, metadata: object = { name: 'a' }): object {
    const parts: LazyParts & { bytes: string } = {
      bytes,
      isPending: (name) => name === 'spec',
      isSame: (other) => (other as typeof parts).bytes === bytes,
      freezeWith: () => {},
      copy: (owner) => owner,
    };
    const obj = { metadata, [Symbol.for('@kubeloop/lazy')]: parts };
    return Object.defineProperty(obj, 'spec', { enumerable: true, get: () => (decoded += 1) });
  }

  test('are the same by their bytes and their other members, and nothing is decoded', () => {
    expect(isSameData(lazy('x'), lazy('x'))).toBe(true);
    expect(isSameData(lazy('x'), lazy('y'))).toBe(false);
    expect(isSameData(lazy('x'), lazy('x', { name: 'b' }))).toBe(false);
    expect(decoded).toBe(0);
  });

  test('are not the same as ordinary ones', () => {
    expect(isSameData(lazy('x'), { metadata: { name: 'a' }, spec: 1 })).toBe(false);
    expect(isSameData({ metadata: { name: 'a' }, spec: 1 }, lazy('x'))).toBe(false);
  });
});
