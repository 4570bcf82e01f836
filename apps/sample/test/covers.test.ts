import { expect, test } from 'vitest';
import { covers } from '../src/children/covers.ts';

test('an object covers what it has, whatever else it has', () => {
  expect(covers({ a: 1, b: { c: 2, d: 3 } }, { b: { c: 2 } })).toBe(true);
});

test('an object does not cover another value, a missing field or a longer list', () => {
  expect(covers({ a: 1 }, { a: 2 })).toBe(false);
  expect(covers({ a: 1 }, { b: 1 })).toBe(false);
  expect(covers({ a: [1] }, { a: [1, 2] })).toBe(false);
  expect(covers(undefined, { a: 1 })).toBe(false);
});

test('lists are compared item by item, and an item may have more than is desired', () => {
  expect(covers([{ name: 'web', image: 'a', more: true }], [{ name: 'web', image: 'a' }])).toBe(
    true,
  );
});
