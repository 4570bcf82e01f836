import { ItemExponentialFailureRateLimiter } from '@kubeloop/ratelimiter';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { expect, test } from 'vitest';
import { Retries } from '../src/retries.ts';

function retries(): Retries {
  const limiter = new ItemExponentialFailureRateLimiter<string>({
    baseDelayMs: 1,
    maxDelayMs: 1000,
  });
  return new Retries(limiter, new FakeClock());
}

test('what the server counted goes on here', () => {
  const counted = retries();

  counted.correct('a', 3);

  expect(counted.count('a')).toBe(3);
  expect(counted.next('a')).toBe(8);
});

test('what others have forgotten is forgotten here', () => {
  const counted = retries();
  counted.next('a');
  counted.next('a');

  counted.correct('a', 0);

  expect(counted.count('a')).toBe(0);
  expect(counted.next('a')).toBe(1);
});

test('counting what others counted costs no turn of the bucket that all keys share', () => {
  const counted = new Retries(undefined, new FakeClock());
  for (let key = 0; key < 200; key += 1) counted.correct(`k${key}`, 2);

  expect(counted.next('k0')).toBe(20);
});

test('the failures of the ten thousand keys that failed last are known here, of others only at the server', () => {
  const counted = retries();
  for (let key = 0; key <= 10_000; key += 1) counted.next(`k${key}`);

  expect([counted.count('k0'), counted.count('k1'), counted.count('k10000')]).toEqual([0, 1, 1]);
});

test('a limiter that counts nothing does not hang', () => {
  const limiter = { when: () => 5, forget: () => undefined, numRequeues: () => 0 };
  const counted = new Retries(limiter, new FakeClock());

  counted.correct('a', 3);

  expect(counted.next('a')).toBe(5);
});

test('a limiter without its methods, or with an endless delay, is refused', () => {
  // A caller without types.
  expect(() => new Retries({} as never, new FakeClock())).toThrow(TypeError);
  const endless = { when: () => Infinity, forget: () => undefined, numRequeues: () => 0 };
  expect(() => new Retries(endless, new FakeClock()).next('a')).toThrow(RangeError);
});
