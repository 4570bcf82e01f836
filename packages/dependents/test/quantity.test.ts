import { assert, integer, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isSameQuantityAt } from '../src/quantity.ts';

const cpu = ['spec', 'resources', 'limits', 'cpu'];

describe('quantities', () => {
  test.each([
    ['1000m', '1'],
    ['0.5Gi', '512Mi'],
    ['1e3', '1k'],
    ['1E3', '1000'],
    ['1E', '1000P'],
    ['.5', '500m'],
    ['0.0000000001', '1n'],
    ['+1', 1],
    ['-1000m', '-1'],
    ['0', '0Ki'],
  ])('%s and %s are the same amount', (left, right) => {
    expect(isSameQuantityAt(cpu, left, right)).toBe(true);
  });

  test.each([
    ['1', '1k'],
    ['1', '-1'],
    ['1k', '1Ki'],
    ['one', 'one'],
    ['', ''],
    ['.', '0'],
    ['1', undefined],
    ['1mi', '1Mi'],
  ])('%s and %s are not', (left, right) => {
    expect(isSameQuantityAt(cpu, left, right)).toBe(false);
  });

  test('texts elsewhere are no amounts', () => {
    expect(isSameQuantityAt(['data', 'cpu'], '1000m', '1')).toBe(false);
    expect(isSameQuantityAt(['limits'], '1000m', '1')).toBe(false);
    expect(isSameQuantityAt(['emptyDir', 'sizeLimit'], '1024Mi', '1Gi')).toBe(true);
    expect(isSameQuantityAt(['spec', 'sizeLimit'], '1024Mi', '1Gi')).toBe(false);
  });

  test('an amount is the same in thousandths', () => {
    assert(
      property(integer({ min: 0, max: 1e9 }), integer({ min: 0, max: 1e9 }), (a, b) => {
        expect(isSameQuantityAt(cpu, `${a}`, `${a * 1000}m`)).toBe(true);
        expect(isSameQuantityAt(cpu, `${a}`, `${b * 1000}m`)).toBe(a === b);
      }),
    );
  });
});
