import { Cron } from 'croner';
import type { CronJob } from './cron-job.ts';

/** Runs of a schedule around now. */
export interface Runs {
  /** The latest run that was due and has not been started. */
  readonly missed: Date | undefined;
  /** The first run that is still to come; a schedule such as `0 0 30 2 *` has none. */
  readonly next: Date | undefined;
}

/** How many missed runs are counted before the schedule, or a clock, is taken for wrong. */
const mostMissed = 100;

/**
 * The latest run that was missed, and the next one.
 *
 * Runs before the last one that was started, before the CronJob was created, or beyond its starting deadline do not count.
 *
 * @param lastRun - for when the latest run that was started was scheduled
 * @throws Error when the schedule cannot be read, or when more than 100 runs were missed: then a clock is wrong, or the
 * controller was away for long, and nobody wants to go through all of them
 */
export function runsOf(cronJob: CronJob, lastRun: Date | undefined, now: Date): Runs {
  const { schedule, startingDeadlineSeconds: deadline } = cronJob.spec;
  const cron = parse(schedule);
  const since = (lastRun ?? new Date(cronJob.metadata.creationTimestamp)).getTime();
  const startable = now.getTime() - (deadline ?? Infinity) * 1000;
  const earliest = Math.min(Math.max(since, startable), now.getTime());

  let missed: Date | undefined;
  let count = 0;
  let next = cron.nextRun(new Date(earliest));
  for (; next && next <= now; next = cron.nextRun(next)) {
    missed = next;
    count += 1;
    if (count > mostMissed)
      throw new Error(
        `Cannot catch up with the schedule "${schedule}": more than ${mostMissed} start times were missed; set or decrease spec.startingDeadlineSeconds, or check the clocks`,
      );
  }
  return { missed, next: next ?? undefined };
}

function parse(schedule: string): Cron {
  try {
    return new Cron(schedule, { mode: '5-part', timezone: 'UTC' });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Cannot read the schedule "${schedule}": ${why}`, { cause });
  }
}
