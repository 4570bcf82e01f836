import { configMaps, pods } from '@kubeloop/client';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { CauseTracker } from '../src/cause-tracker.ts';
import type { ReconcileCauses } from '../src/causes.ts';
import { ConsistencyTimeoutError } from '../src/consistency/consistency-timeout-error.ts';
import type { ControllerMetrics } from '../src/controller-metrics.ts';
import type { ControllerOptions } from '../src/controller-options.ts';
import { Manager } from '../src/manager.ts';
import type { Reconciler, Result } from '../src/request.ts';
import { request, runController } from './support/controller-rig.ts';
import { configMap, LaggingCluster } from './support/lagging-cluster.ts';
import { MemoryClient } from './support/memory-client.ts';

type Options = Partial<ControllerOptions> & { readonly clock?: FakeClock };

/** A controller that writes down what each run was told, and how late it came. */
async function setUp(reconcile: Reconciler = () => {}, options: Options = {}) {
  const runs: string[] = [];
  const latencies: number[] = [];
  const metrics: ControllerMetrics = {
    reconciled: () => {},
    eventToReconcile: (ms) => void latencies.push(ms),
  };
  const rig = await runController(
    (each, context) => {
      runs.push(`${each.name}: ${show(context.causes)}`);
      return reconcile(each, context);
    },
    { metrics: { forController: () => metrics }, causes: true, ...options },
  );
  const event = (name: string, object: string, afterMs?: number): unknown =>
    rig.source.context?.enqueue(request(name), {
      afterMs,
      cause: { type: 'update', source: 'things', object, resourceVersion: '7' },
    });
  return { ...rig, runs, latencies, event };
}

function show(causes: ReconcileCauses | undefined): string {
  return causes ? causes.list.map((each) => each.object ?? each.type).join(' ') : 'nothing';
}

/** A reconciler that gives these answers, one after the other, and then none. */
function answers(...results: readonly (Result | Error)[]): Reconciler {
  const left = [...results];
  return () => {
    const next = left.shift();
    if (next instanceof Error) throw next;
    return next;
  };
}

describe('the causes of a reconcile', () => {
  test('are all events since the reconcile before has begun', async () => {
    const gate = Promise.withResolvers<void>();
    const { event, runs, latencies, clock, end } = await setUp(() => gate.promise);
    event('a', 'x');
    event('a', 'y');
    await clock.stepAsync(10);
    event('a', 'z');
    event('a', 'w');
    await clock.stepAsync(5);
    gate.resolve();
    await clock.settle();

    expect(runs).toEqual(['a: x y', 'a: z w']);
    expect(latencies).toEqual([0, 5]);
    await end();
  });

  test('of an event with a delay are told when it is over, and it counts from then', async () => {
    const { event, runs, latencies, clock, end } = await setUp();
    event('a', 'x', 100);
    event('b', 'x', 100);
    await clock.stepAsync(40);
    event('b', 'y');
    await clock.stepAsync(100);

    expect(runs).toEqual(['b: x y', 'a: x']);
    expect(latencies).toEqual([0, 0]);
    await end();
  });

  test('of debounced events are all of them, and the first one counts', async () => {
    const { event, runs, latencies, clock, end } = await setUp(() => {}, { debounceMs: 100 });
    event('a', 'x');
    await clock.stepAsync(60);
    event('a', 'y');
    await clock.stepAsync(100);

    expect([runs, latencies]).toEqual([['a: x y'], [160]]);
    await end();
  });

  test('of a retry and of a requeue are the reconcile before, which has no latency', async () => {
    const reconcile = answers(new Error('boom'), { requeue: true }, { requeueAfterMs: 50 });
    const { event, runs, latencies, clock, end } = await setUp(reconcile);
    event('a', 'x');
    await clock.stepAsync(1000);

    expect(runs).toEqual(['a: x', 'a: requeue', 'a: requeue', 'a: requeue']);
    expect(latencies).toEqual([0]);
    await end();
  });

  test('of a retry are also the events that came meanwhile', async () => {
    const { event, runs, latencies, clock, end } = await setUp(answers({ requeueAfterMs: 50 }));
    event('a', 'x');
    await clock.stepAsync(10);
    event('a', 'y');
    await clock.stepAsync(100);

    expect([runs, latencies]).toEqual([
      ['a: x', 'a: requeue y'],
      [0, 0],
    ]);
    await end();
  });

  test('are kept while caches are behind, and the wait counts', async () => {
    const cluster = new LaggingCluster();
    await cluster.start();
    const { clock } = cluster;
    const barrier = cluster.client.barrierFor([{ resource: configMaps }]);
    const write = async (): Promise<void> => {
      if (!cluster.cache().informer.indexer.getByKey('ns/child'))
        await cluster.resource.create(configMap('child'));
    };
    const { event, runs, latencies, end } = await setUp(write, { clock, barrier });
    event('a', 'x');
    await clock.settle();
    event('a', 'y');
    await clock.stepAsync(7);
    event('a', 'z');
    await cluster.cache().deliver();
    await clock.settle();

    expect(runs).toEqual(['a: x', 'a: y', 'a: z']);
    expect(latencies).toEqual([0, 7, 0]);
    await end();
    await cluster.stop();
  });

  test('come back with a key that is put off', async () => {
    const clock = new FakeClock();
    let failures = 1;
    const barrier = {
      wait: () =>
        failures-- > 0 ? Promise.reject(new ConsistencyTimeoutError('begin', 1, [])) : undefined,
    };
    const { event, runs, latencies, end } = await setUp(() => {}, { clock, barrier });
    event('a', 'x');
    await clock.stepAsync(5);

    expect([runs, latencies]).toEqual([['a: x'], [5]]);
    await end();
  });

  test('of a request by hand are a generic event without a source', async () => {
    const seen: (ReconcileCauses | undefined)[] = [];
    const { controller, clock, end } = await setUp(
      (_request, { causes }) => void seen.push(causes),
    );
    await controller.enqueue(request('a'));
    await clock.settle();

    expect(seen).toEqual([{ list: [{ type: 'generic' }], more: 0 }]);
    await end();
  });

  test('of a source that gives none are its name and a generic event', async () => {
    const seen: unknown[] = [];
    const { source, clock, end } = await setUp(
      (_request, { causes }) => void seen.push(...(causes?.list ?? [])),
    );
    await source.context?.enqueue(request('a'), { priority: 3 });
    await clock.settle();

    expect(seen).toEqual([{ type: 'generic', source: 'things' }]);
    await end();
  });

  test('are not told unless they are asked for', async () => {
    const { event, runs, latencies, clock, source, end } = await setUp(() => {}, { causes: false });
    event('a', 'x');
    await clock.settle();

    expect([runs, latencies]).toEqual([['a: nothing'], [0]]);
    expect(source.context?.wantsCauses).toBe(false);
    await end();
  });

  test('show in the description of the controller while it runs', async () => {
    const gate = Promise.withResolvers<void>();
    const { event, controller, clock, end } = await setUp(() => gate.promise);
    event('a', 'x');
    await clock.settle();

    expect(controller.describe().running[0]?.causes?.list).toMatchObject([{ object: 'x' }]);
    gate.resolve();
    await end();
  });
});

test('an event of an informer is told with its source, kind, object and version', async () => {
  const client = new MemoryClient();
  const clock = new FakeClock();
  const manager = new Manager({ client: client.asClient, clock, controllers: { causes: true } });
  const seen: unknown[] = [];
  client.resource(pods).add('a');
  manager
    .controller('pods')
    .for(pods)
    .reconcile((_request, { causes }) => void seen.push(...(causes?.list ?? [])));
  const stop = new AbortController();
  const ended = manager.run({ signal: stop.signal });
  await clock.stepAsync(10);

  expect(seen).toEqual([
    { type: 'create', source: 'for pods', object: 'ns/a', resourceVersion: expect.any(String) },
  ]);
  stop.abort();
  await ended;
});

test('nothing is remembered of keys that do not wait, whatever happens, and nothing after the stop', async () => {
  const step = fc.record({
    name: fc.constantFrom('a', 'b', 'c'),
    afterMs: fc.constantFrom(undefined, 0, 30),
    thenMs: fc.nat(40),
  });
  const outcome = fc.constantFrom({}, { requeue: true }, { requeueAfterMs: 20 }, new Error('no'));
  await fc.assert(
    fc.asyncProperty(fc.array(step), fc.array(outcome), async (steps, outcomes) => {
      const spy = vi.spyOn(CauseTracker.prototype, 'event');
      const { event, clock, end } = await setUp(answers(...outcomes), { debounceMs: 10 });
      for (const { name, afterMs, thenMs } of steps) {
        event(name, 'x', afterMs);
        await clock.stepAsync(thenMs);
      }
      const tracker = spy.mock.contexts[0] as CauseTracker | undefined; // what the method was called on
      spy.mockRestore();

      await clock.stepAsync(10_000_000);
      expect(tracker?.size ?? 0).toBe(0);
      event('a', 'late');
      event('b', 'late', 50);
      await end();
      event('a', 'after the stop');
      expect(tracker?.size ?? 0).toBe(0);
    }),
    { numRuns: 50 },
  );
});
