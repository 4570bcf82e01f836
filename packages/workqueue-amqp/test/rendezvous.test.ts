import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assign } from '../src/rendezvous.ts';

const members = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 12 }), {
  minLength: 1,
  maxLength: 8,
});
const partitions = fc.integer({ min: 1, max: 64 });

function loads(owners: readonly { readonly owner: string }[], names: readonly string[]): number[] {
  return names.map((name) => owners.filter(({ owner }) => owner === name).length);
}

describe('assign', () => {
  test('gives every partition an owner, and no member more than one more than another', () => {
    fc.assert(
      fc.property(partitions, members, (count, names) => {
        const assigned = assign(count, names);

        const each = loads(assigned, names);
        expect(each.reduce((sum, load) => sum + load, 0)).toBe(count);
        expect(Math.max(...each) - Math.min(...each)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('comes to the same result in whatever order the members are known', () => {
    fc.assert(
      fc.property(partitions, members, (count, names) => {
        expect(assign(count, names.toReversed())).toEqual(assign(count, [...names, ...names]));
      }),
    );
  });

  test('lets another member stand by, if there is one', () => {
    fc.assert(
      fc.property(partitions, members, (count, names) => {
        for (const { owner, standby } of assign(count, names)) {
          expect(standby).not.toBe(owner);
          expect(standby === undefined).toBe(names.length === 1);
        }
      }),
    );
  });

  test('moves few partitions when a member comes', () => {
    const before = assign(16, ['a', 'b', 'c']);

    const after = assign(16, ['a', 'b', 'c', 'd']);

    const moved = after.filter(({ owner }, index) => owner !== before[index]?.owner);
    expect(moved.length).toBeLessThanOrEqual(8);
  });
});
