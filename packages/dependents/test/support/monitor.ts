import type { ObjectLike } from '@kubeloop/cache-store';
import type { Resource, Wire } from '@kubeloop/client';
import { defineResource } from '@kubeloop/client';
import type { V1CustomResourceDefinition } from '@kubernetes/client-node';

const group = 'monitoring.example.com';

/** A kind that may be missing. */
export const monitors: Resource<ObjectLike> = defineResource<ObjectLike>({
  group,
  version: 'v1',
  plural: 'monitors',
  kind: 'Monitor',
  namespaced: true,
});

/** What installs it. */
export const monitorDefinition: Wire<V1CustomResourceDefinition> = {
  metadata: { name: monitors.name },
  spec: {
    group,
    scope: 'Namespaced',
    names: { plural: 'monitors', kind: 'Monitor' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object' } },
      },
    ],
  },
};
