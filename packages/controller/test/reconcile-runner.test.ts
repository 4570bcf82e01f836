import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { RateLimitingQueue } from '@kubeloop/workqueue';
import { describe, expect, test } from 'vitest';
import { reconcileIDOf } from '../src/reconcile-id.ts';
import type { Result } from '../src/request.ts';
import { TerminalError } from '../src/terminal-error.ts';
import { request, runController } from './support/controller-rig.ts';

/** What each run does; the times at which they began. */
function script(...steps: readonly (() => Result | void)[]): {
  times: number[];
  reconcile: (now: () => number) => Result | void;
} {
  const times: number[] = [];
  return {
    times,
    reconcile: (now) => {
      times.push(now());
      return steps[times.length - 1]?.();
    },
  };
}

const fail = (): never => {
  throw new Error('boom');
};

async function runScript(
  steps: readonly (() => Result | void)[],
  options: Parameters<typeof runController>[1] = {},
): Promise<Awaited<ReturnType<typeof runController>> & { times: number[] }> {
  const { times, reconcile } = script(...steps);
  const now: { of: () => number } = { of: () => 0 };
  const rig = await runController(() => reconcile(now.of), options);
  now.of = () => rig.clock.now();
  await rig.controller.enqueue(request('a'));
  await rig.clock.settle();
  return { ...rig, times };
}

describe('what a result leads to', () => {
  test('nothing: the request is forgotten and left alone', async () => {
    const { times, clock, controller, end } = await runScript([() => {}]);

    await clock.stepAsync(10_000_000);

    expect(times).toEqual([0]);
    expect(controller.counters.reconciles).toEqual({
      success: 1,
      error: 0,
      requeue: 0,
      requeue_after: 0,
    });
    await end();
  });

  test.each([
    ['throws', fail],
    ['rejects with', () => Promise.reject(new Error('boom'))],
  ])('what a reconciler %s is an error that is counted once', async (_how, reconcile) => {
    const { controller, clock, log, end } = await runController(reconcile);
    await controller.enqueue(request('a'));
    await clock.settle();

    expect(controller.counters.reconciles).toMatchObject({ error: 1, success: 0 });
    expect(log.messages('error')).toEqual(['A reconcile failed and will be tried again: boom']);
    await end();
  });

  test('an error: another run after a delay that doubles with each failure', async () => {
    const { times, clock, controller, end } = await runScript([fail, fail, fail]);

    await clock.stepAsync(1000);

    expect(times).toEqual([0, 5, 15, 35]);
    expect(controller.counters.reconciles).toMatchObject({ error: 3, success: 1 });
    await end();
  });

  test('success after errors: the delay starts over', async () => {
    const { times, clock, controller, end } = await runScript([fail, fail, () => {}, fail]);
    await clock.stepAsync(1000);

    await controller.enqueue(request('a'));
    await clock.stepAsync(1000);

    expect(times).toEqual([0, 5, 15, 1000, 1005]);
    await end();
  });

  test('requeueAfterMs: failures are forgotten and the delay is exactly that', async () => {
    const { times, clock, controller, end } = await runScript([
      fail,
      () => ({ requeueAfterMs: 700 }),
      fail,
    ]);

    await clock.stepAsync(2000);

    expect(times).toEqual([0, 5, 705, 710]);
    expect(controller.counters.reconciles).toMatchObject({ requeue_after: 1 });
    await end();
  });

  test('requeueAfterMs and requeue together: requeueAfterMs counts', async () => {
    const { times, clock, end } = await runScript([() => ({ requeue: true, requeueAfterMs: 700 })]);

    await clock.stepAsync(2000);

    expect(times).toEqual([0, 700]);
    await end();
  });

  test('requeue: the delay of the rate limiter grows, since nothing is forgotten', async () => {
    const again = (): Result => ({ requeue: true });
    const { times, clock, controller, end } = await runScript([again, again, fail]);

    await clock.stepAsync(1000);

    expect(times).toEqual([0, 5, 15, 35]);
    expect(controller.counters.reconciles).toMatchObject({ requeue: 2, error: 1 });
    await end();
  });

  test('requeueAfterMs of zero: no requeue', async () => {
    const { times, clock, end } = await runScript([() => ({ requeueAfterMs: 0 })]);

    await clock.stepAsync(1000);

    expect(times).toEqual([0]);
    await end();
  });

  test('a terminal error: no other run, failures not forgotten, a counter of its own', async () => {
    const { times, clock, controller, log, end } = await runScript([
      fail,
      () => {
        throw new TerminalError('never');
      },
    ]);

    await clock.stepAsync(10_000);

    expect(times).toEqual([0, 5]);
    expect(controller.queue?.numRequeues('ns/a')).toBe(1);
    expect(controller.counters).toMatchObject({ terminalErrors: 1, reconciles: { error: 2 } });
    expect(log.messages('error').at(-1)).toContain('failed for good');
    await end();
  });

  test.each([
    { requeueAfterMs: Number.NaN },
    { requeueAfterMs: -1 },
    { requeueAfterMs: Infinity },
    { priority: 0.5 },
  ])('the result %j: an error', async (result) => {
    const { times, clock, log, end } = await runScript([() => result]);

    await clock.stepAsync(100);

    expect(times).toEqual([0, 5]);
    expect(log.messages('error')[0]).toContain('Cannot requeue');
    await end();
  });
});

test('an error is reported with the controller, the request, the id and the number of failures', async () => {
  const ids: string[] = [];
  const { controller, clock, log, end } = await runController((_request, { reconcileID }) => {
    ids.push(reconcileID);
    throw new Error('boom');
  });

  await controller.enqueue(request('a'));
  await clock.stepAsync(5);

  const reports = log.entries.filter(({ level }) => level === 'error');
  expect(reports.map(({ fields }) => fields)).toMatchObject([
    { controller: 'test', request: 'ns/a', reconcileID: ids[0], failures: 1 },
    { controller: 'test', request: 'ns/a', reconcileID: ids[1], failures: 2 },
  ]);
  expect(ids[0]).not.toBe(ids[1]);
  await end();
});

test('the id of a reconcile can be had from its signal, and of no other', async () => {
  const ids: unknown[] = [];
  const { controller, clock, end } = await runController((_request, { reconcileID, signal }) => {
    ids.push([reconcileID, reconcileIDOf(signal), reconcileIDOf(AbortSignal.any([signal]))]);
  });

  await controller.enqueue(request('a'));
  await clock.settle();

  const [id] = ids.flat();
  expect(ids).toEqual([[id, id, undefined]]);
  expect(reconcileIDOf(new AbortController().signal)).toBeUndefined();
  await end();
});

describe('priority', () => {
  async function prioritiesOf(...results: readonly (() => Result | void)[]): Promise<unknown[]> {
    const seen: unknown[] = [];
    const rig = await runController((_request, { priority }) => {
      seen.push(priority);
      return results[seen.length - 1]?.();
    });
    await rig.controller.enqueue(request('a'), { priority: -100 });
    await rig.clock.stepAsync(10_000);
    await rig.end();
    return seen;
  }

  test('it is kept over errors, requeues and delays', async () => {
    const seen = await prioritiesOf(
      fail,
      () => ({ requeue: true }),
      () => ({ requeueAfterMs: 10 }),
    );

    expect(seen).toEqual([-100, -100, -100, -100]);
  });

  test('the result can set another one', async () => {
    const seen = await prioritiesOf(
      () => ({ requeue: true, priority: 5 }),
      () => ({ requeueAfterMs: 1, priority: 7 }),
    );

    expect(seen).toEqual([-100, 5, 7]);
  });

  test('a queue without priorities works as well', async () => {
    const clock = new FakeClock();
    const times: number[] = [];
    const rig = await runController(
      () => {
        times.push(clock.now());
        if (times.length === 1) throw new Error('boom');
        return times.length === 2 ? { requeueAfterMs: 10, priority: 3 } : undefined;
      },
      {
        clock,
        newQueue: (name, rateLimiter) =>
          new RateLimitingQueue<string>({ name, rateLimiter, clock }),
      },
    );

    await rig.controller.enqueue(request('a'), { priority: 7 });
    await clock.stepAsync(100);

    expect(times).toEqual([0, 5, 15]);
    await rig.end();
    expect(clock.pending).toBe(0);
  });
});

describe('the reconcile timeout', () => {
  test('it aborts the signal and is counted, and the failure is retried', async () => {
    const reasons: string[] = [];
    const { controller, clock, end } = await runController(
      async (_request, { signal }) => {
        await new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        }).catch((error: Error) => {
          reasons.push(error.name);
          throw error;
        });
      },
      { reconcileTimeoutMs: 50 },
    );

    await controller.enqueue(request('a'));
    await clock.stepAsync(54);

    expect(reasons).toEqual(['TimeoutError']);
    expect(controller.counters).toMatchObject({ timeouts: 1, reconciles: { error: 1 } });
    await clock.stepAsync(1000);
    expect(reasons.length).toBeGreaterThan(1);
    const ended = end();
    await clock.stepAsync(60);
    await ended;
  });

  test('a reconcile that ends in time leaves no timer and counts no timeout', async () => {
    const { controller, clock, end } = await runController(() => {}, { reconcileTimeoutMs: 50 });

    await controller.enqueue(request('a'));
    await clock.settle();

    expect(clock.pending).toBe(0);
    expect(controller.counters.timeouts).toBe(0);
    await end();
  });

  test.each([0, 50])(
    'an abort that the reconciler throws by itself is an error and no timeout (reconcileTimeoutMs: %d)',
    async (reconcileTimeoutMs) => {
      const { controller, clock, end } = await runController(
        (_request, { priority }) => {
          if (priority === 1) throw new DOMException('cancelled', 'AbortError');
        },
        { reconcileTimeoutMs },
      );

      await controller.enqueue(request('a'), { priority: 1 });
      await clock.settle();

      expect(controller.counters).toMatchObject({ timeouts: 0, reconciles: { error: 1 } });
      await end();
      expect(clock.pending).toBe(0);
    },
  );

  test('without a deadline no timer is armed', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { controller, clock, end } = await runController(() => promise);

    await controller.enqueue(request('a'));
    await clock.stepAsync(1_000_000);

    expect(controller.activeWorkers).toBe(1);
    expect([clock.pending, controller.counters.timeouts]).toEqual([0, 0]);
    resolve();
    await end();
  });

  test('a deadline that passes after the abort at shutdown is not counted', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { controller, clock, stop, ended } = await runController(() => promise, {
      reconcileTimeoutMs: 500,
      gracefulShutdownTimeoutMs: 100,
    });
    await controller.enqueue(request('a'));
    await clock.settle();

    stop.abort();
    await clock.stepAsync(600);
    resolve();
    await ended;

    expect(controller.counters.timeouts).toBe(0);
    expect(clock.pending).toBe(0);
  });
});

test('a key that is no key of an object is reported and forgotten', async () => {
  const { controller, clock, log, end } = await runController(() => {});

  await controller.queue?.add('a/b/c');
  await clock.settle();

  expect(log.messages('error')[0]).toContain('is no key of an object');
  expect(controller.describe().queued).toBe(0);
  await end();
});
