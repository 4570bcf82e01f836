import { describe, expect, test } from 'vitest';
import * as fc from 'fast-check';
import { ItemExponentialFailureRateLimiter, ItemFastSlowRateLimiter } from '@kubeloop/ratelimiter';

function times<R>(count: number, call: () => R): R[] {
  return Array.from({ length: count }, call);
}

describe('ItemExponentialFailureRateLimiter', () => {
  const make = () =>
    new ItemExponentialFailureRateLimiter<string>({ baseDelayMs: 1, maxDelayMs: 1000 });

  test('the delay doubles with each failure of the item', () => {
    const limiter = make();

    const delays = times(5, () => limiter.when('one'));

    expect(delays).toEqual([1, 2, 4, 8, 16]);
  });

  test('five calls of when are five requeues', () => {
    const limiter = make();

    times(5, () => limiter.when('one'));

    expect(limiter.numRequeues('one')).toBe(5);
  });

  test('items are counted independently of each other', () => {
    const limiter = make();
    times(5, () => limiter.when('one'));

    const delays = times(2, () => limiter.when('two'));

    expect(delays).toEqual([1, 2]);
    expect([limiter.numRequeues('one'), limiter.numRequeues('two')]).toEqual([5, 2]);
  });

  test('a forgotten item starts again at the base delay', () => {
    const limiter = make();
    times(5, () => limiter.when('one'));

    limiter.forget('one');

    expect(limiter.numRequeues('one')).toBe(0);
    expect(limiter.when('one')).toBe(1);
  });

  test('forgetting an unknown item does nothing', () => {
    const limiter = make();

    limiter.forget('unknown');

    expect(limiter.numRequeues('unknown')).toBe(0);
  });

  test('after thousands of failures the delay is exactly the cap', () => {
    const limiter = new ItemExponentialFailureRateLimiter<string>({
      baseDelayMs: 1,
      maxDelayMs: 1000 * 3_600_000,
    });

    const delays = times(5000, () => limiter.when('overdue'));

    expect(delays.at(-1)).toBe(1000 * 3_600_000);
    expect(delays.every((delay) => delay > 0 && delay <= 1000 * 3_600_000)).toBe(true);
  });

  test('a base delay of zero stays zero however often the item fails', () => {
    const limiter = new ItemExponentialFailureRateLimiter<string>({
      baseDelayMs: 0,
      maxDelayMs: 9,
    });

    const delays = times(3000, () => limiter.when('one'));

    expect(new Set(delays)).toEqual(new Set([0]));
  });

  test('a base delay above the cap gives the cap', () => {
    const limiter = new ItemExponentialFailureRateLimiter<string>({
      baseDelayMs: 50,
      maxDelayMs: 9,
    });

    expect(limiter.when('one')).toBe(9);
  });

  test('delays never shrink and never pass the cap, whatever base and cap', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        fc.double({ min: 0, max: 1e12, noNaN: true }),
        (baseDelayMs, maxDelayMs) => {
          const limiter = new ItemExponentialFailureRateLimiter<string>({
            baseDelayMs,
            maxDelayMs,
          });
          const delays = times(1200, () => limiter.when('x'));
          expect(
            delays.every((delay, i) => delay >= (delays[i - 1] ?? 0) && delay <= maxDelayMs),
          ).toBe(true);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('a keyOf that is no function is refused at once', () => {
    // What a program in JavaScript can pass.
    const keyOf = 'id' as never;

    expect(
      () => new ItemExponentialFailureRateLimiter({ baseDelayMs: 1, maxDelayMs: 9, keyOf }),
    ).toThrow(new TypeError('Cannot use a value of type string as keyOf: it must be a function'));
  });

  test('objects are refused unless keyOf tells them apart', () => {
    const limiter = new ItemExponentialFailureRateLimiter<object>({
      baseDelayMs: 1,
      maxDelayMs: 9,
    });

    expect(() => limiter.when({})).toThrow(TypeError);
    expect(() => limiter.when({})).toThrow('items are identified by key');
  });

  test('objects with the same key are one item', () => {
    const limiter = new ItemExponentialFailureRateLimiter<{ id: string }>({
      baseDelayMs: 1,
      maxDelayMs: 9,
      keyOf: (item) => item.id,
    });

    limiter.when({ id: 'a' });

    expect([limiter.when({ id: 'a' }), limiter.when({ id: 'b' })]).toEqual([2, 1]);
  });

  test('a key that is no string is refused', () => {
    const limiter = new ItemExponentialFailureRateLimiter<object>({
      baseDelayMs: 1,
      maxDelayMs: 9,
      // A caller in plain JavaScript can return anything.
      keyOf: () => undefined as unknown as string,
    });

    expect(() => limiter.when({})).toThrow('keyOf returned undefined instead of a string');
  });

  test.each([Number.NaN, -1, Infinity, -Infinity])(
    'a base delay of %d is refused',
    (baseDelayMs) => {
      expect(() => new ItemExponentialFailureRateLimiter({ baseDelayMs, maxDelayMs: 1 })).toThrow(
        RangeError,
      );
    },
  );

  test.each([Number.NaN, -1, Infinity])('a longest delay of %d is refused', (maxDelayMs) => {
    expect(() => new ItemExponentialFailureRateLimiter({ baseDelayMs: 1, maxDelayMs })).toThrow(
      RangeError,
    );
  });

  test('a delay that is no number is refused as the wrong kind of argument', () => {
    // A caller in plain JavaScript can pass anything.
    const baseDelayMs = '5' as unknown as number;

    expect(() => new ItemExponentialFailureRateLimiter({ baseDelayMs, maxDelayMs: 1 })).toThrow(
      new TypeError('Cannot use a value of type string as baseDelayMs: it must be a number'),
    );
  });
});

describe('ItemFastSlowRateLimiter', () => {
  const make = () =>
    new ItemFastSlowRateLimiter<string>({
      fastDelayMs: 5,
      slowDelayMs: 10_000,
      maxFastAttempts: 3,
    });

  test('the first attempts are fast, all later ones slow', () => {
    const limiter = make();

    const delays = times(5, () => limiter.when('one'));

    expect(delays).toEqual([5, 5, 5, 10_000, 10_000]);
    expect(limiter.numRequeues('one')).toBe(5);
  });

  test('items have fast attempts of their own', () => {
    const limiter = make();
    times(5, () => limiter.when('one'));

    expect(limiter.when('two')).toBe(5);
    expect(limiter.numRequeues('two')).toBe(1);
  });

  test('a forgotten item has its fast attempts again', () => {
    const limiter = make();
    times(5, () => limiter.when('one'));

    limiter.forget('one');

    expect(limiter.numRequeues('one')).toBe(0);
    expect(limiter.when('one')).toBe(5);
  });

  test('without fast attempts every delay is the slow one', () => {
    const limiter = new ItemFastSlowRateLimiter<string>({
      fastDelayMs: 1,
      slowDelayMs: 2,
      maxFastAttempts: 0,
    });

    expect(limiter.when('one')).toBe(2);
  });

  test.each([Number.NaN, -1, 1.5, Infinity])('%d fast attempts are refused', (maxFastAttempts) => {
    expect(
      () => new ItemFastSlowRateLimiter({ fastDelayMs: 1, slowDelayMs: 1, maxFastAttempts }),
    ).toThrow(RangeError);
  });
});
