import { setImmediate } from 'node:timers/promises';
import type { KubeClient, WatchEvent } from '@kubeloop/client';
import { configMaps } from '@kubeloop/client';
import { expect, test, vi } from 'vitest';
import type { Manager } from '../src/manager.ts';
import type { RunningManager } from './support/cluster.ts';
import { Cluster } from './support/cluster.ts';
import { webApps } from './support/web-app.ts';

/** Lets the watch tell of a new child only when its creation has been answered and the next reconcile has been handed out. */
class Lag {
  readonly #told: PromiseWithResolvers<void>[] = [];
  #next = 0;

  /** Resolves when the next creation may be told. */
  async wait(): Promise<void> {
    this.#next += 1;
    await this.#creation(this.#next).promise;
  }

  /** The creation of this number may be told. */
  tell(number: number): void {
    this.#creation(number).resolve();
  }

  #creation(number: number): PromiseWithResolvers<void> {
    return (this.#told[number] ??= Promise.withResolvers());
  }
}

/** The same client, whose watches are late. */
function late<C extends object>(client: C, lag: Lag): C {
  return new Proxy(client, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        const answer: unknown = Reflect.apply(value, target, args);
        if (key === 'resource' || key === 'namespace') return late(answer as object, lag);
        return key === 'watch'
          ? delayed(answer as AsyncIterable<WatchEvent<{ readonly kind?: string }>>, lag)
          : answer;
      };
    },
  });
}

async function* delayed<T extends { readonly kind?: string }>(
  events: AsyncIterable<WatchEvent<T>>,
  lag: Lag,
): AsyncGenerator<WatchEvent<T>> {
  for await (const event of events) {
    if (event.type === 'ADDED' && event.object.kind === 'ConfigMap') await lag.wait();
    yield event;
  }
}

/** Resolves when another reconcile than this has been handed out, and has read the cache if nothing has kept it from that. */
async function nextReconcile(manager: Manager, reconcileID: string): Promise<void> {
  const isNext = (): boolean =>
    manager
      .describe()
      .controllers.some(({ running }) => running.some((run) => run.reconcileID !== reconcileID));
  while (!isNext()) await setImmediate();
  await setImmediate();
}

/** Counts children in the cache and creates, under names that the server chooses, those that are missing. */
function runCounting(cluster: Cluster, reconciles: { count: number }): RunningManager {
  const lag = new Lag();
  let created = 0;
  const client: KubeClient = late(cluster.client, lag);
  const build = (manager: Manager): void => {
    const children = manager.informerFor(configMaps).lister.byNamespace('default');
    const writer = manager.consistentClient.resource(configMaps).namespace('default');
    const controller = manager
      .controller('counting')
      .for(webApps)
      .reads(configMaps)
      .reconcile(async (request, { reconcileID }) => {
        reconciles.count += 1;
        if (children.list().length >= 3) return;
        const metadata = { generateName: 'child-' };
        await writer.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata });
        void controller.enqueue(request);
        created += 1;
        const number = created;
        void nextReconcile(manager, reconcileID).then(() => lag.tell(number));
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
