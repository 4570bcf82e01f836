import type { ObjectLike } from '@kubeloop/cache-store';
import { configMaps, deployments, secrets } from '@kubeloop/client';
import { expect, test } from 'vitest';
import type { Dependent } from '../src/dependent.ts';
import type { Dependents } from '../src/dependents.ts';
import { Cluster, seen } from './support/cluster.ts';
import type { WebApp } from './support/web-app.ts';

function addConfig(dependents: Dependents<WebApp>): Dependent {
  return dependents.add({
    name: 'config',
    resource: configMaps,
    desired: ({ metadata, spec }) => ({
      metadata: { name: `${metadata.name}-config`, labels: { app: metadata.name } },
      data: { ...spec.settings },
    }),
  });
}

function addDeployment(dependents: Dependents<WebApp>): Dependent {
  return dependents.add({
    name: 'deployment',
    resource: deployments,
    desired: ({ metadata: { name }, spec }) => ({
      metadata: { name },
      spec: {
        replicas: spec.replicas,
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: {
            containers: [
              {
                name: 'main',
                image: 'nginx',
                ports: [{ containerPort: 53 }, { containerPort: 53, protocol: 'UDP' }],
                resources: { requests: { cpu: '1000m', memory: '0.5Gi' } },
                env: [{ name: 'A', value: '1' }],
              },
            ],
          },
        },
      },
    }),
  });
}

test('a missing child is created with its type, namespace, marks and controller', async () => {
  await using cluster = await Cluster.start();
  addConfig(cluster.dependents);
  const app = await cluster.webApp('shop', { settings: { color: 'blue' } });

  const outcome = await cluster.dependents.reconcile(app);

  const { uid } = app.metadata;
  expect(await cluster.configMap('shop-config')).toMatchObject({
    metadata: {
      labels: {
        app: 'shop',
        'kubeloop.dev/managed-by': 'webapp',
        'kubeloop.dev/dependent': 'config',
      },
      ownerReferences: [{ kind: 'WebApp', name: 'shop', uid, controller: true }],
    },
    data: { color: 'blue' },
  });
  expect(outcome).toMatchObject({ ready: true, writes: 1, message: 'all dependents are ready' });
  expect(outcome.perDependent['config']?.children).toEqual([
    { namespace: 'default', name: 'shop-config', action: 'created', differences: [] },
  ]);
});

test('nothing is sent when nothing differs, not even by a process that has just been started', async () => {
  await using cluster = await Cluster.start({ keepManagedFields: true });
  addConfig(cluster.dependents);
  addDeployment(cluster.dependents);
  const app = await cluster.webApp('shop', { settings: { color: 'blue' }, replicas: 2 });
  await cluster.dependents.reconcile(app);
  cluster.takeCalls();

  const again = await cluster.dependents.reconcile(app);
  const restarted = cluster.newDependents();
  addConfig(restarted);
  addDeployment(restarted);
  const first = await restarted.reconcile(app);

  expect(cluster.takeCalls()).toEqual([]);
  expect([again.writes, first.writes]).toEqual([0, 0]);
});

test('a cache without managed fields costs one read of each child after a start, and no write', async () => {
  await using cluster = await Cluster.start({ keepManagedFields: false });
  addConfig(cluster.dependents);
  addDeployment(cluster.dependents);
  const app = await cluster.webApp('shop', { settings: { color: 'blue' }, replicas: 2 });
  await cluster.dependents.reconcile(app);
  await cluster.dependents.reconcile(app);
  cluster.takeCalls();
  const restarted = cluster.newDependents();
  addConfig(restarted);
  addDeployment(restarted);

  await restarted.reconcile(app);
  await restarted.reconcile(app);

  expect(cluster.takeCalls().toSorted()).toEqual([
    'get configmaps/shop-config',
    'get deployments/shop',
  ]);
});

test('drift is corrected from a cache without managed fields too', async () => {
  await using cluster = await Cluster.start({ keepManagedFields: false });
  addConfig(cluster.dependents);
  const app = await cluster.webApp('shop', { settings: { color: 'blue', size: 'xl' } });
  await cluster.dependents.reconcile(app);
  cluster.takeCalls();
  const others = cluster.client.resource(configMaps).namespace('default');

  await others.patch('shop-config', { data: { note: 'mine' } }, { type: 'merge' });
  await seen(cluster, 'shop-config', (map) => map?.data?.['note'] === 'mine');
  await cluster.dependents.reconcile(app);
  const beside = cluster.takeCalls();
  await others.patch('shop-config', { data: { color: 'green' } }, { type: 'merge' });
  await seen(cluster, 'shop-config', (map) => map?.data?.['color'] === 'green');
  await cluster.dependents.reconcile(app);
  await cluster.dependents.reconcile({ ...app, spec: { settings: { color: 'blue' } } });

  const apply = 'apply configmaps/shop-config';
  expect([beside, cluster.takeCalls()]).toEqual([[], [apply, apply]]);
  expect((await cluster.configMap('shop-config')).data).toEqual({ color: 'blue', note: 'mine' });
});

test('a changed owner changes its children by one apply each, and what it declares no more is removed', async () => {
  await using cluster = await Cluster.start({ keepManagedFields: true });
  addConfig(cluster.dependents);
  const app = await cluster.webApp('shop', { settings: { color: 'blue', size: 'xl' } });
  await cluster.dependents.reconcile(app);
  cluster.takeCalls();

  const restarted = cluster.newDependents();
  addConfig(restarted);
  const outcome = await restarted.reconcile({ ...app, spec: { settings: { color: 'red' } } });

  expect(cluster.takeCalls()).toEqual(['apply configmaps/shop-config']);
  expect((await cluster.configMap('shop-config')).data).toEqual({ color: 'red' });
  expect(outcome.perDependent['config']?.children[0]).toMatchObject({
    action: 'updated',
    differences: ['.data.color', '.data.size'],
  });
});

test('drift in declared fields is corrected, and what others add beside them stays and costs nothing', async () => {
  await using cluster = await Cluster.start();
  addConfig(cluster.dependents);
  const app = await cluster.webApp('shop', { settings: { color: 'blue' } });
  await cluster.dependents.reconcile(app);
  const others = cluster.client.resource(configMaps).namespace('default');

  await others.patch('shop-config', { data: { note: 'mine' } }, { type: 'merge' });
  await seen(cluster, 'shop-config', (map) => map?.data?.['note'] === 'mine');
  const beside = await cluster.dependents.reconcile(app);
  await others.patch('shop-config', { data: { color: 'green' } }, { type: 'merge' });
  await seen(cluster, 'shop-config', (map) => map?.data?.['color'] === 'green');
  const drifted = await cluster.dependents.reconcile(app);

  expect(beside.writes).toBe(0);
  expect(drifted.perDependent['config']?.children[0]?.differences).toEqual(['.data.color']);
  expect((await cluster.configMap('shop-config')).data).toEqual({ color: 'blue', note: 'mine' });
});

test('marks and owner that somebody takes off are put back', async () => {
  await using cluster = await Cluster.start();
  addConfig(cluster.dependents);
  const app = await cluster.webApp('shop');
  await cluster.dependents.reconcile(app);
  const others = cluster.client.resource(configMaps).namespace('default');
  const labels = { 'kubeloop.dev/dependent': null };

  await others.patch('shop-config', { metadata: { labels } }, { type: 'merge' });
  await seen(
    cluster,
    'shop-config',
    ({ metadata } = {}) => !metadata?.labels?.['kubeloop.dev/dependent'],
  );
  const outcome = await cluster.dependents.reconcile(app);

  expect(outcome.writes).toBe(1);
  const { metadata } = await cluster.configMap('shop-config');
  expect(metadata?.labels).toMatchObject({ 'kubeloop.dev/dependent': 'config' });
});

test('a child that somebody deletes is created again', async () => {
  await using cluster = await Cluster.start();
  addConfig(cluster.dependents);
  const app = await cluster.webApp('shop', { settings: { color: 'blue' } });
  await cluster.dependents.reconcile(app);
  await cluster.client.resource(configMaps).namespace('default').delete('shop-config');
  await seen(cluster, 'shop-config', (map) => map === undefined);

  const outcome = await cluster.dependents.reconcile(app);

  expect(outcome.perDependent['config']?.children[0]?.action).toBe('created');
  expect((await cluster.configMap('shop-config')).data).toEqual({ color: 'blue' });
});

test('what a webhook writes in another way is applied once, and again only when somebody changes it', async () => {
  const blue = { data: { color: 'BLUE' } };
  const webhook = (object: ObjectLike): ObjectLike => ({ ...object, ...blue });
  await using cluster = await Cluster.start({}, { webhook });
  addConfig(cluster.dependents);
  const app = await cluster.webApp('shop', { settings: { color: 'blue' } });
  await cluster.dependents.reconcile(app);
  const others = cluster.client.resource(configMaps).namespace('default');
  cluster.takeCalls();

  await others.patch('shop-config', { data: { note: 'mine' } }, { type: 'merge' });
  await seen(cluster, 'shop-config', (map) => map?.data?.['note'] === 'mine');
  await cluster.dependents.reconcile(app);
  const besides = cluster.takeCalls();
  await others.patch('shop-config', { data: { color: 'green' } }, { type: 'merge' });
  await seen(cluster, 'shop-config', (map) => map?.data?.['color'] === 'green');
  await cluster.dependents.reconcile(app);
  await cluster.dependents.reconcile(app);

  expect([besides, cluster.takeCalls()]).toEqual([[], ['apply configmaps/shop-config']]);
  expect((await cluster.configMap('shop-config')).data).toEqual({ color: 'BLUE', note: 'mine' });
});

test('the texts of a Secret are applied as the data that the server keeps', async () => {
  await using cluster = await Cluster.start();
  cluster.dependents.add({
    name: 'password',
    resource: secrets,
    desired: () => ({ metadata: { name: 'password' }, stringData: { word: 'geheim' } }),
  });
  const app = await cluster.webApp('shop');
  await cluster.dependents.reconcile(app);
  cluster.takeCalls();

  await cluster.dependents.reconcile(app);

  expect(cluster.takeCalls()).toEqual([]);
  const secret = await cluster.client.resource(secrets).namespace('default').get('password');
  expect(secret.data).toEqual({ word: 'Z2VoZWlt' });
});

test('one dependent can have many children, which one owner has for itself', async () => {
  await using cluster = await Cluster.start();
  cluster.dependents.add({
    name: 'shards',
    resource: configMaps,
    desired: ({ metadata, spec }) =>
      Array.from({ length: spec.shards ?? 0 }, (_, i) => ({
        metadata: { name: `${metadata.name}-${i}` },
      })),
  });
  const a = await cluster.webApp('a', { shards: 3 });
  const b = await cluster.webApp('b', { shards: 1 });

  await Promise.all([cluster.dependents.reconcile(a), cluster.dependents.reconcile(b)]);

  expect(await cluster.configMapNames()).toEqual(['a-0', 'a-1', 'a-2', 'b-0']);
});
