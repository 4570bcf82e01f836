import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { mergePatch } from '../src/merge-patch.ts';

/** RFC 7386, as its own words have it. */
function apply(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const isMap = typeof target === 'object' && target !== null && !Array.isArray(target);
  const result = new Map<string, unknown>(isMap ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch))
    if (value === null) result.delete(key);
    else result.set(key, apply(result.get(key), value));
  return Object.fromEntries(result);
}

/** Objects without null, which a merge patch cannot write. */
const json = fc.letrec<{ value: unknown; map: Record<string, unknown> }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.integer({ min: 0, max: 2 }),
    fc.constantFrom('a', ''),
    fc.array(tie('value'), { maxLength: 2 }),
    tie('map'),
  ),
  map: fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__'), tie('value'), {
    noNullPrototype: true,
  }),
})).map;

test('the patch makes the one of the other, and there is none for two that are equal', () => {
  fc.assert(
    fc.property(json, json, (before, after) => {
      const patch = mergePatch(before, after);

      expect(patch === undefined ? before : apply(before, patch)).toEqual(after);
      expect(mergePatch(before, structuredClone(before))).toBeUndefined();
    }),
  );
});

test('only what differs is in it: a member that went is null, a list is replaced', () => {
  const before = { a: 1, b: { c: 1, d: [1, { e: 1 }] }, gone: 1, kept: { f: undefined } };
  const after = { a: 1, b: { c: 2, d: [1, { e: 2 }] }, kept: {} };

  expect(mergePatch(before, after)).toEqual({ b: { c: 2, d: [1, { e: 2 }] }, gone: null });
});
