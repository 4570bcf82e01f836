import { setCondition, type Condition, type NewCondition } from '@kubeloop/controller';
import type { CronJob, CronJobStatus } from './cron-job.ts';
import { toTime, type Job, type SortedJobs } from './jobs.ts';

/** What a status is made of, beside the CronJob itself. */
export interface Observed {
  readonly jobs: SortedJobs;
  /** For when the latest run was scheduled. */
  readonly lastRun: Date | undefined;
  /** Why no run can be planned. */
  readonly problem: string | undefined;
  readonly now: Date;
}

/** The status that fits what was observed. Transition times move only when a condition does. */
export function statusOf(cronJob: CronJob, observed: Observed): CronJobStatus {
  const { jobs, lastRun, now } = observed;
  let conditions: readonly Condition[] = cronJob.status?.conditions ?? [];
  for (const condition of conditionsOf(cronJob, observed))
    conditions = setCondition(conditions, condition, { now: () => now });
  return {
    ...(jobs.active.length > 0 && { active: jobs.active.map(referenceTo) }),
    ...(lastRun && { lastScheduleTime: toTime(lastRun) }),
    conditions,
  };
}

function conditionsOf(
  { spec }: CronJob,
  { jobs, problem }: Observed,
): readonly Omit<NewCondition, 'lastTransitionTime'>[] {
  const active = jobs.active.length;
  const failed = jobs.failed.length;
  const jobsActive = { reason: 'JobsActive', message: `${active} job(s) are active` } as const;
  const jobsFailed = { reason: 'JobsFailed', message: `${failed} job(s) have failed` } as const;
  const done = { reason: 'AllJobsCompleted', message: 'All jobs have completed' } as const;
  const idle = { reason: 'NoJobsActive', message: 'No job is active' } as const;
  const well = { reason: 'AsExpected', message: '' } as const;
  return [
    spec.suspend
      ? { type: 'Available', status: 'False', reason: 'Suspended', message: 'No run starts' }
      : failed > 0
        ? { type: 'Available', status: 'False', ...jobsFailed }
        : { type: 'Available', status: 'True', ...(active > 0 ? jobsActive : done) },
    active > 0
      ? { type: 'Progressing', status: 'True', ...jobsActive }
      : { type: 'Progressing', status: 'False', ...idle },
    problem !== undefined
      ? { type: 'Degraded', status: 'True', reason: 'InvalidSchedule', message: problem }
      : failed > 0
        ? { type: 'Degraded', status: 'True', ...jobsFailed }
        : { type: 'Degraded', status: 'False', ...well },
  ];
}

function referenceTo({ metadata }: Job): NonNullable<CronJobStatus['active']>[number] {
  const { name, namespace, uid, resourceVersion } = metadata ?? {};
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    ...(name && { name }),
    ...(namespace && { namespace }),
    ...(uid && { uid }),
    ...(resourceVersion && { resourceVersion }),
  };
}
