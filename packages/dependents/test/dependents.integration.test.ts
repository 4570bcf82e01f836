import type { Resource } from '@kubeloop/client';
import {
  configMaps,
  customResourceDefinitions,
  deployments,
  horizontalPodAutoscalers,
  KubeClient,
  namespaces,
  networkPolicies,
  secrets,
  services,
} from '@kubeloop/client';
import type { ObjectLike } from '@kubeloop/cache-store';
import { Manager, quietLogger } from '@kubeloop/controller';
import { expect, inject, test, type TestContext, vi } from 'vitest';
import { Dependents } from '../src/dependents.ts';
import type { Outcome } from '../src/outcome.ts';
import { recordedClient } from './support/recorded-client.ts';
import { monitorDefinition, monitors } from './support/monitor.ts';
import type { WebApp } from './support/web-app.ts';
import { webAppDefinition, webApps } from './support/web-app.ts';

interface Access {
  readonly server: string;
  readonly token: string;
  readonly ca: string;
}

function accessOrSkip(context: TestContext): Access {
  // What the global set-up of the integration run provides.
  const provided = inject('controlPlane' as never) as Access | { readonly skip: string };
  return 'skip' in provided ? context.skip(provided.skip) : provided;
}

/** The kinds whose objects a server fills with defaults, with odd ways to write the same value. */
function declare(manager: Manager): Dependents<WebApp> {
  const children = new Dependents({ manager, owner: webApps, fieldManager: 'webapp' });
  const config = children.add({
    name: 'config',
    resource: configMaps,
    desired: ({ metadata: { name }, spec }) => ({ metadata: { name }, data: { ...spec.settings } }),
  });
  children.add({
    name: 'password',
    resource: secrets,
    desired: ({ metadata: { name } }) => ({ metadata: { name }, stringData: { word: 'geheim' } }),
  });
  const deployment = children.add({
    name: 'deployment',
    resource: deployments,
    after: [config],
    desired: ({ metadata: { name }, spec }) => ({
      metadata: { name, annotations: {} },
      spec: {
        replicas: spec.replicas ?? 1,
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: {
            containers: [
              {
                name: 'main',
                image: 'nginx:1',
                ports: [{ containerPort: 53, protocol: 'UDP' }, { containerPort: 53 }],
                resources: { requests: { cpu: '1000m', memory: '0.5Gi' } },
                envFrom: [{ configMapRef: { name } }],
                env: [
                  { name: 'A', value: '1' },
                  { name: 'B', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
                ],
                readinessProbe: { httpGet: { port: 80 } },
                volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }],
              },
            ],
            volumes: [
              { name: 'scratch', emptyDir: {} },
              { name: 'config', configMap: { name, items: [{ key: 'a', path: 'b' }] } },
            ],
            tolerations: [{ key: 'x', operator: 'Exists' }],
          },
        },
      },
    }),
    isReady: ({ metadata, status }) => status?.observedGeneration === metadata?.generation,
  });
  children.add({
    name: 'service',
    resource: services,
    after: [deployment],
    when: ({ spec }) => spec.isPublic !== false,
    desired: ({ metadata: { name } }) => ({
      metadata: { name },
      spec: {
        selector: { app: name },
        ports: [{ port: 53 }, { port: 53, protocol: 'UDP', name: 'u' }].map((each, i) => ({
          name: `p${i}`,
          ...each,
        })),
      },
    }),
  });
  children.add({
    name: 'autoscaler',
    resource: horizontalPodAutoscalers,
    desired: ({ metadata: { name } }) => ({
      metadata: { name },
      spec: {
        maxReplicas: 3,
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'none' },
        // An amount at a place that this package does not know as one.
        metrics: [
          {
            type: 'Resource',
            resource: { name: 'cpu', target: { type: 'AverageValue', averageValue: '1000m' } },
          },
        ],
      },
    }),
  });
  children.add({
    name: 'policy',
    resource: networkPolicies,
    desired: ({ metadata: { name }, spec }) =>
      Array.from({ length: spec.shards ?? 1 }, (_, i) => ({
        metadata: { name: `${name}-${i}` },
        spec: { podSelector: {}, ingress: [{ ports: [{ port: 80 }] }] },
      })),
  });
  return children;
}

test.for([
  { keepManagedFields: true, readsAfterStart: 0 },
  { keepManagedFields: false, readsAfterStart: 7 },
])(
  'children of a custom resource are made, kept without a write, corrected, pruned and removed on a real API server: %o',
  async ({ keepManagedFields, readsAfterStart }, context) => {
    const { server, token, ca } = accessOrSkip(context);
    await using client = new KubeClient({ server, token, ca });
    const namespace = `dependents-${Date.now()}`;
    await client.resource(namespaces).create({ metadata: { name: namespace } });
    await client
      .resource(customResourceDefinitions)
      .apply(webAppDefinition, { fieldManager: 'test' });
    const metadata = { name: 'shop', namespace };
    const spec = { settings: { color: 'blue' }, shards: 2 };
    const app = await vi.waitFor(() => client.resource(webApps).create({ metadata, spec }), 10_000);
    const calls: string[] = [];
    const manager = new Manager({
      client: recordedClient(client, calls),
      namespace,
      keepManagedFields,
      logger: quietLogger,
    });
    const stop = new AbortController();
    const ended = manager.run({ signal: stop.signal });
    const children = declare(manager);
    const untilReady = async (dependents: Dependents<WebApp>, owner: WebApp): Promise<Outcome> =>
      vi.waitFor(
        async () => {
          const outcome = await dependents.reconcile(owner);
          expect(outcome.message).toBe('all dependents are ready');
          return outcome;
        },
        { timeout: 20_000, interval: 50 },
      );
    const writes = (): string[] => calls.splice(0).filter((call) => !call.startsWith('get'));
    const at = <T extends ObjectLike>(resource: Resource<T>) =>
      client.resource(resource).namespace(namespace);

    await untilReady(children, app);
    expect(writes().toSorted()).toEqual([
      'apply configmaps/shop',
      'apply deployments/shop',
      'apply horizontalpodautoscalers/shop',
      'apply networkpolicies/shop-0',
      'apply networkpolicies/shop-1',
      'apply secrets/shop',
      'apply services/shop',
    ]);
    // The controllers of the cluster write statuses meanwhile.
    for (let i = 0; i < 5; i += 1) await untilReady(children, app);
    expect(calls.splice(0)).toEqual([]);
    // After a restart only what the server writes in another way, at a place not known, is applied once more, and changes nothing.
    const { resourceVersion } = (await at(horizontalPodAutoscalers).get('shop')).metadata ?? {};
    const restarted = declare(manager);
    await untilReady(restarted, app);
    await untilReady(restarted, app);
    expect(calls.filter((call) => call.startsWith('get'))).toHaveLength(readsAfterStart);
    expect(writes()).toEqual(['apply horizontalpodautoscalers/shop']);
    expect((await at(horizontalPodAutoscalers).get('shop')).metadata?.resourceVersion).toBe(
      resourceVersion,
    );

    await at(deployments).patchScale('shop', { spec: { replicas: 5 } }, { type: 'merge' });
    await at(services).delete('shop');
    await vi.waitFor(async () => {
      await restarted.reconcile(app);
      expect((await at(deployments).get('shop')).spec?.replicas).toBe(1);
      expect((await at(services).get('shop')).spec?.ports).toHaveLength(2);
    }, 20_000);
    await untilReady(restarted, app);
    expect(writes().toSorted()).toEqual(['apply deployments/shop', 'apply services/shop']);

    const smaller = { ...app, spec: { ...spec, settings: {}, shards: 1, isPublic: false } };
    await untilReady(restarted, smaller);
    expect(writes().toSorted()).toEqual([
      'apply configmaps/shop',
      'delete networkpolicies/shop-1',
      'delete services/shop',
    ]);
    expect((await at(configMaps).get('shop')).data).toBeUndefined();

    await vi.waitFor(async () => expect((await restarted.remove(smaller)).ready).toBe(true), {
      timeout: 20_000,
      interval: 50,
    });
    expect(writes().indexOf('delete deployments/shop')).toBeLessThan(4);
    stop.abort();
    await ended;
  },
);

test('a kind that is installed while a controller runs gets its children then', async (context) => {
  const { server, token, ca } = accessOrSkip(context);
  await using client = new KubeClient({ server, token, ca });
  const namespace = `optional-${Date.now()}`;
  await client.resource(namespaces).create({ metadata: { name: namespace } });
  const definitions = client.resource(customResourceDefinitions);
  await definitions.apply(webAppDefinition, { fieldManager: 'test' });
  const metadata = { name: 'shop', namespace };
  await vi.waitFor(() => client.resource(webApps).create({ metadata, spec: {} }), 10_000);
  const manager = new Manager({ client, namespace, logger: quietLogger });
  const children = new Dependents({ manager, owner: webApps, fieldManager: 'webapp' });
  children.add({
    name: 'monitor',
    resource: monitors,
    optional: true,
    desired: ({ metadata: { name } }) => ({ metadata: { name } }),
  });
  const states: (string | undefined)[] = [];
  children
    .watchedBy(manager.controller('optional').for(webApps))
    .reconcile(async ({ name }, { signal }) => {
      const app = manager.informerFor(webApps).lister.byNamespace(namespace).get(name);
      if (!app) return;
      const { perDependent } = await children.reconcile(app, { signal });
      states.push(perDependent['monitor']?.state);
    });
  const stop = new AbortController();
  const ended = manager.run({ signal: stop.signal });
  await vi.waitFor(() => expect(states).toContain('absent'), 20_000);

  await definitions.create(monitorDefinition);

  await vi.waitFor(() => expect(states.at(-1)).toBe('ready'), 20_000);
  const { ownerReferences } =
    (await client.resource(monitors).namespace(namespace).get('shop')).metadata ?? {};
  expect(ownerReferences).toMatchObject([{ kind: 'WebApp', name: 'shop', controller: true }]);
  stop.abort();
  await ended;
  await definitions.delete(monitors.name);
});
