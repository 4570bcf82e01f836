import type { V1JobTemplateSpec, V1ObjectMeta, V1ObjectReference } from '@kubernetes/client-node';
import { defineResource, type Resource, type Wire } from '@kubeloop/client';
import type { Condition } from '@kubeloop/controller';

/** What is to run, and when. */
export interface CronJobSpec {
  /** Five fields as in crontab(5), or a name such as `@hourly`; in UTC. */
  readonly schedule: string;
  /** How late a run may start. Without it, a run that was missed starts however late it is. */
  readonly startingDeadlineSeconds?: number;
  /** What happens when a run is due while another is active. Default `Allow`. */
  readonly concurrencyPolicy?: 'Allow' | 'Forbid' | 'Replace';
  /** Whether no further run starts. Default `false`. */
  readonly suspend?: boolean;
  /** The Job that each run makes. */
  readonly jobTemplate: Wire<V1JobTemplateSpec>;
  /** How many Jobs that succeeded are kept. Default all. */
  readonly successfulJobsHistoryLimit?: number;
  /** How many Jobs that failed are kept. Default all. */
  readonly failedJobsHistoryLimit?: number;
}

/** What the controller found. */
export interface CronJobStatus {
  /** The Jobs that have not ended. */
  readonly active?: readonly Wire<V1ObjectReference>[];
  /** For when the latest run was scheduled. */
  readonly lastScheduleTime?: string;
  /** `Available`, `Progressing` and `Degraded`. */
  readonly conditions?: readonly Condition[];
}

/** Makes Jobs on a schedule. */
export interface CronJob {
  readonly apiVersion: 'batch.tutorial.kubebuilder.io/v1';
  readonly kind: 'CronJob';
  /** What the API server keeps always has these four. */
  readonly metadata: Wire<V1ObjectMeta> & {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly creationTimestamp: string;
  };
  readonly spec: CronJobSpec;
  readonly status?: CronJobStatus;
}

/** Where CronJobs are in the API; `manifests/crd.yaml` makes a cluster serve them. */
export const cronJobs: Resource<CronJob> = defineResource<CronJob>({
  group: 'batch.tutorial.kubebuilder.io',
  version: 'v1',
  plural: 'cronjobs',
  kind: 'CronJob',
  namespaced: true,
});
