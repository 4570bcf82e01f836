import { expect, test } from 'vitest';
import type { CronJob, CronJobSpec } from '../src/cron-job/cron-job.ts';
import type { Job } from '../src/cron-job/jobs.ts';
import { planOf } from '../src/cron-job/plan.ts';
import { aCronJob, aJob, at } from './a-cron-job.ts';

const statusAt = (cronJob: CronJob, jobs: readonly Job[], time: string) =>
  planOf(cronJob, jobs, at(time)).status;

/** The conditions of a CronJob as `type=status/reason`. */
function conditions(spec: Partial<CronJobSpec>, jobs: readonly Job[]): readonly string[] {
  const { conditions: found = [] } = statusAt(aCronJob(spec), jobs, '12:30');
  return found.map(({ type, status, reason }) => `${type}=${status}/${reason}`);
}

test('the status lists the active Jobs and the time of the latest run', () => {
  const status = statusAt(aCronJob(), [aJob('14:00'), aJob('13:00', 'Complete')], '14:10');

  expect(status).toMatchObject({
    active: [{ apiVersion: 'batch/v1', kind: 'Job', name: 'hello-14:00', namespace: 'default' }],
    lastScheduleTime: '2026-03-01T14:00:00Z',
  });
});

test('without Jobs the status has neither', () => {
  expect(Object.keys(statusAt(aCronJob(), [], '12:30'))).toEqual(['conditions']);
});

test.each<[string, Partial<CronJobSpec>, readonly Job[], readonly string[]]>([
  [
    'without Jobs',
    {},
    [],
    [
      'Available=True/AllJobsCompleted',
      'Progressing=False/NoJobsActive',
      'Degraded=False/AsExpected',
    ],
  ],
  [
    'with an active Job',
    {},
    [aJob('12:00')],
    ['Available=True/JobsActive', 'Progressing=True/JobsActive', 'Degraded=False/AsExpected'],
  ],
  [
    'with a failed Job',
    {},
    [aJob('12:00', 'Failed')],
    ['Available=False/JobsFailed', 'Progressing=False/NoJobsActive', 'Degraded=True/JobsFailed'],
  ],
  [
    'when suspended',
    { suspend: true },
    [aJob('12:00')],
    ['Available=False/Suspended', 'Progressing=True/JobsActive', 'Degraded=False/AsExpected'],
  ],
])('the conditions of a CronJob %s', (_when, spec, jobs, expected) => {
  expect(conditions(spec, jobs)).toEqual(expected);
});

test('a status that says the same is the same', () => {
  const first = statusAt(aCronJob(), [aJob('12:30')], '12:31');

  expect(statusAt(aCronJob({}, first), [aJob('12:30')], '12:45')).toEqual(first);
});

test('a condition that changes says when', () => {
  const first = statusAt(aCronJob(), [], '12:31');

  const { conditions: changed } = statusAt(aCronJob({}, first), [aJob('12:30')], '12:45');

  expect(changed?.map(({ type, lastTransitionTime }) => `${type} ${lastTransitionTime}`)).toEqual([
    'Available 2026-03-01T12:31:00Z',
    'Progressing 2026-03-01T12:45:00Z',
    'Degraded 2026-03-01T12:31:00Z',
  ]);
});
