import { expect, test } from 'vitest';
import { Backoff } from '@kubeloop/ratelimiter';
import { FakeClock } from '@kubeloop/ratelimiter/testing';

test('delays double from the first to the longest and stay there', () => {
  const backoff = new Backoff({ initialMs: 800, maxMs: 30_000 });

  const delays = Array.from({ length: 8 }, () => backoff.next());

  expect(delays).toEqual([800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]);
});

test('the factor sets how fast delays grow', () => {
  const backoff = new Backoff({ initialMs: 1, maxMs: 100, factor: 3 });

  const delays = Array.from({ length: 6 }, () => backoff.next());

  expect(delays).toEqual([1, 3, 9, 27, 81, 100]);
});

test('a factor of one keeps the first delay', () => {
  const backoff = new Backoff({ initialMs: 7, maxMs: 100, factor: 1 });

  expect([backoff.next(), backoff.next()]).toEqual([7, 7]);
});

test('jitter comes on top of the delay and does not add up', () => {
  const backoff = new Backoff({ initialMs: 100, maxMs: 400, jitter: 1, random: () => 0.5 });

  const delays = Array.from({ length: 4 }, () => backoff.next());

  expect(delays).toEqual([150, 300, 600, 600]);
});

test('the series starts over after a quiet time and not before', () => {
  const clock = new FakeClock();
  const backoff = new Backoff({ initialMs: 1, maxMs: 8, resetAfterMs: 120_000, clock });
  backoff.next();
  backoff.next();

  clock.step(120_000);
  const justInTime = backoff.next();
  clock.step(120_001);
  const afterQuiet = backoff.next();

  expect([justInTime, afterQuiet]).toEqual([4, 1]);
});

test('every call counts against the quiet time', () => {
  const clock = new FakeClock();
  const backoff = new Backoff({ initialMs: 1, maxMs: 8, resetAfterMs: 100, clock });

  const delays = Array.from({ length: 4 }, () => {
    clock.step(90);
    return backoff.next();
  });

  expect(delays).toEqual([1, 2, 4, 8]);
});

test('reset starts over at once', () => {
  const backoff = new Backoff({ initialMs: 1, maxMs: 8 });
  backoff.next();
  backoff.next();

  backoff.reset();

  expect(backoff.next()).toBe(1);
});

test('any number of calls keeps to the longest delay', () => {
  const backoff = new Backoff({ initialMs: 1, maxMs: 1e9 });

  const delays = Array.from({ length: 5000 }, () => backoff.next());

  expect(delays.at(-1)).toBe(1e9);
});

test.each([
  { initialMs: Number.NaN, maxMs: 1 },
  { initialMs: -1, maxMs: 1 },
  { initialMs: 1, maxMs: Infinity },
  { initialMs: 2, maxMs: 1 },
  { initialMs: 1, maxMs: 2, factor: 0.5 },
  { initialMs: 1, maxMs: 2, jitter: -1 },
  { initialMs: 1, maxMs: 2, resetAfterMs: Number.NaN },
])('options out of range are refused: %o', (options) => {
  expect(() => new Backoff(options)).toThrow(RangeError);
});
