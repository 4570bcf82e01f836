import { expect, test } from 'vitest';
import { PriorityLabels } from '../src/priority-labels.ts';

test('25 priorities have labels of their own, and all further ones share one', () => {
  const labels = new PriorityLabels();
  const first = Array.from({ length: 25 }, (_, i) => labels.labelOf(i - 10));

  expect(first.at(0)).toBe('-10');
  expect(new Set(first).size).toBe(25);
  expect(labels.labelOf(100)).toBe('exceeded_cardinality_limit');
  expect(labels.labelOf(101)).toBe('exceeded_cardinality_limit');
});

test('a priority keeps its label, however many others come', () => {
  const labels = new PriorityLabels();
  for (let priority = 0; priority < 100; priority += 1) labels.labelOf(priority);

  expect(labels.labelOf(7)).toBe('7');
});

test('a queue without priorities has the empty label', () => {
  expect(new PriorityLabels().labelOf(undefined)).toBe('');
});
