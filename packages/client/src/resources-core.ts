import type {
  CoreV1Event,
  V1ConfigMap,
  V1Endpoints,
  V1LimitRange,
  V1Namespace,
  V1Node,
  V1PersistentVolume,
  V1PersistentVolumeClaim,
  V1Pod,
  V1PodTemplate,
  V1ReplicationController,
  V1ResourceQuota,
  V1Secret,
  V1Service,
  V1ServiceAccount,
} from '@kubernetes/client-node';
import { defineResource, type Resource } from './resource.ts';
import type { Wire } from './wire.ts';

// Kinds of the core group.

/** Pod of `v1`, namespaced. */
export const pods: Resource<Wire<V1Pod>> = defineResource({
  group: '',
  version: 'v1',
  plural: 'pods',
  kind: 'Pod',
  namespaced: true,
});

/** Service of `v1`, namespaced. */
export const services: Resource<Wire<V1Service>> = defineResource({
  group: '',
  version: 'v1',
  plural: 'services',
  kind: 'Service',
  namespaced: true,
});

/** ConfigMap of `v1`, namespaced. */
export const configMaps: Resource<Wire<V1ConfigMap>> = defineResource({
  group: '',
  version: 'v1',
  plural: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
});

/** Secret of `v1`, namespaced. */
export const secrets: Resource<Wire<V1Secret>> = defineResource({
  group: '',
  version: 'v1',
  plural: 'secrets',
  kind: 'Secret',
  namespaced: true,
});

/** ServiceAccount of `v1`, namespaced. */
export const serviceAccounts: Resource<Wire<V1ServiceAccount>> = defineResource({
  group: '',
  version: 'v1',
  plural: 'serviceaccounts',
  kind: 'ServiceAccount',
  namespaced: true,
});

/** Endpoints of `v1`, namespaced. */
export const endpoints: Resource<Wire<V1Endpoints>> = defineResource({
  group: '',
  version: 'v1',
  plural: 'endpoints',
  kind: 'Endpoints',
  namespaced: true,
});

/** PersistentVolumeClaim of `v1`, namespaced. */
export const persistentVolumeClaims: Resource<Wire<V1PersistentVolumeClaim>> = defineResource({
  group: '',
  version: 'v1',
  plural: 'persistentvolumeclaims',
  kind: 'PersistentVolumeClaim',
  namespaced: true,
});

/** Event of `v1`, namespaced. */
export const coreEvents: Resource<Wire<CoreV1Event>> = defineResource({
  group: '',
  version: 'v1',
  plural: 'events',
  kind: 'Event',
  namespaced: true,
});

/** LimitRange of `v1`, namespaced. */
export const limitRanges: Resource<Wire<V1LimitRange>> = defineResource({
  group: '',
  version: 'v1',
  plural: 'limitranges',
  kind: 'LimitRange',
  namespaced: true,
});

/** ResourceQuota of `v1`, namespaced. */
export const resourceQuotas: Resource<Wire<V1ResourceQuota>> = defineResource({
  group: '',
  version: 'v1',
  plural: 'resourcequotas',
  kind: 'ResourceQuota',
  namespaced: true,
});

/** PodTemplate of `v1`, namespaced. */
export const podTemplates: Resource<Wire<V1PodTemplate>> = defineResource({
  group: '',
  version: 'v1',
  plural: 'podtemplates',
  kind: 'PodTemplate',
  namespaced: true,
});

/** ReplicationController of `v1`, namespaced. */
export const replicationControllers: Resource<Wire<V1ReplicationController>> = defineResource({
  group: '',
  version: 'v1',
  plural: 'replicationcontrollers',
  kind: 'ReplicationController',
  namespaced: true,
});

/** Node of `v1`, cluster-scoped. */
export const nodes: Resource<Wire<V1Node>> = defineResource({
  group: '',
  version: 'v1',
  plural: 'nodes',
  kind: 'Node',
  namespaced: false,
});

/** Namespace of `v1`, cluster-scoped. */
export const namespaces: Resource<Wire<V1Namespace>> = defineResource({
  group: '',
  version: 'v1',
  plural: 'namespaces',
  kind: 'Namespace',
  namespaced: false,
});

/** PersistentVolume of `v1`, cluster-scoped. */
export const persistentVolumes: Resource<Wire<V1PersistentVolume>> = defineResource({
  group: '',
  version: 'v1',
  plural: 'persistentvolumes',
  kind: 'PersistentVolume',
  namespaced: false,
});
