import { configMaps } from '@kubeloop/client';
import { expect, test } from 'vitest';
import { Cluster } from './support/cluster.ts';
import type { WebApp } from './support/web-app.ts';

/** A cluster where `others` happens right before the call that is named. */
async function clusterWith(
  call: string,
  others: (cluster: Cluster) => Promise<unknown>,
): Promise<Cluster> {
  const before = async (each: string): Promise<void> => {
    if (each === call) await others(cluster);
  };
  const cluster = await Cluster.start({}, { before });
  addConfig(cluster);
  return cluster;
}

function addConfig({ dependents }: Cluster): void {
  dependents.add({
    name: 'config',
    resource: configMaps,
    desired: ({ spec }) =>
      spec.settings ? { metadata: { name: 'config' }, data: spec.settings } : [],
  });
}

const foreign = { metadata: { name: 'config', namespace: 'default' }, data: { color: 'theirs' } };

async function replace({ client }: Cluster): Promise<void> {
  const all = client.resource(configMaps).namespace('default');
  await all.delete('config');
  await all.create(foreign);
}

function painted(app: WebApp, color: string): WebApp {
  return { ...app, spec: { settings: { color } } };
}

test('an object that others create in the same moment is not written over', async () => {
  await using cluster = await clusterWith('apply configmaps/config', ({ client }) =>
    client.resource(configMaps).create(foreign),
  );
  const app = painted(await cluster.webApp('shop'), 'ours');

  const first = cluster.dependents.reconcile(app);

  await expect(first).rejects.toThrow('fields are managed by others, .data.color by');
  const { data, metadata } = await cluster.configMap('config');
  expect([data, metadata?.ownerReferences]).toEqual([{ color: 'theirs' }, undefined]);
});

test('an object that others put in the place of a child is not written over', async () => {
  let applies = 0;
  const before = async (call: string): Promise<void> => {
    if (call !== 'apply configmaps/config') return;
    applies += 1;
    if (applies === 2) await replace(cluster);
  };
  await using cluster = await Cluster.start({}, { before });
  addConfig(cluster);
  const app = await cluster.webApp('shop');
  await cluster.dependents.reconcile(painted(app, 'ours'));

  const second = cluster.dependents.reconcile(painted(app, 'ours again'));

  await expect(second).rejects.toThrow('Conflict');
  expect((await cluster.configMap('config')).data).toEqual({ color: 'theirs' });
});

test('an object that others put in the place of a child is not deleted', async () => {
  await using cluster = await clusterWith('delete configmaps/config', replace);
  const app = await cluster.webApp('shop');
  await cluster.dependents.reconcile(painted(app, 'ours'));

  await cluster.dependents.reconcile(app);

  expect((await cluster.configMap('config')).data).toEqual({ color: 'theirs' });
});
