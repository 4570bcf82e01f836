import { getEventListeners } from 'node:events';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import type { Queue } from '@kubeloop/workqueue';
import { PriorityQueue } from '@kubeloop/workqueue';
import { describe, expect, test } from 'vitest';
import type { ControllerMetrics } from '../src/controller-metrics.ts';
import { Controller } from '../src/controller.ts';
import { ManualSource, request, runController } from './support/controller-rig.ts';

/** A reconciler that ends when the test says so. */
function gate(): {
  running: string[];
  open: () => void;
  reconcile: (request: { name: string }) => Promise<void>;
} {
  const { promise, resolve } = Promise.withResolvers<void>();
  const running: string[] = [];
  return {
    running,
    open: resolve,
    reconcile: async ({ name }) => {
      running.push(name);
      await promise;
    },
  };
}

describe('the start', () => {
  test('workers begin when every source has synced, not before', async () => {
    const seen: string[] = [];
    const [first, second] = [new ManualSource('first'), new ManualSource('second')];
    const { controller, clock, end } = await runController(({ name }) => void seen.push(name), {
      sources: [first, second],
    });
    await first.context?.enqueue(request('early'));
    first.sync();
    await clock.settle();

    expect(seen).toEqual([]);
    expect(controller.state).toBe('waiting');

    second.sync();
    await clock.settle();

    expect(seen).toEqual(['early']);
    expect(controller.state).toBe('running');
    await end();
  });

  test('sources start at the same time, each once', async () => {
    const sources = [new ManualSource('first'), new ManualSource('second')];

    const { end } = await runController(() => {}, { sources });

    expect(sources.map(({ starts }) => starts)).toEqual([1, 1]);
    await end();
  });

  test('sources that are late are named with their reasons, again and again, and the controller waits on', async () => {
    const late = new ManualSource('for webapps.example.com');
    late.lastError = new Error('403 Forbidden');
    const seen: string[] = [];
    const { clock, log, end } = await runController(({ name }) => void seen.push(name), {
      sources: [late, new ManualSource('fine', true)],
      cacheSyncTimeoutMs: 100,
    });

    await clock.stepAsync(250);
    const reports = log.entries.filter(({ level }) => level === 'error');

    expect(reports.map(({ fields }) => [fields['waitedMs'], fields['missing']])).toEqual([
      [100, ['for webapps.example.com: 403 Forbidden']],
      [200, ['for webapps.example.com: 403 Forbidden']],
    ]);
    late.sync();
    await late.context?.enqueue(request('a'));
    await clock.settle();
    expect(seen).toEqual(['a']);
    await end();
    expect(clock.pending).toBe(0);
  });

  test('a late source that cannot describe itself is named all the same', async () => {
    const source = new ManualSource('odd');
    const { clock, log, end } = await runController(() => {}, {
      sources: [source],
      cacheSyncTimeoutMs: 1000,
    });
    source.describe = () => {
      throw new Error('no idea');
    };

    await clock.stepAsync(1000);

    expect(log.entries.at(-1)?.fields).toMatchObject({
      missing: ['odd: it cannot say why: no idea'],
    });
    await end();
  });

  test('a source that fails to start is reported and started again after a delay', async () => {
    const source = new ManualSource('hooks');
    const { clock, controller, log, end } = await runController(() => {}, { sources: [source] });

    source.reject(new Error('port in use'));
    await clock.settle();
    expect(log.messages('error')).toEqual([
      'The controller could not start source "hooks" and will try again: port in use',
    ]);
    source.sync();
    await clock.stepAsync(2000);

    expect(source.starts).toBe(2);
    expect(controller.state).toBe('running');
    await end();
  });

  test('a stop while it waits for a source is no error and leaves nothing', async () => {
    const source = new ManualSource('slow');
    const { controller, clock, log, end } = await runController(() => {}, { sources: [source] });

    await end();

    expect(controller.state).toBe('stopped');
    expect(source.stops).toBe(1);
    expect([log.messages('error'), log.messages('info')]).toEqual([[], []]);
    expect(clock.pending).toBe(0);
  });

  test('a source whose start takes no notice of the stop does not hold it up', async () => {
    const source = new ManualSource('deaf');
    source.start = () => new Promise(() => {});
    const { controller, clock, end } = await runController(() => {}, { sources: [source] });

    await end();

    expect(controller.state).toBe('stopped');
    expect(clock.pending).toBe(0);
  });

  test('a queue that comes only after the stop is shut down', async () => {
    const { promise, resolve } = Promise.withResolvers<Queue<string>>();
    const { clock, end } = await runController(() => {}, { newQueue: () => promise });
    await end();
    const late = new PriorityQueue<string>({ clock });

    resolve(late);
    await clock.settle();

    expect(late.shuttingDown).toBe(true);
  });

  test('a second run is refused', async () => {
    const { controller, stop, end } = await runController(() => {});

    await expect(controller.run({ signal: stop.signal })).rejects.toThrow(
      'Cannot run controller "test" twice: it is running',
    );
    await end();
  });

  test('a request before the start is refused', () => {
    const controller = new Controller({
      name: 'test',
      sources: [new ManualSource('x')],
      reconcile: () => {},
    });

    expect(() => controller.enqueue(request('a'))).toThrow('it has not started');
  });
});

describe('the work', () => {
  test('one worker is the default', async () => {
    const { running, open, reconcile } = gate();
    const { controller, clock, end } = await runController(reconcile);

    for (const name of ['a', 'b']) await controller.enqueue(request(name));
    await clock.settle();

    expect(running).toEqual(['a']);
    expect(controller.activeWorkers).toBe(1);
    open();
    await end();
  });

  test('as many requests run at once as there are workers, never two of the same key', async () => {
    const { running, open, reconcile } = gate();
    const { controller, clock, end } = await runController(reconcile, {
      maxConcurrentReconciles: 3,
    });

    for (const name of ['a', 'b', 'a', 'c', 'd']) await controller.enqueue(request(name));
    await clock.settle();
    await controller.enqueue(request('a'));
    await clock.settle();

    expect(running).toEqual(['a', 'b', 'c']);
    expect(controller.describe()).toMatchObject({
      state: 'running',
      running: [{ request: request('a') }, { request: request('b') }, { request: request('c') }],
    });
    open();
    await clock.settle();
    expect(running).toHaveLength(5);
    await end();
  });

  test('workers of a reconciler that never waits let timers in', async () => {
    const runs: string[] = [];
    let runsAtTimer = 0;
    const { controller, clock, end } = await runController(({ name }) => {
      runs.push(name);
      const untilMs = performance.now() + 1;
      while (performance.now() < untilMs);
    });
    setTimeout(() => (runsAtTimer = runs.length), 1);

    for (let index = 0; index < 100; index += 1) await controller.enqueue(request(`a${index}`));
    while (runs.length < 100) await clock.settle();

    expect(runsAtTimer).toBeLessThan(100);
    await end();
  });

  test('reconciles leave no listener on the signal of the controller', async () => {
    const { controller, clock, stop, end } = await runController(() => ({ requeueAfterMs: 1 }), {
      maxConcurrentReconciles: 3,
      reconcileTimeoutMs: 1000,
    });
    const before = getEventListeners(stop.signal, 'abort').length;

    for (const name of ['a', 'b', 'c', 'd']) await controller.enqueue(request(name));
    await clock.stepAsync(50);

    expect(controller.counters.reconciles.requeue_after).toBeGreaterThan(100);
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(before);
    await end();
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(0);
  });

  test('metrics are told, and what they throw is reported', async () => {
    const told: unknown[] = [];
    const metrics: ControllerMetrics = {
      reconciled: (result, durationMs) => told.push([result, durationMs]),
      maxConcurrentReconciles: (count) => told.push(['max', count]),
      activeWorkers: (count) => told.push(['active', count]),
      reconcileFailed: () => {
        throw new Error('no registry');
      },
    };
    const { controller, clock, log, end } = await runController(
      ({ name }) => {
        if (name === 'bad') throw new Error('boom');
      },
      { metrics: { forController: () => metrics } },
    );

    await controller.enqueue(request('good'));
    await clock.settle();
    await controller.enqueue(request('bad'));
    await clock.settle();

    expect(told).toEqual([
      ['max', 1],
      ['active', 0],
      ['active', 1],
      ['success', 0],
      ['active', 0],
      ['active', 1],
      ['error', 0],
      ['active', 0],
    ]);
    expect(log.messages('error')[0]).toBe('The metrics threw: no registry');
    await end();
  });
});

describe('another queue', () => {
  /** A queue whose every answer comes later. */
  function later(inner: PriorityQueue<string>, pending: Set<string>): Queue<string> {
    const slow = async (name: string, act: () => unknown): Promise<void> => {
      pending.add(name);
      await new Promise((resolve) => setImmediate(resolve));
      pending.delete(name);
      await act();
    };
    return {
      add: (item, options) => slow('add', () => inner.add(item, options)),
      addAfter: (item, delayMs, options) =>
        slow('addAfter', () => inner.addAfter(item, delayMs, options)),
      addRateLimited: (item, options) =>
        slow('addRateLimited', () => inner.addRateLimited(item, options)),
      forget: (item) => slow('forget', () => inner.forget(item)),
      done: (item) => slow('done', () => inner.done(item)),
      shutDown: () => slow('shutDown', () => inner.shutDown()),
      numRequeues: (item) => inner.numRequeues(item),
      get: (options) => inner.get(options),
      get length() {
        return inner.length;
      },
      get shuttingDown() {
        return inner.shuttingDown;
      },
      shutDownWithDrain: (options) => inner.shutDownWithDrain(options),
      [Symbol.asyncIterator]: () => inner[Symbol.asyncIterator](),
    };
  }

  test('one that comes and answers later is waited for', async () => {
    const pending = new Set<string>();
    const times: number[] = [];
    const clock = new FakeClock();
    const { controller, end } = await runController(
      () => {
        times.push(clock.now());
        if (times.length === 1) throw new Error('boom');
        return times.length === 2 ? { requeueAfterMs: 10 } : undefined;
      },
      {
        clock,
        newQueue: async (name, rateLimiter) => {
          await new Promise((resolve) => setImmediate(resolve));
          return later(new PriorityQueue<string>({ name, rateLimiter, clock }), pending);
        },
      },
    );

    await controller.enqueue(request('a'));
    await clock.stepAsync(100);
    await end();

    expect(times).toEqual([0, 5, 15]);
    expect(pending.size).toBe(0);
    expect(controller.queue?.shuttingDown).toBe(true);
  });

  test('one that cannot be made is reported and made again after a delay', async () => {
    let attempts = 0;
    const { controller, clock, log, end } = await runController(() => {}, {
      newQueue: (name, rateLimiter) => {
        attempts += 1;
        if (attempts === 1) throw new Error('broker down');
        return new PriorityQueue<string>({ name, rateLimiter });
      },
    });

    await clock.stepAsync(2000);

    expect(log.messages('error')).toEqual([
      'The controller could not make its queue and will try again: broker down',
    ]);
    expect(controller.state).toBe('running');
    await end();
  });

  test('one that fails to hand out keys is reported and asked again', async () => {
    let isBroken = true;
    const seen: string[] = [];
    const { controller, clock, log, end } = await runController(
      ({ name }) => void seen.push(name),
      {
        newQueue: (name, rateLimiter) => {
          const inner = new PriorityQueue<string>({ name, rateLimiter });
          const queue = later(inner, new Set());
          queue.get = (options) =>
            isBroken ? Promise.reject(new Error('channel closed')) : inner.get(options);
          return queue;
        },
      },
    );
    await clock.settle();
    expect(log.messages('error')).toEqual([
      'The queue failed and will be asked again: channel closed',
    ]);

    isBroken = false;
    await controller.enqueue(request('a'));
    await clock.stepAsync(200);

    expect(seen).toEqual(['a']);
    await end();
  });
});

describe('the stop', () => {
  test('running reconciles end, waiting keys are not handed out, and nothing is left', async () => {
    const { running, open, reconcile } = gate();
    const { controller, clock, source, stop, ended } = await runController(reconcile);
    for (const name of ['a', 'b']) await controller.enqueue(request(name));
    await controller.enqueue(request('c'), { afterMs: 5000 });
    await clock.settle();

    stop.abort();
    await clock.settle();
    expect(controller.state).toBe('stopping');
    open();
    await ended;

    expect(running).toEqual(['a']);
    expect(controller.state).toBe('stopped');
    expect(source.stops).toBe(1);
    expect(clock.pending).toBe(0);
  });

  test('the signal of a reconcile aborts only when the graceful time is over', async () => {
    const aborts: number[] = [];
    const { controller, clock, log, stop, ended } = await runController(
      async (_request, { signal }) => {
        await new Promise<void>((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            aborts.push(clock.now());
            reject(signal.reason as Error);
          });
        });
      },
      { gracefulShutdownTimeoutMs: 200 },
    );
    await controller.enqueue(request('a'));
    await clock.settle();

    stop.abort();
    await clock.stepAsync(500);
    await ended;

    expect(aborts).toEqual([200]);
    expect(log.messages('warn')).toEqual([
      'Reconciles outlast the graceful shutdown and are aborted',
    ]);
    expect(log.messages('error')).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  test('a reconcile that ignores its signal makes run reject and is named', async () => {
    const { open, reconcile } = gate();
    const { controller, clock, stop, ended } = await runController(reconcile, {
      gracefulShutdownTimeoutMs: 200,
    });
    await controller.enqueue(request('a'));
    await clock.settle();

    stop.abort();
    const failure = ended.catch((error: unknown) => error);
    await clock.stepAsync(2000);

    expect(await failure).toMatchObject({
      message:
        'Cannot stop controller "test": reconciles go on although their signals have aborted: ns/a',
    });
    expect(controller.state).toBe('stopped');
    open();
  });

  test('a source that throws at its stop does not keep the others from stopping', async () => {
    const [bad, good] = [new ManualSource('bad', true), new ManualSource('good', true)];
    bad.stop = () => Promise.reject(new Error('stuck'));
    const { controller, log, end } = await runController(() => {}, { sources: [bad, good] });

    await end();

    expect(good.stops).toBe(1);
    expect(controller.queue?.shuttingDown).toBe(true);
    expect(log.messages('error')).toEqual(['A source did not stop well: stuck']);
  });
});

describe('what cannot work is refused', () => {
  const options = { name: 'test', sources: [new ManualSource('x')], reconcile: () => {} };

  test.each([
    [{ maxConcurrentReconciles: 0 }, RangeError],
    [{ maxConcurrentReconciles: 1.5 }, RangeError],
    [{ reconcileTimeoutMs: -1 }, RangeError],
    [{ cacheSyncTimeoutMs: Number.NaN }, RangeError],
    [{ gracefulShutdownTimeoutMs: Infinity }, RangeError],
    [{ name: '' }, TypeError],
    [{ sources: [] }, TypeError],
    [{ reconcile: 'no function' as never }, TypeError],
    [{ newQueue: 'no function' as never }, TypeError],
  ])('%j', (bad, error) => {
    expect(() => new Controller({ ...options, ...bad })).toThrow(error);
  });
});
