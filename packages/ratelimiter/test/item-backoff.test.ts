import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import { ItemBackoff } from '@kubeloop/ratelimiter';
import { FakeClock } from '@kubeloop/ratelimiter/testing';

function make(options: Partial<ConstructorParameters<typeof ItemBackoff<string>>[0]> = {}) {
  const clock = new FakeClock(1_000_000);
  const backoff = new ItemBackoff<string>({ initialMs: 1, maxMs: 50, clock, ...options });
  return { backoff, clock };
}

test('an unknown item has no delay, then delays double up to the longest', () => {
  const { backoff, clock } = make();

  const delays = Array.from({ length: 9 }, () => {
    const delay = backoff.get('a');
    backoff.next('a');
    clock.step(1);
    return delay;
  });

  expect(delays).toEqual([0, 1, 2, 4, 8, 16, 32, 50, 50]);
});

test('items are delayed independently of each other', () => {
  const { backoff } = make();
  backoff.next('a');
  backoff.next('a');

  backoff.next('b');

  expect([backoff.get('a'), backoff.get('b')]).toEqual([2, 1]);
});

test('reset lets an item start over', () => {
  const { backoff, clock } = make();
  backoff.next('a');
  backoff.next('a');

  backoff.reset('a');

  expect([backoff.get('a'), backoff.isInBackOffSince('a', clock.now())]).toEqual([0, false]);
});

test('delete forgets the item', () => {
  const { backoff } = make();
  backoff.next('a');

  backoff.delete('a');

  expect(backoff.size).toBe(0);
});

test('more than twice the longest delay after the last update an item is not in back-off', () => {
  const { backoff, clock } = make({ initialMs: 1000, maxMs: 1000 });
  backoff.next('a');
  const lastUpdateMs = clock.now();

  clock.step(2001);

  expect(backoff.isInBackOffSince('a', clock.now())).toBe(false);
  expect(backoff.isInBackOffSinceUpdate('a', lastUpdateMs + 2001)).toBe(false);
});

test('more than twice the longest delay after the last update the series starts over', () => {
  const { backoff, clock } = make();
  for (let i = 0; i < 10; i += 1) backoff.next('a');

  clock.step(101);
  backoff.next('a');

  expect(backoff.get('a')).toBe(1);
});

test('an item that was idle for less than twice the longest delay stays at the longest', () => {
  const { backoff, clock } = make();
  for (let i = 0; i < 10; i += 1) backoff.next('a');

  clock.step(100);
  backoff.next('a');

  expect(backoff.get('a')).toBe(50);
});

test('gc drops items that are idle for more than twice the longest delay and keeps fresh ones', () => {
  const { backoff, clock } = make();
  backoff.next('old');
  clock.step(60);
  backoff.next('fresh');
  clock.step(41);

  backoff.gc();

  expect([backoff.get('old'), backoff.get('fresh'), backoff.size]).toEqual([0, 1, 1]);
});

test('gc obeys the given expiry', () => {
  const { backoff, clock } = make({
    hasExpired: (eventMs, lastUpdateMs) => eventMs - lastUpdateMs >= 200,
  });
  backoff.next('a');

  clock.step(199);
  backoff.gc();
  const kept = backoff.size;
  clock.step(1);
  backoff.gc();

  expect([kept, backoff.size]).toEqual([1, 0]);
});

test('the given expiry decides when the series starts over', () => {
  const { backoff, clock } = make({
    hasExpired: (eventMs, lastUpdateMs) => eventMs - lastUpdateMs >= 200,
  });
  backoff.next('a');
  clock.step(150);
  backoff.next('a');
  const doubled = backoff.get('a');

  clock.step(200);
  backoff.next('a');

  expect([doubled, backoff.get('a')]).toEqual([2, 1]);
});

test('an item that has expired by the given expiry is not in back-off', () => {
  const { backoff, clock } = make({
    initialMs: 50,
    hasExpired: (eventMs, lastUpdateMs) => eventMs - lastUpdateMs >= 20,
  });
  backoff.next('a');
  const startMs = clock.now();

  const answers = [19, 20].map((ms) => {
    clock.step(startMs + ms - clock.now());
    return [
      backoff.isInBackOffSinceUpdate('a', clock.now()),
      backoff.isInBackOffSince('a', clock.now()),
    ];
  });

  expect(answers).toEqual([
    [true, true],
    [false, false],
  ]);
});

test('whether an item is in back-off since its update follows its growing delay, second by second', () => {
  const { backoff, clock } = make({ initialMs: 1000, maxMs: 10_000 });
  const startMs = clock.now();
  const attempts: number[] = [];
  const delays: Record<number, number> = {};

  for (const second of [...Array.from({ length: 36 }, (_, i) => i), 56, 57]) {
    clock.step(startMs + second * 1000 - clock.now());
    if (backoff.isInBackOffSinceUpdate('a', clock.now())) {
      delays[backoff.get('a') / 1000] = second;
    } else {
      // An attempt is made, and fails, whenever the item is out of back-off.
      attempts.push(second);
      backoff.next('a');
    }
  }

  expect(attempts).toEqual([0, 1, 3, 7, 15, 25, 35, 56, 57]);
  // The last second in which each delay was seen: the delay of 1 s is over by the next look.
  expect(delays).toEqual({ 2: 2, 4: 6, 8: 14, 10: 34 });
  // The attempt at 56 s came after more than 20 s of quiet: that of 57 s is the second of a new series.
  expect(backoff.get('a')).toBe(2000);
});

test('an item stays in back-off for the whole of the longest delay and not longer', () => {
  const { backoff, clock } = make({ initialMs: 1000, maxMs: 10_000 });
  for (let i = 0; i < 10; i += 1) backoff.next('a');
  const updateMs = clock.now();

  const answers = [0, 9999, 10_000, 19_000, 20_001].map((ms) =>
    backoff.isInBackOffSinceUpdate('a', updateMs + ms),
  );

  expect(answers).toEqual([true, true, false, false, false]);
});

test('whether an item is in back-off since an event compares the time since then with its delay', () => {
  const { backoff, clock } = make({ initialMs: 10, maxMs: 50 });
  const eventMs = clock.now();
  backoff.next('a');

  clock.step(9);
  const within = backoff.isInBackOffSince('a', eventMs);
  clock.step(1);
  const outside = backoff.isInBackOffSince('a', eventMs);

  expect([within, outside, backoff.isInBackOffSince('unknown', eventMs)]).toEqual([
    true,
    false,
    false,
  ]);
});

test('jitter adds up to its factor of the previous delay, and the cap holds exactly', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), {
        minLength: 11,
        maxLength: 11,
      }),
      (randoms) => {
        let index = 0;
        const { backoff } = make({
          initialMs: 100,
          maxMs: 60_000,
          jitter: 0.1,
          random: () => randoms[index++] ?? 0,
        });
        backoff.next('a');
        let previous = backoff.get('a');
        expect(previous >= 100 && previous <= 110).toBe(true);
        for (let step = 0; step < 10; step += 1) {
          backoff.next('a');
          const delay = backoff.get('a');
          const isInRange = delay >= 2 * previous && delay <= 2.1 * previous + 1e-9;
          expect(isInRange || delay === 60_000).toBe(true);
          previous = delay;
        }
        expect(previous).toBe(60_000);
      },
    ),
  );
});

test.each([
  { initialMs: Number.NaN, maxMs: 1 },
  { initialMs: 1, maxMs: -1 },
  { initialMs: 1, maxMs: 1, jitter: Number.NaN },
])('options out of range are refused: %o', (options) => {
  expect(() => new ItemBackoff<string>(options)).toThrow(RangeError);
});

test('jitter is whole nanoseconds, as in client-go', () => {
  const { backoff } = make({
    initialMs: 2000,
    maxMs: 4000,
    jitter: 1.5,
    random: () => 0.087_454_230_254_731_16,
  });

  backoff.next('a');

  expect(backoff.get('a')).toBe(2262.362_690);
});

test('at exactly twice the longest delay an item has not expired, although sums of fractions differ', () => {
  const { backoff, clock } = make({ initialMs: 0.05, maxMs: 0.1 });
  clock.step(0.1);
  backoff.next('a');

  backoff.next('a', 1_000_000.3);

  expect(backoff.get('a')).toBe(0.1);
});
