// For everyone.
export { KubeClient } from './kube-client.ts';
export type { RequestOptions } from './kube-client.ts';
export type { BehaviourOptions, KubeClientOptions } from './client-options.ts';
export type {
  NameLookup,
  RequestDuration,
  RequestMetrics,
  RequestSize,
  RequestTry,
} from './request-metrics.ts';
export type { ServerOptions } from './server-options.ts';
export { inClusterConfig } from './in-cluster.ts';
export type { InClusterConfig, InClusterOptions } from './in-cluster.ts';
export { loadKubeConfig } from './load-kube-config.ts';
export type { LoadKubeConfigOptions } from './load-kube-config.ts';
export type { ResourceClient } from './resource-client.ts';
export type { Apply, ApplyFields, ApplyMetadata } from './apply-object.ts';
export { applyConflicts, isApplyConflict } from './apply-conflict.ts';
export type { ApplyConflict } from './apply-conflict.ts';
export type {
  ApplyOptions,
  CallOptions,
  DeleteOptions,
  GetOptions,
  ListOptions,
  ObjectList,
  PatchOptions,
  Scale,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from './api.ts';
export { defineResource } from './resource.ts';
export type { Resource, ResourceDefinition } from './resource.ts';
export { metadataOnly } from './metadata-only.ts';
export type { PartialObjectMetadata } from './metadata-only.ts';
export {
  pods,
  services,
  configMaps,
  secrets,
  serviceAccounts,
  endpoints,
  persistentVolumeClaims,
  coreEvents,
  limitRanges,
  resourceQuotas,
  podTemplates,
  replicationControllers,
  nodes,
  namespaces,
  persistentVolumes,
} from './resources-core.ts';
export {
  deployments,
  replicaSets,
  statefulSets,
  daemonSets,
  controllerRevisions,
  jobs,
  cronJobs,
  horizontalPodAutoscalers,
  podDisruptionBudgets,
  priorityClasses,
} from './resources-workloads.ts';
export {
  ingresses,
  ingressClasses,
  networkPolicies,
  endpointSlices,
  roles,
  roleBindings,
  clusterRoles,
  clusterRoleBindings,
  storageClasses,
  volumeAttachments,
  csiDrivers,
  csiNodes,
  leases,
  leaseCandidates,
  events,
  customResourceDefinitions,
  apiServices,
  mutatingWebhookConfigurations,
  validatingWebhookConfigurations,
} from './resources-cluster.ts';
export type { Wire } from './wire.ts';
export { ApiStatusError } from './api-status-error.ts';
export {
  isAlreadyExists,
  isBadRequest,
  isConflict,
  isForbidden,
  isGone,
  isInternalError,
  isInvalid,
  isNotFound,
  isResourceExpired,
  isServiceUnavailable,
  isTimeout,
  isTooManyRequests,
  isUnauthorized,
  isUnknownResource,
} from './api-status-error.ts';
export { ignoreNotFound } from './ignore-not-found.ts';
export { ConnectionError } from './connection-error.ts';
export { WatchIdleError } from './watch-idle-error.ts';

// For those who build on top.
export type { ApiStatusErrorOptions } from './api-status-error.ts';
export type { Bookmark, SelectionOptions } from './api.ts';
export type { ConnectionErrorOptions } from './connection-error.ts';
export type { KubeConfigCluster, KubeConfigLike } from './kube-config-like.ts';
export type { Status, StatusCause, StatusDetails } from './status.ts';
export type { SchemaNames, WireKey } from './wire.ts';
