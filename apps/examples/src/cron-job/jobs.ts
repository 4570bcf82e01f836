import type { V1Job } from '@kubernetes/client-node';
import type { Wire } from '@kubeloop/client';
import { setControllerReference } from '@kubeloop/controller';
import { cronJobs, type CronJob } from './cron-job.ts';

/** A Job as the caches have it. */
export type Job = Wire<V1Job>;

/** On a Job: for when its run was scheduled. */
export const scheduledAtAnnotation = 'batch.tutorial.kubebuilder.io/scheduled-at';

/** The Jobs of a CronJob by how they are. */
export interface SortedJobs {
  readonly active: readonly Job[];
  readonly succeeded: readonly Job[];
  readonly failed: readonly Job[];
}

/** Sorts Jobs by how they are, those that started first in front. */
export function sortJobs(jobs: readonly Job[]): SortedJobs {
  const byStart = jobs.toSorted((a, b) => startOf(a) - startOf(b));
  return {
    active: byStart.filter((job) => !has(job, 'Complete') && !has(job, 'Failed')),
    succeeded: byStart.filter((job) => has(job, 'Complete')),
    failed: byStart.filter((job) => has(job, 'Failed')),
  };
}

/** For when the run of a Job was scheduled; `undefined` when it does not say so. */
export function scheduledAt(job: Job): Date | undefined {
  const time = new Date(job.metadata?.annotations?.[scheduledAtAnnotation] ?? '');
  return Number.isNaN(time.getTime()) ? undefined : time;
}

/**
 * The Job of one run, with the CronJob as its controller. Its name follows from the run, so that no run can be started
 * twice, whatever the caches show.
 */
export function jobFor(cronJob: CronJob, run: Date): Job {
  const { name, namespace } = cronJob.metadata;
  const { metadata = {}, spec } = cronJob.spec.jobTemplate;
  const job: Job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: `${name}-${run.getTime() / 1000}`,
      namespace,
      labels: { ...metadata.labels },
      annotations: { ...metadata.annotations, [scheduledAtAnnotation]: toTime(run) },
    },
    ...(spec && { spec }),
  };
  return setControllerReference(cronJob, job, { resource: cronJobs });
}

/** A time as the Kubernetes API writes it: whole seconds, in UTC. */
export function toTime(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}

/** When a Job started, for sorting; one that has not is the oldest. */
function startOf({ status }: Job): number {
  return status?.startTime === undefined ? 0 : Date.parse(status.startTime);
}

function has({ status }: Job, type: 'Complete' | 'Failed'): boolean {
  return status?.conditions?.some((each) => each.type === type && each.status === 'True') ?? false;
}
