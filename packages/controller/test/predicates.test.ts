import type { ObjectLike } from '@kubeloop/cache-store';
import { assert, boolean, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Predicate } from '../src/predicates.ts';
import {
  and,
  annotationsChanged,
  generationChanged,
  labelSelectorPredicate,
  labelsChanged,
  not,
  objectPredicate,
  or,
  resourceVersionChanged,
} from '../src/predicates.ts';

type Meta = NonNullable<ObjectLike['metadata']>;

const object = (metadata: Meta): ObjectLike => ({ metadata });
const update = (predicate: Predicate<ObjectLike>, old: Meta, current: Meta): boolean =>
  predicate.update?.({ old: object(old), new: object(current) }) ?? true;

describe.each([
  [
    'resourceVersionChanged',
    resourceVersionChanged,
    { resourceVersion: '1' },
    { resourceVersion: '2' },
  ],
  ['generationChanged', generationChanged, { generation: 1 }, { generation: 2 }],
  ['labelsChanged', labelsChanged, { labels: { a: '1' } }, { labels: { a: '2' } }],
  [
    'annotationsChanged',
    annotationsChanged,
    { annotations: { a: '1' } },
    { annotations: { a: '2' } },
  ],
] as const)('%s', (_name, predicate, old, current) => {
  test('an update that changed it passes', () => {
    expect(update(predicate, old, current)).toBe(true);
  });

  test('an update that left it alone does not pass', () => {
    expect(update(predicate, old, { ...old })).toBe(false);
  });

  test('an update that added or removed it passes', () => {
    expect(update(predicate, {}, current)).toBe(true);
    expect(update(predicate, old, {})).toBe(true);
  });

  test('an update without its old or its new object does not pass', () => {
    // Handmade events may lack what the type demands.
    const broken = { old: undefined, new: object(current) } as never;

    expect(predicate.update?.(broken)).toBe(false);
  });

  test('every other kind of event passes', () => {
    expect(predicate.create).toBeUndefined();
    expect(predicate.delete).toBeUndefined();
    expect(predicate.generic).toBeUndefined();
  });
});

test('the order of labels does not count', () => {
  expect(
    update(labelsChanged, { labels: { a: '1', b: '2' } }, { labels: { b: '2', a: '1' } }),
  ).toBe(false);
});

const all = (predicate: Predicate<ObjectLike>, subject: ObjectLike): (boolean | undefined)[] => [
  predicate.create?.({ object: subject, isInInitialList: false }),
  predicate.update?.({ old: {}, new: subject }),
  predicate.delete?.({ object: subject, isStateUnknown: false }),
  predicate.generic?.({ object: subject }),
];

test.each(['app in (a,b)', { matchLabels: { app: 'a' } }])(
  'the label selector %j filters every kind of event, an update by its new object',
  (selector) => {
    const predicate = labelSelectorPredicate(selector);

    expect(all(predicate, object({ labels: { app: 'a' } }))).toEqual([true, true, true, true]);
    expect(all(predicate, object({ labels: { app: 'c' } }))).toEqual([false, false, false, false]);
    expect(all(predicate, object({}))).toEqual([false, false, false, false]);
  },
);

test('a combination of no functions treats each of them as one that passes', () => {
  expect(all(and({}, {}), {})).toEqual([true, true, true, true]);
  expect(all(or({}, {}), {})).toEqual([true, true, true, true]);
  expect(all(not({}), {})).toEqual([false, false, false, false]);
});

test('and, or and not obey the laws of boolean algebra for every kind of event', () => {
  assert(
    property(boolean(), boolean(), (a, b) => {
      const [left, right] = [
        objectPredicate<ObjectLike>(() => a),
        objectPredicate<ObjectLike>(() => b),
      ];
      const four = (value: boolean): boolean[] => [value, value, value, value];

      expect(all(and(left, right), {})).toEqual(four(a && b));
      expect(all(or(left, right), {})).toEqual(four(a || b));
      expect(all(not(left), {})).toEqual(four(!a));
      expect(all(not(and(left, right)), {})).toEqual(all(or(not(left), not(right)), {}));
    }),
  );
});
