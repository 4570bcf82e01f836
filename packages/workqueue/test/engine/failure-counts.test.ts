import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { describe, expect, test } from 'vitest';
import { FailureCounts } from '../../src/engine/failure-counts.ts';

describe('the default', () => {
  test('waits longer with each failure, from 5 ms', () => {
    const counts = new FailureCounts(undefined, new FakeClock());

    expect([counts.next('a'), counts.next('a'), counts.next('a')]).toEqual([5, 10, 20]);
    expect(counts.count('a')).toBe(3);
  });

  test('counts on to what others have counted, without a turn of the bucket', () => {
    const counts = new FailureCounts(undefined, new FakeClock());

    for (let key = 0; key < 200; key += 1) counts.raise(`k${key}`, 3);

    // Two hundred turns of a bucket of a hundred would wait for seconds.
    expect(counts.next('k0')).toBe(40);
    expect(counts.count('k1')).toBe(3);
  });

  test('is not lowered by those who have counted less, and forgets', () => {
    const counts = new FailureCounts(undefined, new FakeClock());
    counts.raise('a', 3);

    counts.raise('a', 1);
    expect(counts.count('a')).toBe(3);
    counts.forget('a');

    expect(counts.count('a')).toBe(0);
  });
});

describe('a limiter that is given', () => {
  const limiter = (delayMs: number) => ({
    when: () => delayMs,
    forget: () => undefined,
    numRequeues: () => 0,
  });

  test('that counts nothing ends the counting', () => {
    const counts = new FailureCounts(limiter(1), new FakeClock());

    counts.raise('a', 1_000_000);

    expect(counts.count('a')).toBe(0);
  });

  test.for([[NaN], [Infinity]])('that answers %s is refused', ([delayMs = 0]) => {
    const counts = new FailureCounts(limiter(delayMs), new FakeClock());

    expect(() => counts.next('a')).toThrow(
      new RangeError(
        `Cannot retry "a": the rate limiter returned ${delayMs}, it must be a finite number of milliseconds`,
      ),
    );
  });

  test('that lacks a method is refused', () => {
    const lacking = { when: () => 0, forget: () => undefined };

    expect(() => new FailureCounts(lacking as never, new FakeClock())).toThrow(TypeError);
  });
});
