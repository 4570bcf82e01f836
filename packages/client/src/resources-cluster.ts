import type {
  EventsV1Event,
  V1APIService,
  V1CSIDriver,
  V1CSINode,
  V1ClusterRole,
  V1ClusterRoleBinding,
  V1CustomResourceDefinition,
  V1EndpointSlice,
  V1Ingress,
  V1IngressClass,
  V1Lease,
  V1MutatingWebhookConfiguration,
  V1NetworkPolicy,
  V1Role,
  V1RoleBinding,
  V1StorageClass,
  V1ValidatingWebhookConfiguration,
  V1VolumeAttachment,
  V1beta1LeaseCandidate,
} from '@kubernetes/client-node';
import { defineResource, type Resource } from './resource.ts';
import type { Wire } from './wire.ts';

// Kinds of networking, access control, storage, coordination and API machinery.

/** Ingress of `networking.k8s.io/v1`, namespaced. */
export const ingresses: Resource<Wire<V1Ingress>> = defineResource({
  group: 'networking.k8s.io',
  version: 'v1',
  plural: 'ingresses',
  kind: 'Ingress',
  namespaced: true,
});

/** IngressClass of `networking.k8s.io/v1`, cluster-scoped. */
export const ingressClasses: Resource<Wire<V1IngressClass>> = defineResource({
  group: 'networking.k8s.io',
  version: 'v1',
  plural: 'ingressclasses',
  kind: 'IngressClass',
  namespaced: false,
});

/** NetworkPolicy of `networking.k8s.io/v1`, namespaced. */
export const networkPolicies: Resource<Wire<V1NetworkPolicy>> = defineResource({
  group: 'networking.k8s.io',
  version: 'v1',
  plural: 'networkpolicies',
  kind: 'NetworkPolicy',
  namespaced: true,
});

/** EndpointSlice of `discovery.k8s.io/v1`, namespaced. */
export const endpointSlices: Resource<Wire<V1EndpointSlice>> = defineResource({
  group: 'discovery.k8s.io',
  version: 'v1',
  plural: 'endpointslices',
  kind: 'EndpointSlice',
  namespaced: true,
});

/** Role of `rbac.authorization.k8s.io/v1`, namespaced. */
export const roles: Resource<Wire<V1Role>> = defineResource({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  plural: 'roles',
  kind: 'Role',
  namespaced: true,
});

/** RoleBinding of `rbac.authorization.k8s.io/v1`, namespaced. */
export const roleBindings: Resource<Wire<V1RoleBinding>> = defineResource({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  plural: 'rolebindings',
  kind: 'RoleBinding',
  namespaced: true,
});

/** ClusterRole of `rbac.authorization.k8s.io/v1`, cluster-scoped. */
export const clusterRoles: Resource<Wire<V1ClusterRole>> = defineResource({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  plural: 'clusterroles',
  kind: 'ClusterRole',
  namespaced: false,
});

/** ClusterRoleBinding of `rbac.authorization.k8s.io/v1`, cluster-scoped. */
export const clusterRoleBindings: Resource<Wire<V1ClusterRoleBinding>> = defineResource({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  plural: 'clusterrolebindings',
  kind: 'ClusterRoleBinding',
  namespaced: false,
});

/** StorageClass of `storage.k8s.io/v1`, cluster-scoped. */
export const storageClasses: Resource<Wire<V1StorageClass>> = defineResource({
  group: 'storage.k8s.io',
  version: 'v1',
  plural: 'storageclasses',
  kind: 'StorageClass',
  namespaced: false,
});

/** VolumeAttachment of `storage.k8s.io/v1`, cluster-scoped. */
export const volumeAttachments: Resource<Wire<V1VolumeAttachment>> = defineResource({
  group: 'storage.k8s.io',
  version: 'v1',
  plural: 'volumeattachments',
  kind: 'VolumeAttachment',
  namespaced: false,
});

/** CSIDriver of `storage.k8s.io/v1`, cluster-scoped. */
export const csiDrivers: Resource<Wire<V1CSIDriver>> = defineResource({
  group: 'storage.k8s.io',
  version: 'v1',
  plural: 'csidrivers',
  kind: 'CSIDriver',
  namespaced: false,
});

/** CSINode of `storage.k8s.io/v1`, cluster-scoped. */
export const csiNodes: Resource<Wire<V1CSINode>> = defineResource({
  group: 'storage.k8s.io',
  version: 'v1',
  plural: 'csinodes',
  kind: 'CSINode',
  namespaced: false,
});

/** Lease of `coordination.k8s.io/v1`, namespaced. */
export const leases: Resource<Wire<V1Lease>> = defineResource({
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  kind: 'Lease',
  namespaced: true,
});

/** LeaseCandidate of `coordination.k8s.io/v1beta1`, namespaced. Not served unless the cluster is told to (KEP-4355). */
export const leaseCandidates: Resource<Wire<V1beta1LeaseCandidate>> = defineResource({
  group: 'coordination.k8s.io',
  version: 'v1beta1',
  plural: 'leasecandidates',
  kind: 'LeaseCandidate',
  namespaced: true,
});

/** Event of `events.k8s.io/v1`, namespaced. */
export const events: Resource<Wire<EventsV1Event>> = defineResource({
  group: 'events.k8s.io',
  version: 'v1',
  plural: 'events',
  kind: 'Event',
  namespaced: true,
});

/** CustomResourceDefinition of `apiextensions.k8s.io/v1`, cluster-scoped. */
export const customResourceDefinitions: Resource<Wire<V1CustomResourceDefinition>> = defineResource(
  {
    group: 'apiextensions.k8s.io',
    version: 'v1',
    plural: 'customresourcedefinitions',
    kind: 'CustomResourceDefinition',
    namespaced: false,
  },
);

/** APIService of `apiregistration.k8s.io/v1`, cluster-scoped. */
export const apiServices: Resource<Wire<V1APIService>> = defineResource({
  group: 'apiregistration.k8s.io',
  version: 'v1',
  plural: 'apiservices',
  kind: 'APIService',
  namespaced: false,
});

/** MutatingWebhookConfiguration of `admissionregistration.k8s.io/v1`, cluster-scoped. */
export const mutatingWebhookConfigurations: Resource<Wire<V1MutatingWebhookConfiguration>> =
  defineResource({
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    plural: 'mutatingwebhookconfigurations',
    kind: 'MutatingWebhookConfiguration',
    namespaced: false,
  });

/** ValidatingWebhookConfiguration of `admissionregistration.k8s.io/v1`, cluster-scoped. */
export const validatingWebhookConfigurations: Resource<Wire<V1ValidatingWebhookConfiguration>> =
  defineResource({
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    plural: 'validatingwebhookconfigurations',
    kind: 'ValidatingWebhookConfiguration',
    namespaced: false,
  });
