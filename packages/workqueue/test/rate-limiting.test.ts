import { expect, test } from 'vitest';
import { ItemExponentialFailureRateLimiter, type RateLimiter } from '@kubeloop/ratelimiter';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { PriorityQueue, RateLimitingQueue } from '@kubeloop/workqueue';
import { take } from './settling.ts';

const kinds = [
  { name: 'RateLimitingQueue', Queue: RateLimitingQueue },
  { name: 'PriorityQueue', Queue: PriorityQueue },
];

function exponential(): RateLimiter<string> {
  return new ItemExponentialFailureRateLimiter<string>({ baseDelayMs: 1, maxDelayMs: 1000 });
}

test.each(kinds)(
  '$name: a failed item waits as long as the rate limiter says, longer with each failure',
  ({ Queue }) => {
    const clock = new FakeClock();
    const queue = new Queue<string>({ clock, rateLimiter: exponential() });

    queue.addRateLimited('one');
    const first = clock.untilNextMs;
    clock.step(1);
    const afterFirst = queue.length;
    queue.addRateLimited('two');
    queue.addRateLimited('two');

    expect([first, afterFirst, clock.untilNextMs]).toEqual([1, 1, 1]);
    expect([queue.numRequeues('one'), queue.numRequeues('two')]).toEqual([1, 2]);
  },
);

test('an item that fails again and again waits 1, 2, 4, 8, 16 ms', async () => {
  const clock = new FakeClock();
  const queue = new RateLimitingQueue<string>({ clock, rateLimiter: exponential() });
  const delays: (number | undefined)[] = [];

  for (let i = 0; i < 5; i += 1) {
    queue.addRateLimited('one');
    delays.push(clock.untilNextMs);
    clock.step(clock.untilNextMs ?? 0);
    await take(queue);
    queue.done('one');
  }

  expect(delays).toEqual([1, 2, 4, 8, 16]);
});

test.each(kinds)(
  '$name: forget clears the failures only, what waits is still added',
  ({ Queue }) => {
    const clock = new FakeClock();
    const queue = new Queue<string>({ clock, rateLimiter: exponential() });
    queue.addRateLimited('one');

    queue.forget('one');
    clock.step(1);

    expect([queue.numRequeues('one'), queue.length]).toEqual([0, 1]);
  },
);

test.each(kinds)('$name: of a delay and a rate limit the shorter one counts', ({ Queue }) => {
  const clock = new FakeClock();
  const rateLimiter: RateLimiter<string> = {
    when: () => 50,
    forget: () => {},
    numRequeues: () => 0,
  };
  const delayOf = (afterMs: number | undefined) => {
    const queue = new Queue<string>({ clock, rateLimiter });
    queue.add('a', { rateLimited: true, afterMs });
    const [waiting] = queue.describe().waiting;
    return waiting?.readyInMs;
  };

  expect([delayOf(30), delayOf(70), delayOf(0), delayOf(undefined)]).toEqual([30, 50, 50, 50]);
});

test.each(kinds)(
  '$name: a rate limiter that returns no finite number is refused, and nothing is added',
  ({ Queue }) => {
    for (const delayMs of [Number.NaN, Infinity]) {
      const rateLimiter = { when: () => delayMs, forget: () => {}, numRequeues: () => 0 };
      const queue = new Queue<string>({ clock: new FakeClock(), rateLimiter });

      expect(() => queue.addRateLimited('a')).toThrow('as the delay of the rate limiter');
      expect(queue.describe().counts).toEqual({ queued: 0, processing: 0, waiting: 0 });
    }
  },
);

test.each(kinds)('$name: after shutdown the rate limiter is not asked', ({ Queue }) => {
  const rateLimiter = exponential();
  const queue = new Queue<string>({ clock: new FakeClock(), rateLimiter });
  queue.shutDown();

  queue.addRateLimited('a');

  expect(rateLimiter.numRequeues('a')).toBe(0);
});

test.each(kinds)(
  '$name: the default limiter begins at 5 ms and knows objects by their key',
  ({ Queue }) => {
    const clock = new FakeClock();
    const queue = new Queue<{ id: string }>({ clock, keyOf: (item) => item.id });
    queue.addRateLimited({ id: 'a' });
    queue.addRateLimited({ id: 'a' });

    expect([queue.numRequeues({ id: 'a' }), clock.untilNextMs]).toEqual([2, 5]);
  },
);

test('the default limiter of a rate-limiting queue holds all items together to 10 per second', () => {
  const queue = new RateLimitingQueue<string>({ clock: new FakeClock() });

  for (let i = 0; i < 102; i += 1) queue.addRateLimited(`${i}`);

  const waiting = queue.describe({ limit: 200 }).waiting.map(({ readyInMs }) => readyInMs);
  expect(waiting.slice(99)).toEqual([5, 100, 200]);
});

test.each(kinds)('a $name refuses a rate limiter that lacks a method', ({ Queue }) => {
  // What a program in JavaScript can pass.
  const rateLimiter = { when: () => 0, forget() {} } as never;

  expect(() => new Queue({ rateLimiter })).toThrow(
    'Cannot use this rateLimiter: it has no method numRequeues',
  );
});
