import type { KubeClient, WatchEvent } from '@kubeloop/client';
import { configMaps } from '@kubeloop/client';
import { expect, test, vi } from 'vitest';
import type { Manager } from '../src/manager.ts';
import type { RunningManager } from './support/cluster.ts';
import { Cluster } from './support/cluster.ts';
import { webApps } from './support/web-app.ts';

/** The same client, whose watches are late. */
function late<C extends object>(client: C): C {
  return new Proxy(client, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        const answer: unknown = Reflect.apply(value, target, args);
        if (key === 'resource' || key === 'namespace') return late(answer as object);
        return key === 'watch' ? delayed(answer as AsyncIterable<WatchEvent<unknown>>) : answer;
      };
    },
  });
}

async function* delayed<T>(events: AsyncIterable<T>): AsyncGenerator<T> {
  for await (const event of events) {
    await new Promise((resolve) => setTimeout(resolve, 20)); // the lag of the cache
    yield event;
  }
}

/** Counts children in the cache and creates, under names that the server chooses, those that are missing. */
function runCounting(cluster: Cluster, reconciles: { count: number }): RunningManager {
  const client: KubeClient = late(cluster.client);
  const build = (manager: Manager): void => {
    const children = manager.informerFor(configMaps).lister.byNamespace('default');
    const writer = manager.consistentClient.resource(configMaps).namespace('default');
    const controller = manager
      .controller('counting')
      .for(webApps)
      .reads(configMaps)
      .reconcile(async (request) => {
        reconciles.count += 1;
        if (children.list().length >= 3) return;
        const metadata = { generateName: 'child-' };
        await writer.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata });
        void controller.enqueue(request);
      });
  };
  return cluster.run(build, { client });
}

test('a controller that counts children in the cache creates exactly as many as it wants', async () => {
  await using cluster = await Cluster.start();
  await cluster.client.resource(webApps).create({
    metadata: { name: 'app', namespace: 'default' },
    spec: { replicas: 3 },
  });
  const reconciles = { count: 0 };
  const { stop, manager } = runCounting(cluster, reconciles);
  await vi.waitFor(() => expect(reconciles.count).toBeGreaterThanOrEqual(4));
  await vi.waitFor(() => expect(manager.describe().controllers[0]?.running).toEqual([]));
  await stop();

  const { items } = await cluster.client.resource(configMaps).namespace('default').list();
  expect(items).toHaveLength(3);
});

test('a read through the consistent client shows what was written the moment before', async () => {
  await using cluster = await Cluster.start();
  const { stop, manager } = cluster.run(() => {});
  const maps = manager.consistentClient.resource(configMaps).namespace('default');
  const seen: unknown[] = [];
  for (let i = 0; i < 20; i += 1) {
    const metadata = { name: 'a', namespace: 'default' };
    await maps.apply(
      { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { i: `${i}` } },
      { fieldManager: 'test' },
    );
    const { data } = (await maps.get('a')) ?? {};
    await maps.delete('a');
    seen.push([data?.['i'], await maps.get('a'), (await maps.list()).length]);
  }

  expect(seen).toEqual(Array.from({ length: 20 }, (_, i) => [`${i}`, undefined, 0]));
  await stop();
});

test('a wrong way to be consistent is refused', async () => {
  await using cluster = await Cluster.start();

  // What a program in JavaScript can pass.
  expect(() => cluster.run(() => {}, { consistency: 'strong' as never })).toThrow(
    'Cannot use strong as consistency: it must be "off", "at-read" or "barrier"',
  );
  expect(() => cluster.run(() => {}, { consistencyTimeoutMs: -1 })).toThrow(RangeError);
});
