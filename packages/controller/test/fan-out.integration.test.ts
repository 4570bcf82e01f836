import {
  customResourceDefinitions,
  deployments,
  KubeClient,
  namespaces,
  pods,
  replicaSets,
} from '@kubeloop/client';
import { expect, inject, test, vi } from 'vitest';
import { Manager } from '../src/manager.ts';
import { setControllerReference } from '../src/owner-references.ts';
import { webAppDefinition, webApps } from './support/web-app.ts';

// What the global set-up of the integration run provides.
const controlPlane = inject('controlPlane' as never) as
  | { readonly server: string; readonly token: string; readonly ca: string }
  | { readonly skip: string };

test('pods that Kubernetes makes for a Deployment of a WebApp ask for reconciles of it, and so do their ends', async (context) => {
  if ('skip' in controlPlane) return context.skip(controlPlane.skip);
  const { server, token, ca } = controlPlane;
  await using client = new KubeClient({ server, token, ca });
  const namespace = `fan-out-${Date.now()}`;
  await client.resource(namespaces).create({ metadata: { name: namespace } });
  const manager = new Manager({ client, namespace });
  const webAppCache = manager.informerFor(webApps).lister;
  const podCache = manager.informerFor(pods).lister;
  const podsSeen: number[] = [];
  manager
    .controller('webapp')
    .for(webApps)
    .owns(deployments)
    .owns(pods, { through: [replicaSets, deployments] })
    .reconcile(async ({ name }, { signal }) => {
      podsSeen.push(podCache.list().length);
      const webApp = webAppCache.byNamespace(namespace).get(name);
      if (!webApp || webApp.metadata.deletionTimestamp !== undefined) return;
      const labels = { app: name };
      const deployment = {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name, namespace },
        spec: {
          replicas: webApp.spec.replicas,
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } },
        },
      };
      const owned = setControllerReference(webApp, deployment, { resource: webApps });
      await client
        .resource(deployments)
        .apply(owned, { fieldManager: 'webapp', force: true, signal });
    });
  const stop = new AbortController();
  const ended = manager.run({ signal: stop.signal });
  await client.resource(customResourceDefinitions).create(webAppDefinition);
  const instances = client.resource(webApps).namespace(namespace);

  const created = { metadata: { name: 'shop' }, spec: { replicas: 2 } };
  await vi.waitFor(() => instances.create(created), { timeout: 20_000, interval: 200 });
  await vi.waitFor(() => expect(podsSeen.at(-1)).toBe(2), { timeout: 30_000 });
  expect(manager.describe().isReady).toBe(true);

  await instances.patch('shop', { spec: { replicas: 0 } }, { type: 'merge' });
  await vi.waitFor(() => expect(podsSeen.at(-1)).toBe(0), { timeout: 30_000 });

  stop.abort();
  await ended;
  return undefined;
}, 120_000);
