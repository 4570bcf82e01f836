import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareResourceVersions } from '../src/resource-version.ts';

describe('compareResourceVersions', () => {
  test('orders versions of up to 128 bits as numbers', () => {
    const version = fc.bigInt({ min: 1n, max: 2n ** 128n - 1n });

    fc.assert(
      fc.property(version, version, (a, b) => {
        const expected = a < b ? -1 : Number(a > b);

        expect(compareResourceVersions(String(a), String(b))).toBe(expected);
        expect(compareResourceVersions(String(a), String(a))).toBe(0);
      }),
    );
  });

  test('a shorter version is older', () => {
    expect(compareResourceVersions('9', '10')).toBe(-1);
    expect(compareResourceVersions('10', '9')).toBe(1);
  });

  test.each(['', '0', '01', '-1', '+1', '1.0', '1e3', 'a', ' 1', '1 ', '1\n', '١'])(
    'refuses %j on either side',
    (version) => {
      const message = `Cannot compare resourceVersion ${JSON.stringify(version)}: it is not a positive decimal number`;

      expect(() => compareResourceVersions(version, '1')).toThrow(new TypeError(message));
      expect(() => compareResourceVersions('1', version)).toThrow(new TypeError(message));
    },
  );
});
