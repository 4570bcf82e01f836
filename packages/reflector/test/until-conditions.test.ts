import { describe, expect, test } from 'vitest';
import { hasCondition, isDeleted } from '../src/index.ts';

const event = (
  status: unknown,
  type: string = 'MODIFIED',
  generation?: number,
): {
  type: string;
  object: unknown;
} => ({ type, object: { metadata: { generation }, status } });
const conditions = (...list: readonly object[]): object => ({ conditions: list });

test('a deletion is one, nothing else is', () => {
  expect(['ADDED', 'MODIFIED', 'DELETED'].map((type) => isDeleted({ type, object: {} }))).toEqual([
    false,
    false,
    true,
  ]);
});

describe('a condition of the status', () => {
  const isReady = hasCondition('Ready');

  test('is met by its type and status, in any case', () => {
    expect(isReady(event(conditions({ type: 'Ready', status: 'True' })))).toBe(true);
    expect(isReady(event(conditions({ type: 'Ready', status: 'true' })))).toBe(true);
    expect(isReady(event(conditions({ type: 'Ready', status: 'False' })))).toBe(false);
    expect(isReady(event(conditions({ type: 'Other', status: 'True' })))).toBe(false);
  });

  test('can be another status than true', () => {
    const isStalled = hasCondition('Ready', 'Unknown');

    expect(isStalled(event(conditions({ type: 'Ready', status: 'Unknown' })))).toBe(true);
  });

  test.each([
    ['of the condition', conditions({ type: 'Ready', status: 'True', observedGeneration: 1 })],
    [
      'of the whole status',
      { ...conditions({ type: 'Ready', status: 'True' }), observedGeneration: 1 },
    ],
  ])('does not count for a newer generation than that %s', (_, status) => {
    expect(isReady(event(status, 'MODIFIED', 1))).toBe(true);
    expect(isReady(event(status, 'MODIFIED', 2))).toBe(false);
  });

  test('is not met by what is gone, nor where there is none', () => {
    expect(isReady(event(conditions({ type: 'Ready', status: 'True' }), 'DELETED'))).toBe(false);
    expect(isReady(event(undefined))).toBe(false);
    expect(isReady(event({ conditions: 'odd' }))).toBe(false);
    expect(isReady({ type: 'ADDED', object: undefined })).toBe(false);
  });
});
