import {
  Backoff,
  BucketRateLimiter,
  ItemBackoff,
  ItemExponentialFailureRateLimiter,
  ItemFastSlowRateLimiter,
  MaxOfRateLimiter,
  TokenBucket,
  WithMaxWaitRateLimiter,
} from '@kubeloop/ratelimiter';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { DelayingQueue, PriorityQueue, RateLimitingQueue, WorkQueue } from '@kubeloop/workqueue';
import { describe, expect, test } from 'vitest';
import { Cluster } from './running.ts';
import { configMaps } from '@kubeloop/client';
import { errorOf, expectNoStrays, until } from './strays.ts';

expectNoStrays();

const notFinite = [Number.NaN, Infinity, -Infinity];
const notDurations = [...notFinite, -1];

describe.each([
  ['DelayingQueue', () => new DelayingQueue<string>({ clock: new FakeClock() })],
  ['RateLimitingQueue', () => new RateLimitingQueue<string>({ clock: new FakeClock() })],
  ['PriorityQueue', () => new PriorityQueue<string>({ clock: new FakeClock() })],
] as const)('%s', (_name, make) => {
  test.each(notFinite)('refuses a delay of %d and stays as it was', (delayMs) => {
    const queue = make();

    expect(() => queue.addAfter('a', delayMs)).toThrow(RangeError);
    expect(() => queue.addAfter('a', delayMs)).toThrow(String(delayMs));
    expect(() => queue.add('a', { afterMs: delayMs })).toThrow('afterMs');
    queue.add('b');

    expect(queue.describe().counts).toEqual({ queued: 1, processing: 0, waiting: 0 });
  });

  test('takes a negative delay for none', () => {
    const queue = make();

    queue.addAfter('a', -5);

    expect(queue.length).toBe(1);
  });

  test('refuses a delay that is no number', () => {
    const queue = make();
    // What a program in JavaScript can pass.
    const delayMs = '5' as unknown as number;

    expect(() => queue.addAfter('a', delayMs)).toThrow(TypeError);
  });
});

test.each(notFinite)('a rate limiter that answers %d is named and the queue goes on', (delayMs) => {
  const rateLimiter = { when: () => delayMs, forget: () => {}, numRequeues: () => 0 };
  for (const queue of [
    new RateLimitingQueue<string>({ rateLimiter }),
    new PriorityQueue<string>({ rateLimiter }),
  ]) {
    expect(() => queue.addRateLimited('a')).toThrow(`${delayMs} as the delay of the rate limiter`);
    queue.add('b');
    expect(queue.length).toBe(1);
  }
});

test.each([Number.NaN, 0.5, Infinity])('a priority of %d is refused by name', (priority) => {
  const queue = new PriorityQueue<string>();

  expect(() => queue.add('a', { priority })).toThrow(`${priority} as priority`);
});

describe.each(notDurations)('a duration of %d is refused by name by', (bad) => {
  const cases: readonly (readonly [string, string, () => unknown])[] = [
    [
      'the exponential limiter',
      'baseDelayMs',
      () => new ItemExponentialFailureRateLimiter({ baseDelayMs: bad, maxDelayMs: 1 }),
    ],
    [
      'the exponential limiter too',
      'maxDelayMs',
      () => new ItemExponentialFailureRateLimiter({ baseDelayMs: 1, maxDelayMs: bad }),
    ],
    [
      'the fast-slow limiter',
      'fastDelayMs',
      () => new ItemFastSlowRateLimiter({ fastDelayMs: bad, slowDelayMs: 1, maxFastAttempts: 1 }),
    ],
    [
      'the fast-slow limiter too',
      'slowDelayMs',
      () => new ItemFastSlowRateLimiter({ fastDelayMs: 1, slowDelayMs: bad, maxFastAttempts: 1 }),
    ],
    [
      'the count of the fast-slow limiter',
      'maxFastAttempts',
      () => new ItemFastSlowRateLimiter({ fastDelayMs: 1, slowDelayMs: 1, maxFastAttempts: bad }),
    ],
    [
      'the limiter with a longest wait',
      'maxDelayMs',
      () => new WithMaxWaitRateLimiter(new MaxOfRateLimiter(), { maxDelayMs: bad }),
    ],
    ['the backoff', 'initialMs', () => new Backoff({ initialMs: bad, maxMs: 1 })],
    ['the backoff too', 'maxMs', () => new Backoff({ initialMs: 1, maxMs: bad })],
    [
      'the factor of the backoff',
      'factor',
      () => new Backoff({ initialMs: 1, maxMs: 1, factor: bad }),
    ],
    [
      'the jitter of the backoff',
      'jitter',
      () => new Backoff({ initialMs: 1, maxMs: 1, jitter: bad }),
    ],
    [
      'the reset of the backoff',
      'resetAfterMs',
      () => new Backoff({ initialMs: 1, maxMs: 1, resetAfterMs: bad }),
    ],
    ['the backoff of items', 'initialMs', () => new ItemBackoff({ initialMs: bad, maxMs: 1 })],
    ['the backoff of items too', 'maxMs', () => new ItemBackoff({ initialMs: 1, maxMs: bad })],
    ['the ageing of a priority queue', 'ageingMs', () => new PriorityQueue({ ageingMs: bad })],
    ['the metrics of a queue', 'metricsPeriodMs', () => new WorkQueue({ metricsPeriodMs: bad })],
  ];
  test.each(cases)('%s', (_title, option, make) => {
    expect(make).toThrow(RangeError);
    expect(make).toThrow(`Cannot use ${bad} as ${option}`);
  });
});

describe('a token bucket', () => {
  test.each([Number.NaN, 0, -1, -Infinity])('refuses a rate of %d by name', (qps) => {
    expect(() => new TokenBucket({ qps, burst: 1 })).toThrow(`Cannot use ${qps} as qps`);
    expect(() => new BucketRateLimiter({ qps, burst: 1 })).toThrow(`Cannot use ${qps} as qps`);
  });

  test.each([...notDurations, 0.5])('refuses a burst of %d by name', (burst) => {
    expect(() => new TokenBucket({ qps: 1, burst })).toThrow(`Cannot use ${burst} as burst`);
  });

  test.each([...notDurations, 0.5])('refuses to hand out %d tokens', async (n) => {
    const bucket = new TokenBucket({ qps: 1, burst: 1 });

    expect(() => bucket.allow(n)).toThrow(`Cannot use ${n} as n`);
    expect(() => bucket.reserve(n)).toThrow(`Cannot use ${n} as n`);
    expect((await errorOf(() => bucket.wait({ n }))).message).toContain(`Cannot use ${n} as n`);
    expect(bucket.allow()).toBe(true);
  });

  test('refuses to wait for more tokens than it can ever hold', async () => {
    const bucket = new TokenBucket({ qps: 1, burst: 1 });

    const error = await errorOf(() => bucket.wait({ n: 2 }));

    expect(error.message).toBe('Cannot wait for 2 tokens: the bucket holds at most 1');
  });

  test.each(notDurations)('refuses a longest wait of %d by name', async (maxWaitMs) => {
    const bucket = new TokenBucket({ qps: 1, burst: 1 });

    const error = await errorOf(() => bucket.wait({ maxWaitMs }));

    expect(error.message).toContain(`Cannot use ${maxWaitMs} as maxWaitMs`);
  });
});

test.each(notDurations)(
  'a reconcile that asks to be called again after %d ms fails by name, and others go on',
  async (requeueAfterMs) => {
    await using cluster = await Cluster.start();
    const worked: string[] = [];
    cluster.run((manager) => {
      manager
        .controller('timer')
        .for(configMaps)
        .reconcile(({ name }) => {
          worked.push(name);
          return name === 'bad' ? { requeueAfterMs } : {};
        });
    });

    await cluster.createConfigMap('bad');
    await cluster.createConfigMap('good');
    await until('the other object is reconciled', () => worked.includes('good'));
    await until(
      'the bad one is tried again',
      () => worked.filter((name) => name === 'bad').length > 1,
    );

    const [entry] = cluster.entries('error');
    expect(String(entry?.fields['error'])).toContain(`Cannot requeue after ${requeueAfterMs} ms`);
    expect(entry?.fields).toMatchObject({ controller: 'timer' });
  },
);

test.each(notDurations)('a controller refuses timeouts of %d ms by name', async (bad) => {
  await using cluster = await Cluster.start();
  cluster.run((manager) => {
    const builder = manager.controller('timer').for(configMaps);
    expect(() => builder.withOptions({ reconcileTimeoutMs: bad })).toThrow(
      `${bad} as reconcileTimeoutMs`,
    );
    expect(() => builder.withOptions({ cacheSyncTimeoutMs: bad })).toThrow(
      `${bad} as cacheSyncTimeoutMs`,
    );
    expect(() => builder.withOptions({ maxConcurrentReconciles: bad })).toThrow(
      `${bad} as maxConcurrentReconciles`,
    );
  });
});
