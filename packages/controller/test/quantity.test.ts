import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isSameQuantity } from '../src/quantity.ts';

test.each([
  ['0.5', '500m'],
  ['1', '1000m'],
  ['1Ki', '1024'],
  ['1.5Gi', '1536Mi'],
  ['1e3', '1k'],
  ['1E3', '1000'],
  ['.5', '0.50'],
  ['-1', '-1000m'],
  ['0', '-0'],
  ['2n', '0.000000002'],
  ['1E', '1000P'],
  ['1Ei', '1024Pi'],
  ['1n', '0.0000000001'],
  ['-1n', '-0.0000000001'],
  ['0.5000000001', '500000001n'],
  ['8Ei', '9223372036854775807'],
  ['100Ei', '8Ei'],
])('%s is %s', (a, b) => {
  expect(isSameQuantity(a, b)).toBe(true);
});

test.each([
  ['1', '1m'],
  ['0.1', '0.1000000001'],
  ['1n', '-1n'],
  ['8E', '9E'],
  ['10E', '8Ei'],
  ['1Ki', '1k'],
  ['0.1', '0.1000000000000000000001'],
  ['a', 'a'],
  ['', ''],
  ['.', '0'],
  ['1e999', '1e999'],
  ['1 ', '1'],
])('"%s" is not "%s"', (a, b) => {
  expect(isSameQuantity(a, b)).toBe(false);
});

test('a number is the same quantity whatever unit it is written in', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e9, max: 1e9 }), (value) => {
      expect(isSameQuantity(value, `${value}000m`)).toBe(true);
      expect(isSameQuantity(`${value}Ki`, `${value * 1024}`)).toBe(true);
      expect(isSameQuantity(value, value + 1)).toBe(false);
    }),
  );
});
