import { describe, expect, test } from 'vitest';
import { checkFunctionOption, checkKey, checkSignal } from '../../src/engine/checks.ts';

describe('a key', () => {
  test.for([[''], ['a/b'], ['ü'], ['😀'], ['\u0000']])('may be %j', ([key = '']) => {
    expect(checkKey(key)).toBe(key);
  });

  test.for([['\ud800'], ['a\udc00']])('with half of a surrogate pair is refused', ([key = '']) => {
    expect(() => checkKey(key)).toThrow(RangeError);
  });

  test.for([[1], [undefined], [null], [{}]])('that is %s is refused', ([key]) => {
    expect(() => checkKey(key as never)).toThrow(TypeError);
  });
});

test('a function or nothing passes, all else is refused by name', () => {
  checkFunctionOption('onError', undefined);
  checkFunctionOption('onError', () => undefined);

  expect(() => checkFunctionOption('onError', 1)).toThrow('type number as onError');
});

test('a signal or nothing passes, all else is refused', () => {
  checkSignal(undefined);
  checkSignal(new AbortController().signal);

  expect(() => checkSignal({} as never)).toThrow(TypeError);
});
