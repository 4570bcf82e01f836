import { isDeepStrictEqual } from 'node:util';
import { controllerOwnerUidIndexFunc } from '@kubeloop/cache-store';
import { ignoreNotFound, jobs } from '@kubeloop/client';
import type { Manager, Reconciler } from '@kubeloop/controller';
import { cronJobs } from './cron-job.ts';
import type { Job } from './jobs.ts';
import { planOf } from './plan.ts';

/** The index of Jobs by the CronJob that controls them. */
const jobOwnerKey = '.metadata.controller';

/**
 * Makes a plan for a CronJob, and carries it out.
 *
 * The Jobs come from the cache, by an index. That they are all there is the promise of `manager.consistentClient`: its reads
 * wait until the caches show what was written through it.
 *
 * @param now - the time of day; tests have one of their own
 */
export function cronJobReconciler(manager: Manager, now: () => Date): Reconciler {
  const allCronJobs = manager.consistentClient.resource(cronJobs);
  const allJobs = manager.consistentClient.resource(jobs);
  manager.informerFor(jobs, { indexers: { [jobOwnerKey]: controllerOwnerUidIndexFunc } });

  return async ({ namespace, name }, { signal, logger }) => {
    const cronJob = await allCronJobs.namespace(namespace).get(name, { signal });
    if (!cronJob || cronJob.metadata.deletionTimestamp !== undefined) return {};
    const itsJobs = await allJobs.byIndex(jobOwnerKey, cronJob.metadata.uid, { signal });
    const plan = planOf(cronJob, itsJobs, now());

    if (!isDeepStrictEqual(plan.status, cronJob.status)) {
      const changed = { ...cronJob, status: plan.status };
      await allCronJobs.namespace(namespace).updateStatus(changed, { signal });
    }
    for (const job of plan.expired)
      await remove(job, signal).catch((error: unknown) =>
        logger.warn('An old Job stays for now', { job: job.metadata?.name, error }),
      );
    for (const job of plan.replaced) await remove(job, signal);
    if (plan.start) await allJobs.namespace(namespace).create(plan.start, { signal });
    return { requeueAfterMs: plan.nextInMs };
  };

  /** Deletes a Job and its Pods. */
  async function remove({ metadata }: Job, signal: AbortSignal): Promise<void> {
    const { namespace = '', name = '', uid } = metadata ?? {};
    const deletion = { propagationPolicy: 'Background', preconditions: { uid }, signal } as const;
    await ignoreNotFound(allJobs.namespace(namespace).delete(name, deletion));
  }
}
