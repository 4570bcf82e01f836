import { expect, test } from 'vitest';
import {
  findCondition,
  isConditionFalse,
  isConditionTrue,
  removeCondition,
  setCondition,
} from '../src/conditions.ts';

const at = (time: string): { now: () => Date } => ({ now: () => new Date(time) });
const ready = {
  type: 'Ready',
  status: 'True',
  reason: 'AllUp',
  message: '',
  observedGeneration: 1,
} as const;
const first = setCondition(undefined, ready, at('2026-01-01T00:00:00.987Z'));

test('a new condition gets the time in whole seconds', () => {
  expect(first).toEqual([{ ...ready, lastTransitionTime: '2026-01-01T00:00:00Z' }]);
});

test('the transition time moves when the status changes', () => {
  const next = setCondition(first, { ...ready, status: 'False' }, at('2026-01-02T00:00:00Z'));

  expect(next[0]).toMatchObject({ status: 'False', lastTransitionTime: '2026-01-02T00:00:00Z' });
});

test('the transition time stays when only reason, message or observed generation change', () => {
  const next = setCondition(
    first,
    { ...ready, reason: 'Scaled', message: 'm', observedGeneration: 2 },
    at('2026-01-02T00:00:00Z'),
  );

  expect(next).toEqual([
    {
      ...ready,
      reason: 'Scaled',
      message: 'm',
      observedGeneration: 2,
      lastTransitionTime: '2026-01-01T00:00:00Z',
    },
  ]);
});

test('the very same list comes back when nothing changes', () => {
  expect(setCondition(first, ready, at('2026-01-02T00:00:00Z'))).toBe(first);
});

test('a condition that no longer names a generation loses the old one', () => {
  const { observedGeneration: _, ...without } = ready;

  expect(setCondition(first, without)[0]).not.toHaveProperty('observedGeneration');
});

test('other conditions keep their places and the given list stays as it is', () => {
  const two = setCondition(
    Object.freeze(first),
    { ...ready, type: 'Synced' },
    at('2026-01-01T00:00:00Z'),
  );

  const next = setCondition(two, { ...ready, status: 'Unknown' });

  expect(next.map(({ type, status }) => `${type} ${status}`)).toEqual([
    'Ready Unknown',
    'Synced True',
  ]);
  expect(first).toHaveLength(1);
});

test('a given transition time counts only when the status changes', () => {
  const lastTransitionTime = '2020-01-01T00:00:00Z';

  expect(setCondition(first, { ...ready, message: 'm', lastTransitionTime })[0]).toMatchObject({
    lastTransitionTime: '2026-01-01T00:00:00Z',
  });
  expect(setCondition(first, { ...ready, status: 'False', lastTransitionTime })[0]).toMatchObject({
    lastTransitionTime,
  });
});

test('a generation of zero is none, as on the wire', () => {
  const { observedGeneration: _, ...without } = ready;
  const stored = setCondition([], without, at('2026-01-01T00:00:00Z'));

  expect(setCondition(stored, { ...without, observedGeneration: 0 })).toBe(stored);
});

test('a given transition time is kept', () => {
  const lastTransitionTime = '2020-01-01T00:00:00Z';

  expect(setCondition([], { ...ready, lastTransitionTime })[0]).toMatchObject({
    lastTransitionTime,
  });
});

test('conditions are found and removed by type', () => {
  expect(findCondition(first, 'Ready')?.reason).toBe('AllUp');
  expect(isConditionTrue(first, 'Ready')).toBe(true);
  expect(isConditionTrue(first, 'Other')).toBe(false);
  expect(isConditionTrue(undefined, 'Ready')).toBe(false);
  expect(isConditionFalse(first, 'Ready')).toBe(false);
  expect(isConditionFalse(first, 'Other')).toBe(false);
  expect(isConditionFalse(setCondition(first, { ...ready, status: 'False' }), 'Ready')).toBe(true);
  expect(removeCondition(first, 'Ready')).toEqual([]);
  expect(removeCondition(first, 'Other')).toBe(first);
});
