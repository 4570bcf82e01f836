import { expect, test } from 'vitest';
import { messageOf } from '../src/message-of.ts';

test.each([
  [new Error('full'), 'full'],
  ['full', 'full'],
  [undefined, 'undefined'],
  [Symbol('full'), 'Symbol(full)'],
])('the words of what was thrown are told', (thrown, words) => {
  expect(messageOf(thrown)).toBe(words);
});

test('an error whose message cannot be read is told of all the same', () => {
  const unreadable = new Error('full');
  Object.defineProperty(unreadable, 'message', {
    get() {
      throw new Error('broken');
    },
  });

  expect(messageOf(unreadable)).toBe('an error that cannot be read');
  expect(messageOf(Object.create(null))).toBe('an error that cannot be read');
});
