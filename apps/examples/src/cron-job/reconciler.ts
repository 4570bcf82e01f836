import { isDeepStrictEqual } from 'node:util';
import { controllerOwnerUidIndexFunc } from '@kubeloop/cache-store';
import { isNotFound, jobs } from '@kubeloop/client';
import type { Manager, Reconciler } from '@kubeloop/controller';
import { cronJobs } from './cron-job.ts';
import type { Job } from './jobs.ts';
import { planOf } from './plan.ts';

/** The index of Jobs by the CronJob that controls them. */
const jobOwnerKey = '.metadata.controller';

/**
 * Makes a plan for a CronJob, and carries it out.
 *
 * The Jobs come from the cache, by an index. That they are all there is the manager's promise: a reconcile begins when the
 * caches show what was written through `manager.consistentClient`.
 *
 * @param now - the time of day; tests have one of their own
 */
export function cronJobReconciler(manager: Manager, now: () => Date): Reconciler {
  const allCronJobs = manager.consistentClient.resource(cronJobs);
  const allJobs = manager.consistentClient.resource(jobs);
  const cache = manager.informerFor(jobs, {
    indexers: { [jobOwnerKey]: controllerOwnerUidIndexFunc },
  });

  return async ({ namespace, name }, { signal, logger }) => {
    const cronJob = await allCronJobs.namespace(namespace).get(name, { signal });
    if (!cronJob || cronJob.metadata.deletionTimestamp !== undefined) return {};
    const plan = planOf(cronJob, cache.indexer.byIndex(jobOwnerKey, cronJob.metadata.uid), now());

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
    try {
      await allJobs
        .namespace(namespace)
        .delete(name, { propagationPolicy: 'Background', preconditions: { uid }, signal });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
