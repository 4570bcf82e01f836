import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LineSplitter } from '../src/line-splitter.ts';

function split(chunks: readonly Buffer[], maxBytes = 1_000_000): { lines: string[]; rest: string } {
  const splitter = new LineSplitter(maxBytes);
  const lines = chunks.flatMap((chunk) => [...splitter.push(chunk)]);
  return { lines, rest: splitter.end() };
}

describe('LineSplitter', () => {
  test('however the bytes are cut, within a character too, the lines come out as they went in', () => {
    const line = fc.string({ unit: 'grapheme', minLength: 1 }).map((text) => JSON.stringify(text));
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.integer({ min: 1, max: 9 })), (lines, sizes) => {
        const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''));
        const chunks: Buffer[] = [];
        for (let from = 0, i = 0; from < bytes.length; i += 1) {
          const size = sizes[i % Math.max(1, sizes.length)] ?? bytes.length;
          chunks.push(bytes.subarray(from, from + size));
          from += size;
        }

        expect(split(chunks)).toEqual({ lines, rest: '' });
      }),
    );
  });

  test('empty lines are left out', () => {
    expect(split([Buffer.from('\n{}\n\r\n  \n{}\r\n')]).lines).toEqual(['{}', '{}\r']);
  });

  test('what follows the last newline is the rest', () => {
    expect(split([Buffer.from('{}\n{"a'), Buffer.from('":1}')])).toEqual({
      lines: ['{}'],
      rest: '{"a":1}',
    });
  });

  test('a line that is too long is refused although it has no end yet', () => {
    expect(() => split([Buffer.alloc(60, 'x'), Buffer.alloc(60, 'x')], 100)).toThrow(
      new RangeError('A line of the watch is longer than 100 bytes (option "maxObjectBytes")'),
    );
  });

  test('many lines of which each is short enough may be longer together', () => {
    expect(split([Buffer.from('{"a":1}\n'.repeat(100))], 10).lines).toHaveLength(100);
  });
});
