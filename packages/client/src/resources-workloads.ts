import type {
  V1ControllerRevision,
  V1CronJob,
  V1DaemonSet,
  V1Deployment,
  V1Job,
  V1PodDisruptionBudget,
  V1PriorityClass,
  V1ReplicaSet,
  V1StatefulSet,
  V2HorizontalPodAutoscaler,
} from '@kubernetes/client-node';
import { defineResource, type Resource } from './resource.ts';
import type { Wire } from './wire.ts';

// Kinds that run and scale workloads: groups `apps`, `batch`, `autoscaling`, `policy` and `scheduling.k8s.io`.

/** Deployment of `apps/v1`, namespaced. */
export const deployments: Resource<Wire<V1Deployment>> = defineResource({
  group: 'apps',
  version: 'v1',
  plural: 'deployments',
  kind: 'Deployment',
  namespaced: true,
});

/** ReplicaSet of `apps/v1`, namespaced. */
export const replicaSets: Resource<Wire<V1ReplicaSet>> = defineResource({
  group: 'apps',
  version: 'v1',
  plural: 'replicasets',
  kind: 'ReplicaSet',
  namespaced: true,
});

/** StatefulSet of `apps/v1`, namespaced. */
export const statefulSets: Resource<Wire<V1StatefulSet>> = defineResource({
  group: 'apps',
  version: 'v1',
  plural: 'statefulsets',
  kind: 'StatefulSet',
  namespaced: true,
});

/** DaemonSet of `apps/v1`, namespaced. */
export const daemonSets: Resource<Wire<V1DaemonSet>> = defineResource({
  group: 'apps',
  version: 'v1',
  plural: 'daemonsets',
  kind: 'DaemonSet',
  namespaced: true,
});

/** ControllerRevision of `apps/v1`, namespaced. */
export const controllerRevisions: Resource<Wire<V1ControllerRevision>> = defineResource({
  group: 'apps',
  version: 'v1',
  plural: 'controllerrevisions',
  kind: 'ControllerRevision',
  namespaced: true,
});

/** Job of `batch/v1`, namespaced. */
export const jobs: Resource<Wire<V1Job>> = defineResource({
  group: 'batch',
  version: 'v1',
  plural: 'jobs',
  kind: 'Job',
  namespaced: true,
});

/** CronJob of `batch/v1`, namespaced. */
export const cronJobs: Resource<Wire<V1CronJob>> = defineResource({
  group: 'batch',
  version: 'v1',
  plural: 'cronjobs',
  kind: 'CronJob',
  namespaced: true,
});

/** HorizontalPodAutoscaler of `autoscaling/v2`, namespaced. */
export const horizontalPodAutoscalers: Resource<Wire<V2HorizontalPodAutoscaler>> = defineResource({
  group: 'autoscaling',
  version: 'v2',
  plural: 'horizontalpodautoscalers',
  kind: 'HorizontalPodAutoscaler',
  namespaced: true,
});

/** PodDisruptionBudget of `policy/v1`, namespaced. */
export const podDisruptionBudgets: Resource<Wire<V1PodDisruptionBudget>> = defineResource({
  group: 'policy',
  version: 'v1',
  plural: 'poddisruptionbudgets',
  kind: 'PodDisruptionBudget',
  namespaced: true,
});

/** PriorityClass of `scheduling.k8s.io/v1`, cluster-scoped. */
export const priorityClasses: Resource<Wire<V1PriorityClass>> = defineResource({
  group: 'scheduling.k8s.io',
  version: 'v1',
  plural: 'priorityclasses',
  kind: 'PriorityClass',
  namespaced: false,
});
