import { expect, test } from 'vitest';
import { ByteCollector } from '../src/byte-collector.ts';

test('pieces are copied, so that whoever gave them may use their memory again', () => {
  const collector = new ByteCollector('A line', 100);
  const chunk = Buffer.from('abcdef');

  collector.add(chunk, 0, 2);
  collector.add(chunk, 4, 6);
  chunk.fill('x');

  expect(collector.size).toBe(4);
  expect(collector.take()).toBe('abef');
  expect(collector.size).toBe(0);
});

test('text is made of what was collected and the last piece, or of that alone', () => {
  const collector = new ByteCollector('A line', 100);
  const chunk = Buffer.from('grün');

  collector.add(chunk, 0, 3);

  expect(collector.takeWith(chunk, 3, 5)).toBe('grün');
  expect(collector.takeWith(chunk, 0, 2)).toBe('gr');
});

test('the limit holds for what is collected and for a piece alone', () => {
  const collector = new ByteCollector('A line', 5);
  const chunk = Buffer.from('abcdef');

  expect(() => collector.takeWith(chunk, 0, 6)).toThrow('A line is longer than 5 bytes');
  collector.add(chunk, 0, 3);
  expect(() => collector.add(chunk, 0, 3)).toThrow('A line is longer than 5 bytes');
  expect(() => collector.takeWith(chunk, 0, 3)).toThrow('A line is longer than 5 bytes');
});

test('what is much longer than the first room for it stays whole', () => {
  const collector = new ByteCollector('A line', 1_000_000);
  const piece = Buffer.from('0123456789'.repeat(1000));
  for (let i = 0; i < 50; i += 1) collector.add(piece, 0, piece.length);

  expect(collector.take()).toBe('0123456789'.repeat(50_000));
  collector.add(Buffer.from('next'), 0, 4);
  expect(collector.takeBytes().toString()).toBe('next');
});
