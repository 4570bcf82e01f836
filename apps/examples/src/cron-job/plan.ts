import type { CronJob, CronJobStatus } from './cron-job.ts';
import { jobFor, scheduledAt, sortJobs, type Job } from './jobs.ts';
import { runsOf, type Runs } from './schedule.ts';
import { statusOf } from './status.ts';

/** What is to be done for a CronJob. */
export interface Plan {
  /** What its status is to say. */
  readonly status: CronJobStatus;
  /** Old Jobs that are to go. */
  readonly expired: readonly Job[];
  /** Active Jobs that the new one replaces. */
  readonly replaced: readonly Job[];
  /** The Job to start. */
  readonly start: Job | undefined;
  /** How long it is until the next run. */
  readonly nextInMs: number | undefined;
}

/**
 * What is to be done for a CronJob now, from nothing but the CronJob, its Jobs and the time: nothing is read, nothing is
 * written, and the same question has the same answer.
 */
export function planOf(cronJob: CronJob, itsJobs: readonly Job[], now: Date): Plan {
  const { spec } = cronJob;
  const jobs = sortJobs(itsJobs);
  const lastRun = latest([recordedRun(cronJob), ...itsJobs.map(scheduledAt)]);
  const { missed, next, problem } = spec.suspend ? nothing : runsOrProblem(cronJob, lastRun, now);
  const isBlocked = spec.concurrencyPolicy === 'Forbid' && jobs.active.length > 0;
  const due = isBlocked ? undefined : missed;
  return {
    status: statusOf(cronJob, { jobs, lastRun, problem, now }),
    expired: [
      ...oldest(jobs.succeeded, spec.successfulJobsHistoryLimit),
      ...oldest(jobs.failed, spec.failedJobsHistoryLimit),
    ],
    replaced: due && spec.concurrencyPolicy === 'Replace' ? jobs.active : [],
    start: due && jobFor(cronJob, due),
    nextInMs: next && next.getTime() - now.getTime(),
  };
}

interface RunsOrProblem extends Runs {
  /** Why the runs are not known. */
  readonly problem?: string | undefined;
}

const nothing: RunsOrProblem = { missed: undefined, next: undefined };

function runsOrProblem(cronJob: CronJob, lastRun: Date | undefined, now: Date): RunsOrProblem {
  try {
    return runsOf(cronJob, lastRun, now);
  } catch (error) {
    return { ...nothing, problem: error instanceof Error ? error.message : String(error) };
  }
}

/** What the status remembers: Jobs are deleted, and their runs must not start again for that. */
function recordedRun({ status }: CronJob): Date | undefined {
  return status?.lastScheduleTime === undefined ? undefined : new Date(status.lastScheduleTime);
}

function latest(times: readonly (Date | undefined)[]): Date | undefined {
  return times.filter((time) => time !== undefined).toSorted((a, b) => +b - +a)[0];
}

/** What is beyond a limit; nothing without one. */
function oldest(jobs: readonly Job[], limit: number | undefined): readonly Job[] {
  return limit === undefined ? [] : jobs.slice(0, Math.max(0, jobs.length - limit));
}
