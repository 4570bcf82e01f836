import type { ObjectLike } from '@kubeloop/cache-store';
import type { Resource } from '@kubeloop/client';
import {
  configMaps,
  customResourceDefinitions,
  deployments,
  isAlreadyExists,
  pods,
  replicaSets,
  services,
} from '@kubeloop/client';
import { expect, test, vi } from 'vitest';
import { addFinalizer, hasFinalizer, removeFinalizer } from '../src/finalizers.ts';
import type { Manager } from '../src/manager.ts';
import { setControllerReference } from '../src/owner-references.ts';
import { Cluster } from './support/cluster.ts';
import type { WebApp } from './support/web-app.ts';
import { webAppDefinition, webApps } from './support/web-app.ts';

const namespace = 'default';
const labels = { app: 'shop' };
const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } };
const selector = { matchLabels: labels };

async function createWebApp(cluster: Cluster, name: string): Promise<WebApp> {
  return cluster.client
    .resource(webApps)
    .create({ metadata: { name, namespace }, spec: { replicas: 1 } });
}

/** What is needed of the resource of an owner. */
type OwnerResource = Pick<Resource<unknown>, 'apiVersion' | 'kind'>;

/** Creates an object that is owned by another; gives it as the server has it. */
async function createOwned<T extends ObjectLike>(
  cluster: Cluster,
  resource: Resource<T>,
  owner: readonly [ObjectLike, OwnerResource],
  object: T,
): Promise<T> {
  const owned = setControllerReference(owner[0], object, { resource: owner[1] });
  return cluster.client.resource(resource).namespace(namespace).create(owned);
}

test('a pod three owners below a WebApp asks for a reconcile of it, whichever of them is seen first', async () => {
  await using cluster = await Cluster.start();
  const podsSeen: number[] = [];
  const { manager, stop } = cluster.run((made) => {
    const cache = made.informerFor(pods).lister;
    made
      .controller('webapp')
      .for(webApps)
      .owns(pods, { through: [replicaSets, deployments] })
      .reconcile(() => void podsSeen.push(cache.list().length));
  });
  await vi.waitFor(() => expect(manager.describe().isReady).toBe(true));
  const shop = await createWebApp(cluster, 'shop');
  await vi.waitFor(() => expect(podsSeen).toEqual([0]));

  const meta = (name: string): { name: string; namespace: string } => ({ name, namespace });
  const deployment = await createOwned(cluster, deployments, [shop, webApps], {
    metadata: meta('shop'),
    spec: { selector, template },
  });
  const replicaSet = await createOwned(cluster, replicaSets, [deployment, deployments], {
    metadata: meta('shop-1'),
    spec: { selector, template },
  });
  await createOwned(cluster, pods, [replicaSet, replicaSets], {
    metadata: meta('shop-1-x'),
    spec: template.spec,
  });

  await vi.waitFor(() => expect(podsSeen.at(-1)).toBe(1));
  await stop();
});

test('a manager that is started anew goes on where the last one ended', async () => {
  await using cluster = await Cluster.start();
  let runs = 0;
  let mayFinish = false;
  const ensure = async <T>(
    resource: Resource<T>,
    object: T,
    signal: AbortSignal,
  ): Promise<void> => {
    try {
      await cluster.client.resource(resource).create(object, { signal });
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  };
  const build = (manager: Manager): void => {
    const cache = manager.informerFor(webApps).lister;
    manager
      .controller('webapp')
      .for(webApps)
      .owns(services)
      .owns(configMaps)
      .reconcile(async (request, { signal }) => {
        runs += 1;
        const webApp = cache.byNamespace(request.namespace).get(request.name);
        if (!webApp) return;
        const child = { metadata: { name: request.name, namespace: request.namespace } };
        const owned = setControllerReference(webApp, child, { resource: webApps });
        await ensure(configMaps, owned, signal);
        if (!mayFinish) throw new Error('power cut');
        await ensure(services, { ...owned, spec: { ports: [{ port: 80 }] } }, signal);
      });
  };
  const first = cluster.run(build);
  await createWebApp(cluster, 'shop');
  await vi.waitFor(() => expect(runs).toBeGreaterThan(1));
  await first.stop();
  mayFinish = true;

  const second = cluster.run(build);

  const service = await vi.waitFor(() =>
    cluster.client.resource(services).namespace(namespace).get('shop'),
  );
  expect(service.metadata?.ownerReferences).toMatchObject([
    { kind: 'WebApp', name: 'shop', controller: true },
  ]);
  await second.stop();
});

test('a reconciler that throws is tried again with growing delays, and others are not held up', async () => {
  await using cluster = await Cluster.start();
  const times: number[] = [];
  const seen: string[] = [];
  const { manager, log, stop } = cluster.run((made) => {
    made
      .controller('webapp')
      .for(webApps)
      .reconcile(({ name }) => {
        if (name !== 'bad') return void seen.push(name);
        times.push(performance.now());
        if (times.length < 6) throw new Error('not yet');
        return undefined;
      });
  });

  await createWebApp(cluster, 'bad');
  await createWebApp(cluster, 'good');
  await vi.waitFor(() => expect(times).toHaveLength(6), { timeout: 5000 });

  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  expect(gaps.every((gap, index) => gap >= 5 * 2 ** index - 1)).toBe(true);
  expect(seen).toEqual(['good']);
  expect(manager.describe().controllers[0]?.counters.reconciles).toMatchObject({
    error: 5,
    success: 2,
  });
  expect(log.messages('error')).toHaveLength(5);
  await stop();
});

test('a finalizer holds an object back until the clean-up is done', async () => {
  await using cluster = await Cluster.start();
  const finalizer = 'example.com/cleanup';
  const cleaned: string[] = [];
  const client = cluster.client.resource(webApps);
  const { stop } = cluster.run((manager) => {
    const cache = manager.informerFor(webApps).lister;
    manager
      .controller('webapp')
      .for(webApps)
      .reconcile(async (request, { signal }) => {
        const webApp = cache.byNamespace(request.namespace).get(request.name);
        if (!webApp) return;
        if (webApp.metadata.deletionTimestamp === undefined) {
          await addFinalizer(client, webApp, finalizer, { signal });
          return;
        }
        if (!hasFinalizer(webApp, finalizer)) return;
        cleaned.push(request.name);
        await removeFinalizer(client, webApp, finalizer, { signal });
      });
  });
  await createWebApp(cluster, 'shop');
  await vi.waitFor(async () =>
    expect(hasFinalizer(await client.namespace(namespace).get('shop'), finalizer)).toBe(true),
  );

  await client.namespace(namespace).delete('shop');

  await vi.waitFor(async () => expect((await client.list()).items).toEqual([]));
  expect(cleaned).toEqual(['shop']);
  await stop();
});

test('a controller for a kind that is not installed joins when it is, and the others work meanwhile', async () => {
  await using cluster = await Cluster.start({});
  const seen: string[] = [];
  const { manager, stop } = cluster.run((made) => {
    made
      .controller('webapp')
      .for(webApps)
      .reconcile(({ name }) => void seen.push(`webapp ${name}`));
    made
      .controller('config')
      .for(configMaps)
      .reconcile(({ name }) => void seen.push(`config ${name}`));
  });
  await cluster.client.resource(configMaps).create({ metadata: { name: 'a', namespace } });
  await vi.waitFor(() => expect(seen).toContain('config a'));
  await vi.waitFor(() =>
    expect(manager.describe()).toMatchObject({
      isReady: false,
      controllers: [
        { name: 'webapp', state: 'waiting', sources: [{ lastError: { code: 404 } }] },
        { name: 'config', state: 'running' },
      ],
    }),
  );

  await cluster.client.resource(customResourceDefinitions).create(webAppDefinition);
  await vi.waitFor(() => createWebApp(cluster, 'shop'), { timeout: 5000 });

  await vi.waitFor(() => expect(seen).toContain('webapp shop'), { timeout: 15_000 });
  expect(manager.describe().isReady).toBe(true);
  await stop();
}, 30_000);

test('after the stop no socket, no timer and no handler is left', async () => {
  await vi.waitFor(() => expect(openThings(/^(TCP|TLS|HTTP)/)).toEqual([]));
  const timersBefore = openThings(/^Timeout/).length;
  {
    await using cluster = await Cluster.start();
    const finished: string[] = [];
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const { manager, stop } = cluster.run((made) => {
      made
        .controller('webapp')
        .for(webApps)
        .owns(pods, { through: [replicaSets, deployments] })
        .reconcile(async ({ name }) => {
          await released;
          finished.push(name);
          return { requeueAfterMs: 60_000 };
        });
    });
    await createWebApp(cluster, 'shop');
    await vi.waitFor(() => expect(manager.describe().controllers[0]?.running).toHaveLength(1));

    const stopped = stop();
    release();
    await stopped;
    await createWebApp(cluster, 'after');

    expect(finished).toEqual(['shop']);
    expect(manager.describe().state).toBe('stopped');
  }
  await vi.waitFor(() => expect(openThings(/^(TCP|TLS|HTTP)/)).toEqual([]));
  expect(openThings(/^Timeout/).length).toBeLessThanOrEqual(timersBefore);
});

/** What keeps the process alive, the test runner's own things included. */
function openThings(name: RegExp): string[] {
  return process.getActiveResourcesInfo().filter((each) => name.test(each));
}
