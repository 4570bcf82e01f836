import { expect, test } from 'vitest';

import { memoryTrend } from '../src/memory-trend.ts';
import type { MemorySample } from '../src/outcome.ts';

const mebibyte = 1024 * 1024;
const samples = (...heaps: readonly number[]): MemorySample[] =>
  heaps.map((heap, index) => ({
    faults: index * 10,
    rss: heap * 2 * mebibyte,
    heapUsed: heap * mebibyte,
  }));

test('a heap that goes up and down is flat', () => {
  expect(memoryTrend(samples(90, 40, 44, 41, 39, 45, 42)).isFlat).toBe(true);
});

test('a heap that grows is not flat', () => {
  const trend = memoryTrend(samples(40, 40, 48, 56, 64, 72, 80));

  expect(trend).toEqual({
    isFlat: false,
    description: 'heap 48 → 80 MiB, resident 96 → 160 MiB',
  });
});

test('one sample that sticks out is no growth', () => {
  expect(memoryTrend(samples(40, 40, 41, 40, 42, 41, 40, 41, 40, 200)).isFlat).toBe(true);
});

test('the first sample does not count', () => {
  expect(memoryTrend(samples(1, 40, 40, 40)).isFlat).toBe(true);
});

test('a few samples say nothing', () => {
  expect(memoryTrend(samples(1, 100, 300))).toMatchObject({
    description: 'too few samples to judge',
  });
});

test('resident memory that grows while the heap does not is not flat', () => {
  const growing = samples(40, 40, 40, 40, 40, 40, 40).map((sample, index) => ({
    ...sample,
    rss: (100 + index * 40) * mebibyte,
  }));

  expect(memoryTrend(growing).isFlat).toBe(false);
});
