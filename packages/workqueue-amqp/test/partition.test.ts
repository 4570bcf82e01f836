import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hashOf, partitionOf } from '../src/partition.ts';

/** Never to be changed: processes of different versions share queues. */
const golden: readonly (readonly [key: string, of16: number, of64: number, of7: number])[] = [
  ['', 11, 11, 4],
  ['a', 3, 51, 0],
  ['default/web', 4, 36, 1],
  ['kube-system/coredns-7db6d8ff4d-2xkzq', 2, 34, 5],
  ['ünïcödé', 3, 35, 0],
  ['日本語', 2, 18, 4],
  ['🙂', 10, 10, 3],
  ['a/b/c', 11, 11, 1],
  ['0', 1, 33, 3],
  ['namespace-1/key-99999', 10, 26, 0],
];

describe('partitionOf', () => {
  test.each(golden)('puts %j where every version puts it', (key, of16, of64, of7) => {
    expect([partitionOf(key, 16), partitionOf(key, 64), partitionOf(key, 7)]).toEqual([
      of16,
      of64,
      of7,
    ]);
  });

  test('is one of the partitions', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.integer({ min: 1, max: 64 }),
        (key, count) => {
          const index = partitionOf(key, count);
          expect(Number.isInteger(index) && index >= 0 && index < count).toBe(true);
        },
      ),
    );
  });

  test('gives every partition its share of keys as people name them', () => {
    const counts = Array.from({ length: 16 }, () => 0);

    for (let index = 0; index < 16_000; index += 1) {
      const partition = partitionOf(`namespace-${index % 7}/pod-${index}`, 16);
      counts[partition] = (counts[partition] ?? 0) + 1;
    }

    expect(Math.min(...counts)).toBeGreaterThan(850);
    expect(Math.max(...counts)).toBeLessThan(1150);
  });

  test('reads the bytes that are sent, whichever way they are read', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(hashOf(text)).toBe(hashOf(Buffer.from(text, 'utf8').toString('utf8')));
      }),
    );
  });
});
