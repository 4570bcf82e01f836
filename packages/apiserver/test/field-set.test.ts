import {
  assert as assertProperty,
  constantFrom,
  dictionary,
  letrec,
  oneof,
  property,
} from 'fast-check';
import { expect, test } from 'vitest';
import { difference, FieldSet, intersection, sameFields, union } from '../src/apply/field-set.ts';
import type { JsonObject } from '../src/json.ts';

const { tree } = letrec<{ tree: JsonObject }>((tie) => ({
  tree: dictionary(
    constantFrom('f:a', 'f:b', 'f:c', '.'),
    oneof({ maxDepth: 3 }, dictionary(constantFrom('.'), constantFrom({})), tie('tree')),
    { maxKeys: 3 },
  ),
}));
const set = tree.map((value) => FieldSet.parse(value));

/** The fields of a set as texts, in order. */
function fields(of: FieldSet): string[] {
  const own = of.member ? ['.'] : [];
  return [...own, ...[...of.paths()].map((path) => path.join('/'))].sort();
}

test('what two sets share, have together and have alone is told field by field', () => {
  assertProperty(
    property(set, set, (left, right) => {
      const [l, r] = [fields(left), fields(right)];

      expect(fields(union(left, right))).toEqual([...new Set([...l, ...r])].sort());
      expect(fields(intersection(left, right))).toEqual(l.filter((field) => r.includes(field)));
      expect(fields(difference(left, right))).toEqual(l.filter((field) => !r.includes(field)));
      expect(sameFields(left, right)).toBe(l.join(' ') === r.join(' '));
    }),
  );
});

test('no operation changes the sets it is given', () => {
  assertProperty(
    property(set, set, (left, right) => {
      const before = [fields(left), fields(right)];

      union(left, right);
      intersection(left, right);
      difference(left, right);

      expect([fields(left), fields(right)]).toEqual(before);
    }),
  );
});

test('a set that an operation leaves as it is comes back itself', () => {
  const left = FieldSet.parse({ 'f:a': { 'f:b': {} }, 'f:c': {} });

  expect(union(left, FieldSet.parse({ 'f:c': {} }))).toBe(left);
  expect(difference(left, FieldSet.parse({ 'f:d': {} }))).toBe(left);
});
