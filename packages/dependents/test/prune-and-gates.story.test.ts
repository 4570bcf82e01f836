import { configMaps, deployments } from '@kubeloop/client';
import { expect, test } from 'vitest';
import { Cluster, seen } from './support/cluster.ts';
import type { WebApp } from './support/web-app.ts';

const gone = (map: unknown): boolean => map === undefined;

/** ConfigMaps `shop-0`, `shop-1` … */
function addShards({ dependents }: Cluster): void {
  dependents.add({
    name: 'shards',
    resource: configMaps,
    desired: ({ metadata, spec }) =>
      Array.from({ length: spec.shards ?? 0 }, (_, i) => ({
        metadata: { name: `${metadata.name}-${i}` },
      })),
  });
}

/** One ConfigMap, named as its dependent. */
function one(name: string): {
  readonly name: string;
  readonly resource: typeof configMaps;
  readonly desired: () => { readonly metadata: { readonly name: string } };
} {
  return { name, resource: configMaps, desired: () => ({ metadata: { name } }) };
}

test('children that are not desired any more are deleted, once', async () => {
  await using cluster = await Cluster.start();
  addShards(cluster);
  const app = await cluster.webApp('shop', { shards: 3 });
  await cluster.dependents.reconcile(app);
  cluster.takeCalls();
  const smaller = { ...app, spec: { shards: 1 } };

  const outcome = await cluster.dependents.reconcile(smaller);
  const again = await cluster.dependents.reconcile(smaller);

  expect(await cluster.configMapNames()).toEqual(['shop-0']);
  expect(outcome.perDependent['shards']?.children.map(({ action }) => action)).toEqual([
    'kept',
    'deleted',
    'deleted',
  ]);
  expect([outcome.writes, again.writes]).toEqual([2, 0]);
  expect(cluster.takeCalls()).toEqual(['delete configmaps/shop-1', 'delete configmaps/shop-2']);
});

test('only what the dependent itself has made for this owner is deleted', async () => {
  await using cluster = await Cluster.start();
  addShards(cluster);
  cluster.dependents.add(one('other'));
  const app = await cluster.webApp('shop', { shards: 1 });
  const neighbour = await cluster.webApp('blog', { shards: 1 });
  await cluster.dependents.reconcile(app);
  await cluster.client.resource(configMaps).namespace('default').delete('other');
  await cluster.dependents.reconcile(neighbour).catch(() => {});
  const { ownerReferences = [] } = (await cluster.configMap('shop-0')).metadata ?? {};
  const metadata = { name: 'hand-made', namespace: 'default', ownerReferences };
  await cluster.client.resource(configMaps).create({ metadata });
  await seen(cluster, 'hand-made', (map) => map !== undefined);

  await cluster.dependents.reconcile({ ...app, spec: {} }).catch(() => {});

  expect(await cluster.configMapNames()).toEqual(['blog-0', 'hand-made', 'other']);
});

test('what is made after another waits until that is ready, and sees it', async () => {
  await using cluster = await Cluster.start();
  const deployment = cluster.dependents.add({
    name: 'deployment',
    resource: deployments,
    desired: ({ metadata: { name } }) => ({
      metadata: { name },
      spec: {
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: { containers: [{ name: 'main', image: 'nginx' }] },
        },
      },
    }),
    isReady: ({ status, spec }) => status?.readyReplicas === spec?.replicas,
  });
  cluster.dependents.add({
    name: 'config',
    resource: configMaps,
    after: [deployment],
    desired: (_app, { get }) => ({
      metadata: { name: 'config' },
      data: { ready: `${get(deployment)?.status?.readyReplicas}` },
    }),
  });
  const app = await cluster.webApp('shop');

  const before = await cluster.dependents.reconcile(app);
  const all = cluster.client.resource(deployments).namespace('default');
  await all.patchStatus('shop', { status: { replicas: 1, readyReplicas: 1 } }, { type: 'merge' });
  const informer = cluster.manager.informerFor(deployments);
  const { promise, resolve } = Promise.withResolvers<void>();
  informer.addEventHandler({ update: () => resolve() });
  await promise;
  const after = await cluster.dependents.reconcile(app);

  expect(before.ready).toBe(false);
  expect(before.message).toBe('deployment is not ready; config waits for deployment');
  expect(before.perDependent['config']).toMatchObject({
    state: 'waiting',
    waitingFor: ['deployment'],
  });
  expect(after.ready).toBe(true);
  expect((await cluster.configMap('config')).data).toEqual({ ready: '1' });
});

test('what is not wanted any more is deleted, after all that stands after it', async () => {
  await using cluster = await Cluster.start();
  const when = ({ spec }: WebApp): boolean => spec.isPublic === true;
  cluster.dependents.add({ ...one('last'), after: ['middle'] });
  cluster.dependents.add({ ...one('middle'), after: ['first'] });
  cluster.dependents.add({ ...one('first'), when });
  cluster.dependents.add(one('other'));
  const app = await cluster.webApp('shop', { isPublic: true });
  await cluster.dependents.reconcile(app);
  const hidden = { ...app, spec: { isPublic: false } };

  const rounds: unknown[] = [];
  for (const name of ['last', 'middle', 'first']) {
    const { ready, message } = await cluster.dependents.reconcile(hidden);
    rounds.push([ready, message, await cluster.configMapNames()]);
    await seen(cluster, name, gone);
  }
  const { ready } = await cluster.dependents.reconcile(hidden);

  const behind = 'middle is being removed after last';
  const behindToo = 'first is being removed after middle';
  expect(rounds).toEqual([
    [false, `last is being removed; ${behind}; ${behindToo}`, ['first', 'middle', 'other']],
    [false, `middle is being removed; ${behindToo}`, ['first', 'other']],
    [false, 'first is being removed', ['other']],
  ]);
  expect(ready).toBe(true);
});

test('remove deletes all children, the last first, and says when they are gone', async () => {
  await using cluster = await Cluster.start();
  cluster.dependents.add(one('first'));
  cluster.dependents.add({ ...one('last'), after: ['first'] });
  const app = await cluster.webApp('shop');
  await cluster.dependents.reconcile(app);
  cluster.takeCalls();

  const deletesLast = await cluster.dependents.remove(app);
  await seen(cluster, 'last', gone);
  const two = await cluster.dependents.remove(app);
  await seen(cluster, 'first', gone);
  const three = await cluster.dependents.remove(app);

  expect(cluster.takeCalls()).toEqual(['delete configmaps/last', 'delete configmaps/first']);
  expect([deletesLast.ready, two.ready, three.ready]).toEqual([false, false, true]);
});

test('a child that is ending holds back what goes before it, unless isGone says otherwise', async () => {
  await using cluster = await Cluster.start();
  const seenByGate: number[] = [];
  cluster.dependents.add(one('first'));
  cluster.dependents.add({
    name: 'held',
    resource: configMaps,
    desired: () => ({ metadata: { name: 'held', finalizers: ['example.com/hold'] } }),
    after: ['first'],
    isGone: (_app, remaining) => {
      seenByGate.push(remaining.length);
      return remaining.every(({ metadata }) => metadata?.deletionTimestamp !== undefined);
    },
  });
  const app = await cluster.webApp('shop');
  await cluster.dependents.reconcile(app);

  const deleting = await cluster.dependents.remove(app);
  await seen(cluster, 'held', (map) => map?.metadata?.deletionTimestamp !== undefined);
  const ending = await cluster.dependents.remove(app);

  expect(deleting.perDependent['first']?.state).toBe('removing');
  expect(ending.perDependent['held']).toMatchObject({
    state: 'removed',
    children: [{ action: 'ending' }],
  });
  expect(ending.perDependent['first']?.children).toMatchObject([{ action: 'deleted' }]);
  expect(seenByGate).toEqual([1, 1]);
});

test('a desired child that is ending is left alone until it is gone', async () => {
  await using cluster = await Cluster.start();
  cluster.dependents.add({
    name: 'held',
    resource: configMaps,
    desired: () => ({ metadata: { name: 'held', finalizers: ['example.com/hold'] } }),
  });
  const app = await cluster.webApp('shop');
  await cluster.dependents.reconcile(app);
  const all = cluster.client.resource(configMaps).namespace('default');
  await all.delete('held');
  await seen(cluster, 'held', (map) => map?.metadata?.deletionTimestamp !== undefined);
  cluster.takeCalls();

  const outcome = await cluster.dependents.reconcile(app);

  expect(outcome.perDependent['held']).toMatchObject({
    state: 'not-ready',
    children: [{ action: 'ending' }],
  });
  expect(cluster.takeCalls()).toEqual([]);
});

test('an owner that is being deleted is left alone', async () => {
  await using cluster = await Cluster.start();
  cluster.dependents.add(one('first'));
  const app = await cluster.webApp('shop');
  const metadata = { ...app.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' };

  const outcome = await cluster.dependents.reconcile({ ...app, metadata });

  expect(outcome.perDependent['first']?.state).toBe('left');
  expect(outcome.ready).toBe(false);
  expect(await cluster.configMapNames()).toEqual([]);
});

test('children that were made the moment before are deleted, whatever the cache shows', async () => {
  await using cluster = await Cluster.start();
  addShards(cluster);
  const app = await cluster.webApp('shop', { shards: 5 });

  for (let i = 0; i < 5; i += 1) {
    await cluster.dependents.reconcile(app);
    await cluster.dependents.remove(app);
    expect(await cluster.configMapNames()).toEqual([]);
  }
});
