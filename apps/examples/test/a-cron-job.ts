import type { CronJob, CronJobSpec, CronJobStatus } from '../src/cron-job/cron-job.ts';
import { scheduledAtAnnotation, type Job } from '../src/cron-job/jobs.ts';

/** The template of the Jobs in these tests. */
export const jobTemplate: CronJobSpec['jobTemplate'] = {
  metadata: { labels: { app: 'hello' }, annotations: { note: 'from the template' } },
  spec: {
    template: {
      spec: { restartPolicy: 'Never', containers: [{ name: 'hello', image: 'busybox' }] },
    },
  },
};

/** A CronJob that was created at noon and runs every hour. */
export function aCronJob(spec: Partial<CronJobSpec> = {}, status?: CronJobStatus): CronJob {
  return {
    apiVersion: 'batch.tutorial.kubebuilder.io/v1',
    kind: 'CronJob',
    metadata: {
      name: 'hello',
      namespace: 'default',
      uid: 'uid-of-hello',
      creationTimestamp: '2026-03-01T12:00:00Z',
    },
    spec: { schedule: '0 * * * *', jobTemplate, ...spec },
    ...(status && { status }),
  };
}

/** A Job of a run at a time of that day, such as `13:00`. */
export function aJob(time: string, ended?: 'Complete' | 'Failed'): Job {
  const scheduled = at(time).toISOString();
  return {
    metadata: {
      name: `hello-${time}`,
      namespace: 'default',
      annotations: { [scheduledAtAnnotation]: scheduled },
    },
    status: {
      startTime: scheduled,
      ...(ended && { conditions: [{ type: ended, status: 'True' }] }),
    },
  };
}

/** A time of the day of {@link aCronJob}. */
export function at(time: string): Date {
  return new Date(`2026-03-01T${time.length === 5 ? `${time}:00` : time}Z`);
}
