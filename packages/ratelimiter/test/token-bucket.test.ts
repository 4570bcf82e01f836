import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import { MaxWaitExceededError, TokenBucket } from '@kubeloop/ratelimiter';
import { FakeClock } from '@kubeloop/ratelimiter/testing';

function make(qps: number, burst: number): { bucket: TokenBucket; clock: FakeClock } {
  const clock = new FakeClock();
  return { bucket: new TokenBucket({ qps, burst, clock }), clock };
}

/** Records when a promise settles by the fake clock. */
function follow(promise: Promise<void>, clock: FakeClock): { settledAt?: number; error?: unknown } {
  const outcome: { settledAt?: number; error?: unknown } = {};
  promise.then(
    () => (outcome.settledAt = clock.now()),
    (error: unknown) => (outcome.error = error),
  );
  return outcome;
}

test('burst tokens are there at once, then calls are refused', () => {
  const { bucket } = make(1, 3);

  const answers = Array.from({ length: 5 }, () => bucket.allow());

  expect(answers).toEqual([true, true, true, false, false]);
});

test('a refused call takes nothing', () => {
  const { bucket } = make(1, 2);
  bucket.allow();

  const refused = bucket.allow(2);

  expect([refused, bucket.tokens]).toEqual([false, 1]);
});

test('a token comes back after one period of the rate', () => {
  const { bucket, clock } = make(10, 1);
  bucket.allow();

  clock.step(99);
  const early = bucket.allow();
  clock.step(1);
  const due = bucket.allow();

  expect([early, due]).toEqual([false, true]);
});

test('the bucket never holds more than its burst', () => {
  const { bucket, clock } = make(10, 3);

  clock.step(3_600_000);

  expect(bucket.tokens).toBe(3);
});

test('a rate of one per 1.031425 s is never refused when it is asked every 2 s', () => {
  const { bucket, clock } = make(1 / 1.031425, 1);

  const answers = Array.from({ length: 60 }, () => {
    const isAllowed = bucket.allow();
    clock.step(2000);
    return isAllowed;
  });

  expect(answers.every(Boolean)).toBe(true);
});

test('a rate that is no round number is not refused at its own pace by rounding', () => {
  const { bucket, clock } = make(3, 1);

  const answers = Array.from({ length: 1000 }, () => {
    const isAllowed = bucket.allow();
    clock.step(1000 / 3);
    return isAllowed;
  });

  expect(answers.every(Boolean)).toBe(true);
});

test('callers never get more than burst plus rate times time', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 20 }),
      fc.array(
        fc.record({
          stepMs: fc.integer({ min: 0, max: 300 }),
          takers: fc.integer({ min: 1, max: 9 }),
        }),
      ),
      (qps, burst, rounds) => {
        const { bucket, clock } = make(qps, burst);
        let taken = 0;
        for (const { stepMs, takers } of rounds) {
          clock.step(stepMs);
          for (let i = 0; i < takers; i += 1) taken += bucket.allow() ? 1 : 0;
          expect(taken).toBeLessThanOrEqual(burst + (qps * clock.now()) / 1000 + 1e-6);
        }
      },
    ),
  );
});

test('no limit means that everything is allowed, also with an empty burst', async () => {
  const { bucket } = make(Infinity, 0);

  await bucket.wait({ n: 1000 });

  expect([bucket.allow(1e9), bucket.reserve(5).delayMs, bucket.tokens]).toEqual([
    true,
    0,
    Infinity,
  ]);
});

test('a bucket without burst allows nothing', () => {
  const { bucket, clock } = make(10, 0);
  clock.step(10_000);

  expect([bucket.allow(), bucket.reserve().ok]).toEqual([false, false]);
});

test('reservations queue up behind each other', () => {
  const { bucket } = make(10, 2);

  const delays = Array.from({ length: 5 }, () => bucket.reserve().delayMs);

  expect(delays).toEqual([0, 0, 100, 200, 300]);
});

test('a reservation of more than the burst is not ok and takes nothing', () => {
  const { bucket } = make(10, 2);

  const reservation = bucket.reserve(3);
  reservation.cancel();

  expect([reservation.ok, reservation.delayMs, bucket.tokens]).toEqual([false, Infinity, 2]);
});

test('cancelling the latest reservation gives its tokens back', () => {
  const { bucket } = make(10, 2);
  bucket.reserve(2);
  const reservation = bucket.reserve(2);

  reservation.cancel();

  expect([bucket.tokens, bucket.reserve().delayMs]).toEqual([0, 100]);
});

test('tokens on which a later reservation counts are not given back', () => {
  const { bucket } = make(10, 2);
  bucket.reserve(2);
  const first = bucket.reserve(2);
  bucket.reserve(1);

  first.cancel();

  expect(bucket.tokens).toBe(-2);
});

test('cancelling after the time to act has passed gives nothing back', () => {
  const { bucket, clock } = make(10, 2);
  const reservation = bucket.reserve(2);

  clock.step(1);
  reservation.cancel();

  expect(bucket.tokens).toBeCloseTo(0.01, 9);
});

test('cancelling twice gives the tokens back once', () => {
  const { bucket } = make(10, 4);
  bucket.reserve(4);
  const reservation = bucket.reserve(1);

  reservation.cancel();
  reservation.cancel();

  expect(bucket.tokens).toBe(0);
});

test('cancelling backwards from the latest gives everything back', () => {
  const { bucket } = make(10, 2);
  bucket.reserve(2);
  const reservations = [bucket.reserve(), bucket.reserve(), bucket.reserve()];

  for (const reservation of reservations.toReversed()) reservation.cancel();

  expect(bucket.tokens).toBe(0);
});

test('the first token is had without waiting', async () => {
  const { bucket, clock } = make(1, 1);

  await bucket.wait();

  expect([clock.now(), clock.pending]).toEqual([0, 0]);
});

test('waiting callers are paced to the rate in the order in which they asked', async () => {
  const { bucket, clock } = make(10, 1);
  const outcomes = Array.from({ length: 4 }, () => follow(bucket.wait(), clock));

  await clock.stepAsync(1000);

  expect(outcomes.map((outcome) => outcome.settledAt)).toEqual([0, 100, 200, 300]);
});

test('a wait which cannot end in time fails at once and takes nothing', async () => {
  const { bucket, clock } = make(1, 1);
  await bucket.wait();

  const outcome = follow(bucket.wait({ maxWaitMs: 999 }), clock);
  await clock.settle();

  expect(MaxWaitExceededError.is(outcome.error)).toBe(true);
  expect(outcome.error).toMatchObject({ delayMs: 1000 });
  expect([bucket.tokens, clock.pending]).toEqual([0, 0]);
});

test('a wait which can just end in time is granted', async () => {
  const { bucket, clock } = make(1, 1);
  await bucket.wait();

  const outcome = follow(bucket.wait({ maxWaitMs: 1000 }), clock);
  await clock.stepAsync(1000);

  expect(outcome.settledAt).toBe(1000);
});

test('a wait for more than the burst is refused', async () => {
  const { bucket } = make(1, 3);

  await expect(bucket.wait({ n: 4 })).rejects.toThrow(
    new RangeError('Cannot wait for 4 tokens: the bucket holds at most 3'),
  );
});

test('a wait with an aborted signal takes nothing', async () => {
  const { bucket } = make(1, 3);
  const reason = new Error('going home');

  await expect(bucket.wait({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);

  expect(bucket.tokens).toBe(3);
});

test('an aborted wait rejects with the reason, gives its tokens back and leaves no timer', async () => {
  const { bucket, clock } = make(1, 1);
  const controller = new AbortController();
  const reason = new Error('going home');
  await bucket.wait();
  const waiting = bucket.wait({ signal: controller.signal });
  waiting.catch(() => {});

  controller.abort(reason);

  await expect(waiting).rejects.toBe(reason);
  expect([bucket.tokens, clock.pending]).toEqual([0, 0]);
});

test('waiting for no tokens takes none, and does not wait for one to come', async () => {
  const { bucket } = make(1, 1);
  bucket.allow();

  await bucket.wait({ n: 0 });

  expect(bucket.tokens).toBe(0);
});

test.each([Number.NaN, -1, 0.5])('a number of %d tokens is refused', async (n) => {
  const { bucket } = make(1, 1);

  expect(() => bucket.allow(n)).toThrow(RangeError);
  expect(() => bucket.reserve(n)).toThrow(RangeError);
  await expect(bucket.wait({ n })).rejects.toThrow(RangeError);
});

test.each([
  { qps: 0, burst: 1 },
  { qps: -1, burst: 1 },
  { qps: Number.NaN, burst: 1 },
  { qps: 1, burst: -1 },
  { qps: 1, burst: Number.NaN },
])('a bucket of $qps per second with a burst of $burst is refused', (options) => {
  expect(() => new TokenBucket(options)).toThrow(RangeError);
});

test('the bucket starts full whatever the clock reads', () => {
  const clock = new FakeClock(1e12);
  const bucket = new TokenBucket({ qps: 1, burst: 5, clock });

  expect(bucket.tokens).toBe(5);
});

test('delays are those of Go to the nanosecond, however uneven the times', () => {
  const { bucket, clock } = make(0.3, 2);
  clock.step(168_481.239_751);
  const first = bucket.reserve().delayMs;
  clock.step(2169.007_141);

  const delays = [bucket.reserve(), bucket.reserve(), bucket.reserve(), bucket.reserve()];

  // What golang.org/x/time/rate answers.
  expect([first, ...delays.map(({ delayMs }) => delayMs)]).toEqual([
    0, 0, 1164.326_192, 4497.659_525, 7830.992_859,
  ]);
});

test('those who wait are served in the order in which they asked, although timers count in whole milliseconds', async () => {
  const clock = new FakeClock();
  const coarse = {
    now: () => clock.now(),
    setTimeout: (callback: () => void, delayMs: number) =>
      clock.setTimeout(callback, Math.floor(clock.now()) + Math.ceil(delayMs) - clock.now()),
  };
  const bucket = new TokenBucket({ qps: 2500, burst: 25, clock: coarse });
  const served: string[] = [];
  bucket.reserve(25);
  bucket.reserve(25);

  const first = bucket.wait().then(() => served.push('first'));
  clock.step(0.9);
  const second = bucket.wait().then(() => served.push('second'));
  await clock.stepAsync(20);
  await Promise.all([first, second]);

  expect([served, clock.pending]).toEqual([['first', 'second'], 0]);
});

test('who asks when tokens are there again comes after those whose timers are late', async () => {
  const clock = new FakeClock();
  const late = {
    now: () => clock.now(),
    setTimeout: (callback: () => void, delayMs: number) => clock.setTimeout(callback, delayMs + 50),
  };
  const bucket = new TokenBucket({ qps: 1000, burst: 2, clock: late });
  const served: string[] = [];
  bucket.reserve(2);

  const waits = [bucket.wait().then(() => served.push('first'))];
  clock.step(4);
  waits.push(bucket.wait().then(() => served.push('second')));
  waits.push(bucket.wait().then(() => served.push('third')));
  await Promise.all(waits);

  expect([served, clock.pending]).toEqual([['first', 'second', 'third'], 0]);
});

test('an early timer lets nobody through early', async () => {
  const clock = new FakeClock();
  const early = {
    now: () => clock.now(),
    setTimeout: (callback: () => void, delayMs: number) =>
      clock.setTimeout(callback, delayMs - 0.5),
  };
  const bucket = new TokenBucket({ qps: 100, burst: 1, clock: early });
  bucket.reserve();

  const outcome = follow(bucket.wait(), clock);
  await clock.stepAsync(9.9);
  const before = outcome.settledAt;
  await clock.stepAsync(2);

  expect([before, outcome.settledAt, clock.pending]).toEqual([undefined, 10, 0]);
});
