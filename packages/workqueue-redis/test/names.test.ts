import { expect, test } from 'vitest';
import { namesOf } from '../src/names.ts';

test('all keys of a queue are in one hash slot, and carry the version of the layout', () => {
  const { keys, meta } = namesOf('orders');

  expect(new Set(keys.map((key) => /\{.*?\}/u.exec(key)?.[0]))).toEqual(new Set(['{orders}']));
  expect(new Set(keys).size).toBe(10);
  expect(keys).toContain(meta);
  expect(meta).toBe('wq:{orders}:v1:meta');
});

test.each(['', 'a b', 'a{b}', 'x'.repeat(101)])('the name %j is refused', (name) => {
  expect(() => namesOf(name)).toThrow(RangeError);
});

test('a name that is no string is refused', () => {
  // A caller without types.
  expect(() => namesOf(7 as never)).toThrow(TypeError);
});
