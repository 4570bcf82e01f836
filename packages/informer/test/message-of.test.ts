import { expect, test } from 'vitest';
import { messageOf, stackOf } from '../src/message-of.ts';

test.each([
  [new Error('full'), 'full'],
  ['full', "'full'"],
  [undefined, 'undefined'],
  [{ code: 5 }, '{ code: 5 }'],
])('the words of what was thrown are told', (thrown, words) => {
  expect(messageOf(thrown)).toBe(words);
});

test('an error that cannot be read is told of all the same', () => {
  const broken = {
    get(): never {
      throw new Error('broken');
    },
  };
  const unreadable = Object.defineProperties(new Error('full'), { message: broken, stack: broken });

  expect(messageOf(unreadable)).toBe('an error that cannot be read');
  expect(stackOf(unreadable)).toBeUndefined();
});

test('only an error says where it was thrown', () => {
  const error = new Error('full');

  expect(stackOf(error)).toBe(error.stack);
  expect(stackOf({ stack: 'here' })).toBeUndefined();
});
