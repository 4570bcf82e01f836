import { jobs } from '@kubeloop/client';
import type { Controller, Manager } from '@kubeloop/controller';
import { cronJobs } from './cron-job.ts';
import { cronJobReconciler } from './reconciler.ts';

/** How the controller of CronJobs works. */
export interface CronJobControllerOptions {
  /** The time of day. Default: the system's. */
  readonly now?: () => Date;
}

/** The controller of CronJobs: it looks at one when it changes, when a Job of it does, and when the next run is due. */
export function cronJobController(
  manager: Manager,
  { now = () => new Date() }: CronJobControllerOptions = {},
): Controller {
  return manager
    .controller('cronjob')
    .for(cronJobs)
    .owns(jobs)
    .reconcile(cronJobReconciler(manager, now));
}
