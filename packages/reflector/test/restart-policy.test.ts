import { Backoff } from '@kubeloop/ratelimiter';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { describe, expect, test } from 'vitest';
import { defaultBackoff, InternalErrorBudget } from '../src/restart-policy.ts';
import { harness } from './harness.ts';
import { ApiError, errorEvent, networkError, page } from './scripted.ts';

describe('the backoff', () => {
  test('a refused connection is tried again after 800 ms, doubled up to 30 s', async () => {
    const { server, clock, start } = harness();
    server.onWatch = (watch) => watch.fail(networkError('ECONNREFUSED'));
    await start();

    const delays: number[] = [];
    for (let opened = 1; delays.length < 8; opened = server.watches.length) {
      const startMs = clock.now();
      while (server.watches.length === opened) await clock.stepAsync(100);
      delays.push(clock.now() - startMs);
    }

    expect(delays).toEqual([800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]);
  });

  test('every delay grows at random by up to as much again', () => {
    const clock = new FakeClock();

    const longest = defaultBackoff(clock, () => 1 - Number.EPSILON);
    const shortest = defaultBackoff(clock, () => 0);

    expect(longest.next()).toBeCloseTo(1600);
    expect(shortest.next()).toBe(800);
  });

  test('the delays start over every two minutes, also when something fails all the time', () => {
    const clock = new FakeClock();
    const backoff = defaultBackoff(clock, () => 0);

    const delays: number[] = [];
    for (let count = 0; count < 13; count += 1) {
      delays.push(backoff.next());
      clock.step(delays.at(-1) ?? 0);
    }

    const series = [800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000, 30_000];
    expect(delays).toEqual([...series, ...series.slice(0, 4)]);
  });

  test('two quiet minutes make the delays start over', async () => {
    const { server, clock, errors, start } = harness();
    server.onWatch = (watch, index) => {
      if (index < 3) watch.fail(networkError('ECONNREFUSED'));
    };
    await start();
    await clock.stepAsync(800 + 1600 + 3200);

    await clock.stepAsync(120_001);
    server.lastWatch.send(errorEvent(new ApiError(429, 'TooManyRequests')));
    await clock.settle();

    expect(errors.entries.map(({ context }) => context.retryInMs)).toEqual([800, 1600, 3200, 800]);
  });

  test('a refused connection never leads to a list', async () => {
    const { server, clock, start } = harness();
    server.onWatch = (watch) => watch.fail(networkError('ECONNREFUSED'));

    await start();
    await clock.stepAsync(600_000);

    expect(server.lists).toHaveLength(1);
    expect(new Set(server.watchVersions)).toEqual(new Set(['10']));
  });

  test('one of its own with a cap of 100 ms takes 250 ms for the five waits of six tries', async () => {
    const clock = new FakeClock();
    const backoff = new Backoff({ initialMs: 10, maxMs: 100, clock });
    const { server, start } = harness({ clock, backoff });
    server.onWatch = (watch, index) => {
      if (index < 5) watch.fail(networkError('ECONNREFUSED'));
    };

    await start();
    await clock.stepAsync(249);
    const early = server.watches.length;
    await clock.stepAsync(1);

    expect(early).toBe(5);
    expect(server.watches).toHaveLength(6);
  });

  test('429 costs one backoff and keeps the version, at opening and as an event alike', async () => {
    const { server, clock, errors, start } = harness();
    const busy = new ApiError(429, 'TooManyRequests');
    server.onWatch = (watch, index) => {
      if (index < 2) watch.fail(busy);
      else if (index < 4) watch.send(errorEvent(busy));
    };

    await start();
    await clock.stepAsync(800 + 1600 + 3200 + 6400);

    expect(server.lists).toHaveLength(1);
    expect(server.watchVersions).toEqual(['10', '10', '10', '10', '10']);
    expect(errors.entries.map(({ context }) => context.retryInMs)).toEqual([800, 1600, 3200, 6400]);
  });

  test('Retry-After is waited for when it is longer than the backoff', async () => {
    const { server, clock, errors, start } = harness();
    const details = { retryAfterSeconds: 5 };
    const busy = new ApiError(429, 'TooManyRequests', { details });
    server.onWatch = (watch, index) => {
      if (index === 0) watch.send(errorEvent(busy));
    };

    await start();
    await clock.stepAsync(4999);
    const early = server.watches.length;
    await clock.stepAsync(1);

    expect(early).toBe(1);
    expect(server.watches).toHaveLength(2);
    expect(errors.lines).toEqual(['watch: retry in 5000 ms from resourceVersion 10']);
  });

  test('Retry-After of a failed list is waited for too', async () => {
    const { server, clock, start } = harness();
    server.onList = (_, index) => {
      if (index > 0) return page('10');
      throw Object.assign(new ApiError(503, 'ServiceUnavailable'), { retryAfterMs: 7000 });
    };

    await start();
    await clock.stepAsync(6999);
    const early = server.lists.length;
    await clock.stepAsync(1);

    expect(early).toBe(1);
    expect(server.lists).toHaveLength(2);
  });
});

describe('internal errors on a watch', () => {
  /** Fails every watch after one second; answers how often a watch was tried again before the list. */
  async function retries(budgetMs: number, pauseAt?: number): Promise<number> {
    const { server, clock, start } = harness({ maxInternalErrorRetryMs: budgetMs });
    await start();
    for (let watches = 0; watches < server.watches.length;) {
      watches = server.watches.length;
      await clock.stepAsync(watches === pauseAt ? 61_000 : 1000);
      server.lastWatch.send(errorEvent(new ApiError(500, 'InternalError')));
      await clock.settle();
    }
    return server.watches.length - 1;
  }

  test('with a budget of zero lead to a list at once', async () => {
    expect(await retries(0)).toBe(0);
  });

  test('with a budget of 30 s are tried again 31 times when each takes a second', async () => {
    expect(await retries(30_000)).toBe(31);
  });

  test('after a minute of health get the whole budget again', async () => {
    expect(await retries(30_000, 10)).toBe(40);
  });

  test('only count when they are internal errors', () => {
    const budget = new InternalErrorBudget(30_000, new FakeClock());

    budget.observe(new ApiError(410, 'Expired'));

    expect(budget.allows(new ApiError(410, 'Expired'))).toBe(false);
    expect(budget.allows(new ApiError(500, 'StoreReadError'))).toBe(false);
  });

  test('are not tried again when the budget is used up, and then have it anew', () => {
    const clock = new FakeClock();
    const budget = new InternalErrorBudget(10_000, clock);
    const error = new ApiError(500, 'InternalError');

    budget.observe(error);
    clock.step(10_001);
    budget.observe(error);
    const late = budget.allows(error);
    budget.observe(error);

    expect(late).toBe(false);
    expect(budget.allows(error)).toBe(true);
  });
});
