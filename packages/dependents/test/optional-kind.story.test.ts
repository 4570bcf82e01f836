import { ApiServer } from '@kubeloop/apiserver';
import { configMaps, customResourceDefinitions } from '@kubeloop/client';
import type { InformerSelection } from '@kubeloop/controller';
import { Manager, quietLogger } from '@kubeloop/controller';
import { expect, test, vi } from 'vitest';
import { Dependents } from '../src/dependents.ts';
import type { Outcome } from '../src/outcome.ts';
import { Cluster } from './support/cluster.ts';
import { monitorDefinition as definition, monitors } from './support/monitor.ts';
import { webApps } from './support/web-app.ts';

/** A controller whose last outcome can be looked at. */
function runController(
  { manager, dependents }: Cluster,
  selection: InformerSelection = {},
): () => Outcome | undefined {
  dependents.add({
    name: 'monitor',
    resource: monitors,
    optional: true,
    desired: ({ metadata: { name } }) => ({ metadata: { name } }),
  });
  dependents.add({
    name: 'config',
    resource: configMaps,
    desired: () => ({ metadata: { name: 'config' } }),
  });
  let last: Outcome | undefined;
  dependents
    .watchedBy(manager.controller('webapp').for(webApps, selection))
    .reconcile(async ({ namespace, name }, { signal }) => {
      const { lister } = manager.informerFor(webApps, selection);
      const app = lister.byNamespace(namespace).get(name);
      if (app) last = await dependents.reconcile(app, { signal });
    });
  return () => last;
}

test('a dependent of a kind that is not installed is absent, and made as soon as the kind is installed', async () => {
  await using cluster = await Cluster.start();
  const last = runController(cluster);
  await cluster.webApp('shop');
  await vi.waitFor(() => expect(last()?.ready).toBe(true));
  const before = last()?.perDependent['monitor']?.state;

  await cluster.client.resource(customResourceDefinitions).create(definition);

  await vi.waitFor(() => expect(last()?.perDependent['monitor']?.state).toBe('ready'), 5000);
  const all = cluster.client.resource(monitors).namespace('default');
  expect((await all.get('shop')).metadata?.ownerReferences).toMatchObject([{ name: 'shop' }]);
  expect(before).toBe('absent');
});

test('the owners that a controller selects hear of a kind that is installed', async () => {
  await using cluster = await Cluster.start();
  const last = runController(cluster, { namespace: 'default' });
  await cluster.webApp('shop');
  await vi.waitFor(() => expect(last()?.perDependent['monitor']?.state).toBe('absent'));

  await cluster.client.resource(customResourceDefinitions).create(definition);

  await vi.waitFor(() => expect(last()?.perDependent['monitor']?.state).toBe('ready'), 5000);
});

test('a controller that may not look for a kind says so', async () => {
  const deny = [{ verbs: ['list', 'watch'], resources: ['customresourcedefinitions'] }];
  await using server = new ApiServer({
    resources: [webApps],
    tokens: { secret: { user: 'reader', deny } },
  });
  await server.start();
  const settings = { server: server.url, skipTLSVerify: true, token: 'secret' };
  const manager = new Manager({ kubeConfig: settings, logger: quietLogger });
  const dependents = new Dependents({ manager, owner: webApps, fieldManager: 'webapp' });
  dependents.add({ name: 'monitor', resource: monitors, optional: true, desired: () => [] });
  dependents.watchedBy(manager.controller('forbidden').for(webApps)).reconcile(() => {});
  const stop = new AbortController();
  const ended = manager.run({ signal: stop.signal });

  await vi.waitFor(() =>
    expect(manager.describe().notReady).toEqual([expect.stringContaining('cannot list')]),
  );

  stop.abort();
  await ended;
});

test('children of a kind that was installed later are watched like all others', async () => {
  await using cluster = await Cluster.start();
  const last = runController(cluster);
  await cluster.webApp('shop');
  await cluster.client.resource(customResourceDefinitions).create(definition);
  await vi.waitFor(() => expect(last()?.perDependent['monitor']?.state).toBe('ready'), 5000);
  const all = cluster.client.resource(monitors).namespace('default');
  const { uid } = (await all.get('shop')).metadata ?? {};

  await all.delete('shop');

  await vi.waitFor(async () => {
    const { metadata } = await all.get('shop');
    expect(metadata?.uid).not.toBe(uid);
  }, 5000);
});

test('a kind that is taken away leaves its dependent absent again', async () => {
  await using cluster = await Cluster.start();
  await cluster.client.resource(customResourceDefinitions).create(definition);
  const last = runController(cluster);
  await cluster.webApp('shop');
  await vi.waitFor(() => expect(last()?.perDependent['monitor']?.state).toBe('ready'), 5000);

  await cluster.client.resource(customResourceDefinitions).delete(monitors.name);

  await vi.waitFor(() => expect(last()?.perDependent['monitor']?.state).toBe('absent'), 5000);
  expect(last()?.ready).toBe(true);
});

test('those after an absent dependent wait, and a removal does not wait for it', async () => {
  await using cluster = await Cluster.start();
  const { dependents } = cluster;
  const desired = (): { metadata: { name: string } } => ({ metadata: { name: 'a' } });
  dependents.add({ name: 'monitor', resource: monitors, optional: true, desired });
  dependents.add({ name: 'config', resource: configMaps, after: ['monitor'], desired });
  const app = await cluster.webApp('shop');

  const { message, ready } = await dependents.reconcile(app);
  const removal = await dependents.remove(app);

  expect([ready, message]).toEqual([false, 'config waits for monitor']);
  expect(removal.ready).toBe(true);
});

test('only custom resources can be optional', async () => {
  await using cluster = await Cluster.start();
  const desired = (): { metadata: { name: string } } => ({ metadata: { name: 'a' } });

  expect(() =>
    cluster.dependents.add({ name: 'config', resource: configMaps, optional: true, desired }),
  ).toThrow(
    'Cannot add dependent "config" as optional: configmaps is no custom resource, so it has no definition',
  );
});
