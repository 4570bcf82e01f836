import { expect, test } from 'vitest';
import {
  BucketRateLimiter,
  defaultControllerRateLimiter,
  defaultItemBasedRateLimiter,
  ItemExponentialFailureRateLimiter,
  ItemFastSlowRateLimiter,
  MaxOfRateLimiter,
  type RateLimiter,
  WithMaxWaitRateLimiter,
} from '@kubeloop/ratelimiter';
import { FakeClock } from '@kubeloop/ratelimiter/testing';

const exponential = () =>
  new ItemExponentialFailureRateLimiter<string>({ baseDelayMs: 1, maxDelayMs: 1000 });
const fastSlow = () =>
  new ItemFastSlowRateLimiter<string>({ fastDelayMs: 5, slowDelayMs: 3000, maxFastAttempts: 3 });

function broken(delayMs: number): RateLimiter<string> {
  return { when: () => delayMs, forget: () => {}, numRequeues: () => 0 };
}

test('a combined limiter returns the longest delay of its members', () => {
  const limiter = new MaxOfRateLimiter<string>(fastSlow(), exponential());

  const delays = Array.from({ length: 5 }, () => limiter.when('one'));

  expect(delays).toEqual([5, 5, 5, 3000, 3000]);
});

test('a combined limiter returns the largest failure count of its members', () => {
  const alone = fastSlow();
  const limiter = new MaxOfRateLimiter<string>(alone, exponential());
  alone.when('one');

  limiter.when('one');

  expect(limiter.numRequeues('one')).toBe(2);
});

test('forget reaches every member of a combined limiter', () => {
  const members = [fastSlow(), exponential()];
  const limiter = new MaxOfRateLimiter<string>(...members);
  limiter.when('one');

  limiter.forget('one');

  expect(members.map((member) => member.numRequeues('one'))).toEqual([0, 0]);
});

test('every member of a combined limiter counts the items on its own', () => {
  const limiter = new MaxOfRateLimiter<string>(fastSlow(), exponential());
  limiter.when('one');

  expect(limiter.when('two')).toBe(5);
  expect(limiter.numRequeues('two')).toBe(1);
});

test('a combined limiter without members never delays', () => {
  const limiter = new MaxOfRateLimiter<string>();

  expect([limiter.when('one'), limiter.numRequeues('one')]).toEqual([0, 0]);
});

test('a member that returns NaN is refused', () => {
  const limiter = new MaxOfRateLimiter<string>(exponential(), broken(Number.NaN));

  expect(() => limiter.when('one')).toThrow(RangeError);
});

test('a clamped limiter delays at most as long as the clamp', () => {
  const limiter = new WithMaxWaitRateLimiter(fastSlow(), { maxDelayMs: 500 });

  const delays = Array.from({ length: 5 }, () => limiter.when('one'));

  expect(delays).toEqual([5, 5, 5, 500, 500]);
});

test('a clamped limiter passes counts and forget through', () => {
  const limiter = new WithMaxWaitRateLimiter(exponential(), { maxDelayMs: 2 });
  for (let i = 0; i < 5; i += 1) limiter.when('one');
  const before = limiter.numRequeues('one');

  limiter.forget('one');

  expect([before, limiter.numRequeues('one'), limiter.when('one')]).toEqual([5, 0, 1]);
});

test('a clamp turns an endless delay into its own and refuses NaN', () => {
  const clamp = (delayMs: number) => new WithMaxWaitRateLimiter(broken(delayMs), { maxDelayMs: 7 });

  expect(clamp(Infinity).when('one')).toBe(7);
  expect(() => clamp(Number.NaN).when('one')).toThrow(RangeError);
  expect(() => new WithMaxWaitRateLimiter(exponential(), { maxDelayMs: Number.NaN })).toThrow(
    RangeError,
  );
});

test('the bucket limiter spaces out all items together', () => {
  const limiter = new BucketRateLimiter<string>({ qps: 10, burst: 2, clock: new FakeClock() });

  const delays = ['a', 'b', 'a', 'c', 'a'].map((item) => limiter.when(item));

  expect(delays).toEqual([0, 0, 100, 200, 300]);
});

test('the bucket limiter keeps no count per item', () => {
  const limiter = new BucketRateLimiter<string>({ qps: 10, burst: 1, clock: new FakeClock() });
  limiter.when('a');

  limiter.forget('a');

  expect([limiter.numRequeues('a'), limiter.when('a')]).toEqual([0, 100]);
});

test.each([
  { qps: 0, burst: 1 },
  { qps: Number.NaN, burst: 1 },
  { qps: -1, burst: 1 },
  { qps: 1, burst: 0 },
  { qps: 1, burst: Number.NaN },
  { qps: 1, burst: 1.5 },
])('a bucket limiter of $qps per second with a burst of $burst is refused', (options) => {
  expect(() => new BucketRateLimiter(options)).toThrow(RangeError);
});

test('the default controller limiter grows per item from 5 ms to 1000 s', () => {
  const clock = new FakeClock();
  const limiter = defaultControllerRateLimiter<string>({ clock });
  const failAtLeisure = (): number => {
    clock.step(1000);
    return limiter.when('a');
  };

  const delays = Array.from({ length: 30 }, failAtLeisure);

  expect(delays.slice(0, 4)).toEqual([5, 10, 20, 40]);
  expect(delays.at(-1)).toBe(1_000_000);
});

test('the default controller limiter holds all items together to 10 per second after 100', () => {
  const limiter = defaultControllerRateLimiter<string>({ clock: new FakeClock() });

  const delays = Array.from({ length: 103 }, (_, i) => limiter.when(`item-${i}`));

  expect(delays.slice(98)).toEqual([5, 5, 100, 200, 300]);
});

test('the default item-based limiter grows from 1 ms to 1000 s', () => {
  const limiter = defaultItemBasedRateLimiter<string>();

  const delays = Array.from({ length: 40 }, () => limiter.when('a'));

  expect([delays[0], delays[1], delays.at(-1)]).toEqual([1, 2, 1_000_000]);
});
