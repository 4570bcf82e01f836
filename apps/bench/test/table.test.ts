import { expect, test } from 'vitest';
import { durationOf, tableOf } from '../src/table.ts';

test('a row shows both times and how many times as long ours takes', () => {
  const table = tableOf([{ title: 'queue', per: 'key', node: 300, go: 200 }]);

  expect(table.split('\n')[2]).toBe('| queue | key | 300 ns | 200 ns | 1.50× |');
});

test('a row without Go shows ours alone', () => {
  const table = tableOf([{ title: 'queue', per: 'key', node: 300, go: undefined }]);

  expect(table.split('\n')[2]).toBe('| queue | key | 300 ns | – | – |');
});

test.each([
  [0.5, '0.50 ns'],
  [12.34, '12.3 ns'],
  [999, '999 ns'],
  [1000, '1.00 µs'],
  [1_234_567, '1.23 ms'],
  [98_000_000, '98.0 ms'],
  [2.5e9, '2.50 s'],
  [5e12, '5000 s'],
])('%d ns are written as %s', (ns, text) => {
  expect(durationOf(ns)).toBe(text);
});
