import { ItemExponentialFailureRateLimiter, type RateLimiter } from '@kubeloop/ratelimiter';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { describe, expect, test } from 'vitest';
import { Retries } from '../src/retries.ts';

describe('Retries', () => {
  test('waits as the queues of one process do by default', () => {
    const retries = new Retries(undefined, new FakeClock());

    expect([retries.next('a'), retries.next('a'), retries.next('a')]).toEqual([5, 10, 20]);
    expect(retries.count('a')).toBe(3);
  });

  test('counts on from what another process has counted', () => {
    const retries = new Retries(undefined, new FakeClock());

    retries.catchUp('a', 7, 'another');

    expect(retries.count('a')).toBe(7);
    expect(retries.next('a')).toBe(5 * 2 ** 7);
  });

  test('catching up takes no turn of the bucket that all keys share', () => {
    const retries = new Retries(undefined, new FakeClock());

    for (let index = 0; index < 50; index += 1) retries.catchUp(`key-${index}`, 20, 'another');

    expect(retries.next('fresh')).toBe(5);
  });

  test('does not take back what was forgotten because of a message of its own', () => {
    const retries = new Retries(undefined, new FakeClock());
    retries.next('a');
    const { counter } = retries;
    retries.forget('a');

    retries.catchUp('a', 1, counter);

    expect(retries.count('a')).toBe(0);
  });

  test('believes its own messages again after it has forgotten a partition', () => {
    const retries = new Retries(undefined, new FakeClock());
    retries.next('a');
    retries.next('b');
    const { counter } = retries;

    retries.forgetAll((key) => key === 'a');

    expect([retries.count('a'), retries.count('b')]).toEqual([0, 1]);
    retries.catchUp('a', 1, counter);
    expect(retries.count('a')).toBe(1);
  });

  test('gives up on a limiter that does not count', () => {
    const limiter: RateLimiter<string> = { when: () => 1, forget: () => {}, numRequeues: () => 0 };
    const retries = new Retries(limiter, new FakeClock());

    retries.catchUp('a', 1000, 'another');

    expect(retries.count('a')).toBe(0);
  });

  test('uses the limiter that is given', () => {
    const limiter = new ItemExponentialFailureRateLimiter<string>({
      baseDelayMs: 7,
      maxDelayMs: 100,
    });

    expect(new Retries(limiter, new FakeClock()).next('a')).toBe(7);
  });

  test('refuses a limiter that lacks a method, and one that returns no number', () => {
    const lacking = { when: () => 1 } as unknown as RateLimiter<string>;
    const broken: RateLimiter<string> = { when: () => NaN, forget: () => {}, numRequeues: () => 0 };

    expect(() => new Retries(lacking, new FakeClock())).toThrow(TypeError);
    expect(() => new Retries(broken, new FakeClock()).next('a')).toThrow(/returned NaN/u);
  });
});
