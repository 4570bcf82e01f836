import { afterEach, describe, expect, test, vi } from 'vitest';
import { deepFreeze, freezesByDefault } from '../src/deep-freeze.ts';

describe('deepFreeze', () => {
  test('freezes in place and returns the same object', () => {
    const obj = { a: { b: [{ c: 1 }] } };

    expect(deepFreeze(obj)).toBe(obj);
    expect([obj, obj.a, obj.a.b, obj.a.b[0]].every((part) => Object.isFrozen(part))).toBe(true);
  });

  test('freezes what a shallowly frozen object holds', () => {
    const inner = { c: 1 };

    deepFreeze(Object.freeze({ inner }));

    expect(Object.isFrozen(inner)).toBe(true);
  });

  test('ends at cycles', () => {
    const obj: { self?: unknown } = {};
    obj.self = obj;

    expect(Object.isFrozen(deepFreeze(obj))).toBe(true);
  });

  test('leaves typed arrays as they are', () => {
    const bytes = new Uint8Array(2);

    deepFreeze({ bytes });
    bytes[0] = 7;

    expect(bytes[0]).toBe(7);
  });

  test.each([null, undefined, 'a', 5])('gives %s back', (value) => {
    expect(deepFreeze(value)).toBe(value);
  });

  test('survives a hundred thousand levels', () => {
    let obj: object = {};
    for (let level = 0; level < 100_000; level += 1) {
      obj = { obj };
    }

    expect(Object.isFrozen(deepFreeze(obj))).toBe(true);
  });
});

describe('freezesByDefault', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  test.each([
    ['test', true],
    ['development', true],
    ['production', false],
    [undefined, false],
  ])('with NODE_ENV %s is %s', (environment, expected) => {
    vi.stubEnv('NODE_ENV', environment);

    expect(freezesByDefault()).toBe(expected);
  });
});
