import { expect, test } from 'vitest';
import { statisticOf } from '../src/statistics.ts';

const oneToHundred = Array.from({ length: 100 }, (_, i) => 100 - i);

test('the median has half of the samples up to it', () => {
  expect([statisticOf('median', oneToHundred), statisticOf('median', [3, 1, 2])]).toEqual([50, 2]);
});

test('the 99th percentile has 99 of 100 samples up to it', () => {
  expect(statisticOf('p99', oneToHundred)).toBe(99);
});

test('the maximum is the largest sample', () => {
  expect(statisticOf('max', oneToHundred)).toBe(100);
});

test('one sample is every statistic', () => {
  expect([statisticOf('median', [7]), statisticOf('p99', [7]), statisticOf('max', [7])]).toEqual([
    7, 7, 7,
  ]);
});

test('the samples are left in their order', () => {
  const samples = [3, 1, 2];

  statisticOf('median', samples);

  expect(samples).toEqual([3, 1, 2]);
});

test('no samples have no statistic', () => {
  expect(() => statisticOf('median', [])).toThrow(RangeError);
});
