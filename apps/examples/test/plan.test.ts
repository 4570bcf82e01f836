import { expect, test } from 'vitest';
import { jobFor } from '../src/cron-job/jobs.ts';
import { planOf } from '../src/cron-job/plan.ts';
import { aCronJob, aJob, at, jobTemplate } from './a-cron-job.ts';

test('a run that is due is started, and the next one is waited for', () => {
  const cronJob = aCronJob();

  const plan = planOf(cronJob, [], at('13:00:10'));

  expect(plan.start).toEqual(jobFor(cronJob, at('13:00')));
  expect(plan.nextInMs).toBe(59 * 60_000 + 50_000);
});

test('nothing is started between two runs', () => {
  const plan = planOf(aCronJob(), [aJob('13:00', 'Complete')], at('13:30'));

  expect(plan).toMatchObject({ start: undefined, replaced: [], expired: [], nextInMs: 1_800_000 });
});

test('a Job is named after its run, and has what the template says', () => {
  const job = jobFor(aCronJob(), at('13:00'));

  expect(job).toEqual({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: 'hello-1772370000',
      namespace: 'default',
      labels: { app: 'hello' },
      annotations: {
        note: 'from the template',
        'batch.tutorial.kubebuilder.io/scheduled-at': '2026-03-01T13:00:00Z',
      },
      ownerReferences: [
        {
          apiVersion: 'batch.tutorial.kubebuilder.io/v1',
          kind: 'CronJob',
          name: 'hello',
          uid: 'uid-of-hello',
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: jobTemplate.spec,
  });
});

test('Allow starts a run beside those that are active', () => {
  const plan = planOf(aCronJob({ concurrencyPolicy: 'Allow' }), [aJob('13:00')], at('14:00'));

  expect(plan.start?.metadata?.name).toBe('hello-1772373600');
  expect(plan.replaced).toEqual([]);
});

test('Forbid starts nothing while a Job is active, and looks again at the next run', () => {
  const plan = planOf(aCronJob({ concurrencyPolicy: 'Forbid' }), [aJob('13:00')], at('14:00'));

  expect(plan).toMatchObject({ start: undefined, replaced: [], nextInMs: 3_600_000 });
});

test('Forbid starts the missed run as soon as the active Job has ended', () => {
  const ended = [aJob('13:00', 'Complete')];

  const plan = planOf(aCronJob({ concurrencyPolicy: 'Forbid' }), ended, at('14:20'));

  expect(plan.start?.metadata?.name).toBe('hello-1772373600');
});

test('Replace deletes the active Jobs when a run is due, and not before', () => {
  const cronJob = aCronJob({ concurrencyPolicy: 'Replace' });
  const jobs = [aJob('13:00'), aJob('12:30', 'Complete')];

  const before = planOf(cronJob, jobs, at('13:59'));
  const due = planOf(cronJob, jobs, at('14:00'));

  expect(before.replaced).toEqual([]);
  expect(due.replaced).toEqual([jobs[0]]);
  expect(due.start?.metadata?.name).toBe('hello-1772373600');
});

test('a suspended CronJob starts nothing and waits for nothing', () => {
  const plan = planOf(aCronJob({ suspend: true }), [], at('15:00'));

  expect(plan).toMatchObject({ start: undefined, nextInMs: undefined });
});

test('the history keeps the latest Jobs of each outcome', () => {
  const cronJob = aCronJob({ successfulJobsHistoryLimit: 2, failedJobsHistoryLimit: 0 });
  const [third, first, second] = [
    aJob('15:00', 'Complete'),
    aJob('13:00', 'Complete'),
    aJob('14:00', 'Complete'),
  ];
  const failed = aJob('12:30', 'Failed');

  const { expired } = planOf(cronJob, [third, first, failed, second], at('15:01'));

  expect(expired).toEqual([first, failed]);
});

test('without limits the history keeps everything', () => {
  const jobs = [aJob('13:00', 'Complete'), aJob('14:00', 'Failed')];

  expect(planOf(aCronJob(), jobs, at('14:30')).expired).toEqual([]);
});

test('a run whose Job the history has deleted does not start again', () => {
  const cronJob = aCronJob(
    { successfulJobsHistoryLimit: 0 },
    { lastScheduleTime: '2026-03-01T13:00:00Z' },
  );

  const plan = planOf(cronJob, [], at('13:00:30'));

  expect(plan.start).toBeUndefined();
  expect(plan.status.lastScheduleTime).toBe('2026-03-01T13:00:00Z');
});

test('a Job with an unreadable time does not count as a run', () => {
  const job = { metadata: { annotations: { 'batch.tutorial.kubebuilder.io/scheduled-at': '?' } } };

  expect(planOf(aCronJob(), [job], at('12:30')).status.lastScheduleTime).toBeUndefined();
});

test('a schedule that cannot be read starts nothing and is told by the status', () => {
  const plan = planOf(aCronJob({ schedule: 'often' }), [], at('13:00'));

  expect(plan).toMatchObject({ start: undefined, nextInMs: undefined });
  expect(plan.status.conditions).toContainEqual(
    expect.objectContaining({
      type: 'Degraded',
      status: 'True',
      reason: 'InvalidSchedule',
      message: expect.stringContaining('Cannot read the schedule "often"'),
    }),
  );
});

test('a Job whose end is not certain is active', () => {
  const conditions = [{ type: 'Failed', status: 'False' }];
  const job = { ...aJob('13:00'), status: { conditions } };

  const plan = planOf(aCronJob({ concurrencyPolicy: 'Forbid' }), [job], at('14:00'));

  expect(plan.start).toBeUndefined();
});
