import { configMaps, pods, replicaSets, secrets } from '@kubeloop/client';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { expect, test } from 'vitest';
import type { WatchedResource } from '../../src/consistency/consistent-client.ts';
import type { ControllerMetrics } from '../../src/controller-metrics.ts';
import { request, runController } from '../support/controller-rig.ts';
import { configMap, LaggingCluster } from '../support/lagging-cluster.ts';
import { MemoryHost } from '../support/memory-host.ts';
import { webApps } from '../support/web-app.ts';

/** A controller that writes in its first reconcile, behind a cache that lags. */
async function setUp() {
  const cluster = new LaggingCluster();
  await cluster.start();
  const waits: (readonly [number, boolean])[] = [];
  const metrics: ControllerMetrics = {
    reconciled: () => {},
    consistencyWaited: (ms, isTimeout) => void waits.push([ms, isTimeout]),
  };
  const seen: (string | undefined)[] = [];
  const rig = await runController(
    async () => {
      const held = cluster.cache().informer.indexer.getByKey('ns/child');
      seen.push(held?.metadata?.resourceVersion);
      if (!held) await cluster.resource.create(configMap('child'));
    },
    {
      clock: cluster.clock,
      barrier: cluster.client.barrierFor([{ resource: configMaps }]),
      metrics: { forController: () => metrics },
    },
  );
  const end = async (): Promise<void> => {
    await rig.end();
    await cluster.stop();
  };
  const run = async (name: string): Promise<void> => {
    await rig.controller.enqueue(request(name));
    await rig.clock.settle();
  };
  return { ...rig, cluster, seen, waits, run, end };
}

test('a reconcile begins when the cache shows what the one before has written', async () => {
  const { run, seen, cluster, clock, waits, end } = await setUp();
  await run('a');
  await run('a');
  expect(seen).toEqual([undefined]);

  await clock.stepAsync(7);
  await cluster.cache().deliver();
  await clock.settle();
  expect(seen).toEqual([undefined, '11']);
  expect(waits).toEqual([[7, false]]);
  expect(cluster.calls).toEqual(['create']);
  await end();
});

test('a reconcile of another key begins only then, too', async () => {
  const { run, seen, cluster, clock, end } = await setUp();
  await run('a');
  await run('b');
  expect(seen).toHaveLength(1);

  await cluster.cache().deliver();
  await clock.settle();
  expect(seen).toEqual([undefined, '11']);
  await end();
});

test('a key that waits too long is put back with a delay, and runs when the cache has caught up', async () => {
  const { run, seen, cluster, clock, controller, log, waits, end } = await setUp();
  await run('a');
  await run('a');
  await clock.stepAsync(5000);

  expect(seen).toHaveLength(1);
  expect(waits).toEqual([[5000, true]]);
  expect(controller.counters.reconciles).toMatchObject({ requeue: 1, error: 0 });
  expect(log.messages('warn')).toEqual([
    'A reconcile is put off: caches do not show what was written: Cannot begin a reconcile: own writes did not show in the cache within 5000 ms; that of configmaps is at version 10 and lacks version 11',
  ]);

  await cluster.cache().deliver();
  await clock.stepAsync(5);
  expect(seen).toEqual([undefined, '11']);
  await end();
});

test('a stop ends the wait without a reconcile', async () => {
  const { run, seen, clock, controller, log, end } = await setUp();
  await run('a');
  await run('a');
  await end();

  expect([seen.length, controller.state, clock.pending]).toEqual([1, 'stopped', 0]);
  expect([log.messages('warn'), log.messages('error')]).toEqual([[], []]);
});

test('without own writes nothing is waited for', async () => {
  const cluster = new LaggingCluster();
  await cluster.start();
  cluster.write(configMap('a'));
  const barrier = cluster.client.barrierFor([{ resource: configMaps }]);

  expect(barrier?.wait({ signal: new AbortController().signal })).toBeUndefined();
  await cluster.stop();
});

test('a barrier that fails otherwise makes the reconcile fail', async () => {
  const barrier = { wait: async () => Promise.reject(new Error('broken')) };
  const rig = await runController(() => {}, { barrier });
  await rig.controller.enqueue(request('a'));
  await rig.clock.settle();

  expect(rig.controller.counters.reconciles).toMatchObject({ error: 1, success: 0 });
  await rig.end();
});

test('a built controller waits for all kinds that it is told of, each as it selects them', () => {
  const asked: (readonly (readonly [string, unknown])[])[] = [];
  const host = Object.assign(new MemoryHost(new FakeClock()), {
    barrierFor: (watched: readonly WatchedResource[]) => {
      asked.push(watched.map(({ resource, selection }) => [resource.name, selection]));
      return undefined;
    },
  });
  host
    .controller('test')
    .for(webApps, { namespace: 'ns' })
    .owns(pods, { through: [replicaSets] })
    .watches(secrets, () => [])
    .reads(configMaps, { labelSelector: 'app=web' })
    .reconcile(() => {});

  expect(asked).toEqual([
    [
      ['webapps.example.com', { namespace: 'ns' }],
      ['pods', undefined],
      ['replicasets.apps', undefined],
      ['secrets', undefined],
      ['configmaps', { labelSelector: 'app=web' }],
    ],
  ]);
});

test('what is no barrier is refused', async () => {
  // What a program in JavaScript can pass.
  await expect(runController(() => {}, { barrier: {} as never })).rejects.toThrow(
    'Cannot use this barrier: it has no method wait',
  );
});
