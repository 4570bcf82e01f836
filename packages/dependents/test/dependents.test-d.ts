import type { Wire } from '@kubeloop/client';
import { configMaps, deployments } from '@kubeloop/client';
import type { Manager } from '@kubeloop/controller';
import type { V1ConfigMap } from '@kubernetes/client-node';
import type { Dependent } from '../src/dependent.ts';
import { Dependents } from '../src/dependents.ts';
import type { DependentsHost } from '../src/host.ts';
import type { WebApp } from './support/web-app.ts';
import { webApps } from './support/web-app.ts';

declare const manager: Manager;

export const host: DependentsHost = manager;
export const children: Dependents<WebApp> = new Dependents({
  manager,
  owner: webApps,
  fieldManager: 'webapp',
});

export const config: Dependent<Wire<V1ConfigMap>> = children.add({
  name: 'config',
  resource: configMaps,
  desired: ({ spec }) => ({ metadata: { name: 'a' }, data: { ...spec.settings } }),
});

children.add({
  name: 'deployment',
  resource: deployments,
  after: [config],
  when: ({ spec }) => spec.isPublic === true,
  desired: (_app, { get }) => ({
    metadata: { name: get(config)?.data?.['name'] ?? 'a' },
    spec: { replicas: 1 },
  }),
  isReady: ({ status }) => status?.readyReplicas === 1,
});

children.add({
  name: 'none',
  resource: configMaps,
  // @ts-expect-error a child has a name
  desired: () => ({ metadata: {} }),
});

children.add({
  name: 'wrong',
  resource: configMaps,
  // @ts-expect-error a ConfigMap holds texts
  desired: () => ({ metadata: { name: 'a' }, data: { a: 1 } }),
});
