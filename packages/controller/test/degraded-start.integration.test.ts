import {
  clusterRoleBindings,
  clusterRoles,
  configMaps,
  customResourceDefinitions,
  defineResource,
  KubeClient,
  namespaces,
  secrets,
  serviceAccounts,
} from '@kubeloop/client';
import { expect, inject, test, vi } from 'vitest';
import { Manager } from '../src/manager.ts';
import { webAppDefinition } from './support/web-app.ts';

// What the global set-up of the integration run provides.
const controlPlane = inject('controlPlane' as never) as
  | { readonly server: string; readonly token: string; readonly ca: string }
  | { readonly skip: string };

const group = `late-${Date.now()}.example.com`;
const widgets = defineResource<{ readonly metadata: { readonly name: string } }>({
  group,
  version: 'v1',
  plural: 'widgets',
  kind: 'Widget',
  namespaced: true,
});
const definition = {
  metadata: { name: `widgets.${group}` },
  spec: {
    ...webAppDefinition.spec,
    group,
    names: { plural: 'widgets', kind: 'Widget', singular: 'widget' },
  },
};
const verbs = ['get', 'list', 'watch'];

/** Lets the service account do what the rules say. */
async function grant(
  admin: KubeClient,
  namespace: string,
  name: string,
  rules: object[],
): Promise<void> {
  const apiGroup = 'rbac.authorization.k8s.io';
  await admin.resource(clusterRoles).create({ metadata: { name }, rules: rules as [] });
  await admin.resource(clusterRoleBindings).create({
    metadata: { name },
    roleRef: { apiGroup, kind: 'ClusterRole', name },
    subjects: [{ kind: 'ServiceAccount', name: 'manager', namespace }],
  });
}

/** A client of a service account that may see ConfigMaps and custom resources. */
async function restricted(
  admin: KubeClient,
  namespace: string,
  access: { readonly server: string; readonly ca: string },
): Promise<KubeClient> {
  await admin.resource(namespaces).create({ metadata: { name: namespace } });
  const accounts = admin.resource(serviceAccounts).namespace(namespace);
  await accounts.create({ metadata: { name: 'manager' } });
  await grant(admin, namespace, namespace, [
    { apiGroups: [''], resources: ['configmaps'], verbs },
    { apiGroups: [group], resources: ['*'], verbs },
  ]);
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/manager/token`;
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest' };
  const { status } = await admin.request<{ readonly status: { readonly token: string } }>(path, {
    method: 'POST',
    body,
  });
  return new KubeClient({ server: access.server, ca: access.ca, token: status.token });
}

test('a missing CRD and a missing RBAC rule are named in the readiness, hold back nobody else, and join when they come', async (context) => {
  if ('skip' in controlPlane) return context.skip(controlPlane.skip);
  const { server, token, ca } = controlPlane;
  await using admin = new KubeClient({ server, token, ca });
  const namespace = `degraded-${Date.now()}`;
  await using client = await restricted(admin, namespace, controlPlane);
  const seen: string[] = [];
  const reflector = { backoff: { next: () => 200 } };
  const health = { port: 0, host: '127.0.0.1' };
  const manager = new Manager({ client, namespace, reflector, health, cacheSyncTimeoutMs: 1000 });
  for (const [name, resource] of Object.entries({ settings: configMaps, widgets, keys: secrets }))
    manager
      .controller(`degraded-${name}`)
      .for<object>(resource)
      .reconcile((request) => void seen.push(`${name} ${request.name}`));
  const probe = async (): Promise<string> =>
    (await fetch(`${manager.healthUrl}/readyz?verbose`)).text();
  const waitFor = (check: () => Promise<void> | void): Promise<void> =>
    vi.waitFor(check, { timeout: 20_000, interval: 100 });
  const stop = new AbortController();
  const ended = manager.run({ signal: stop.signal });

  await admin
    .resource(configMaps)
    .namespace(namespace)
    .create({ metadata: { name: 'here' } });
  await waitFor(() => expect(seen).toContain('settings here'));
  await waitFor(async () => {
    const failed = (await probe()).split('\n').filter((line) => line.startsWith('[-]'));
    expect(failed).toEqual([
      expect.stringMatching(
        /^\[-\]controller\/degraded-keys\/for secrets failed: .*secrets is forbidden.*cannot list resource "secrets"/,
      ),
      expect.stringMatching(
        /^\[-\]controller\/degraded-widgets\/for widgets.* failed: .*is the CRD installed\?/,
      ),
    ]);
  });

  await admin.resource(customResourceDefinitions).create(definition);
  await waitFor(async () => expect(await probe()).toContain('for widgets.' + group + ' ok'));
  const widget = { metadata: { name: 'late' } };
  await admin.resource(widgets).namespace(namespace).create(widget);
  await waitFor(() => expect(seen).toContain('widgets late'));

  await grant(admin, namespace, `${namespace}-keys`, [
    { apiGroups: [''], resources: ['secrets'], verbs },
  ]);
  await admin
    .resource(secrets)
    .namespace(namespace)
    .create({ metadata: { name: 'key' } });
  await waitFor(() => expect(seen).toContain('keys key'));
  expect(await probe()).toContain('readyz check passed');

  stop.abort();
  await ended;
  await admin.resource(customResourceDefinitions).delete(definition.metadata.name);
  await admin.resource(namespaces).delete(namespace);
  return undefined;
}, 90_000);
