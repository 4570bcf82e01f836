import { expect, test } from 'vitest';
import { runsOf } from '../src/cron-job/schedule.ts';
import { aCronJob, at } from './a-cron-job.ts';

test('before the first run is due nothing is missed', () => {
  expect(runsOf(aCronJob(), undefined, at('12:59:59'))).toEqual({
    missed: undefined,
    next: at('13:00'),
  });
});

test('a run is due at its very second', () => {
  expect(runsOf(aCronJob(), undefined, at('13:00'))).toEqual({
    missed: at('13:00'),
    next: at('14:00'),
  });
});

test('of several missed runs the latest counts', () => {
  expect(runsOf(aCronJob(), undefined, at('15:30'))).toEqual({
    missed: at('15:00'),
    next: at('16:00'),
  });
});

test('runs up to the last one that was started are not missed', () => {
  expect(runsOf(aCronJob(), at('15:00'), at('15:30')).missed).toBeUndefined();
});

test('a run beyond its starting deadline is not missed', () => {
  const cronJob = aCronJob({ startingDeadlineSeconds: 60 });

  expect(runsOf(cronJob, undefined, at('13:00:59')).missed).toEqual(at('13:00'));
  expect(runsOf(cronJob, undefined, at('13:01:00')).missed).toBeUndefined();
});

test('a deadline does not bring back what was before the creation', () => {
  const cronJob = aCronJob({ startingDeadlineSeconds: 86_400 });

  expect(runsOf(cronJob, undefined, at('12:30')).missed).toBeUndefined();
});

test('a CronJob of the future waits for the next run from now', () => {
  expect(runsOf(aCronJob(), undefined, at('09:30'))).toEqual({
    missed: undefined,
    next: at('10:00'),
  });
});

test('100 missed runs are caught up with, more are not', () => {
  const cronJob = aCronJob({ schedule: '* * * * *' });

  expect(runsOf(cronJob, undefined, at('13:40')).missed).toEqual(at('13:40'));
  expect(() => runsOf(cronJob, undefined, at('13:41'))).toThrow(
    'Cannot catch up with the schedule "* * * * *": more than 100 start times were missed; set or decrease spec.startingDeadlineSeconds, or check the clocks',
  );
});

test('a starting deadline lets a CronJob catch up after a long pause', () => {
  const cronJob = aCronJob({ schedule: '* * * * *', startingDeadlineSeconds: 100 });

  expect(runsOf(cronJob, undefined, at('23:00')).missed).toEqual(at('23:00'));
});

test('a schedule can be a name', () => {
  const { next } = runsOf(aCronJob({ schedule: '@daily' }), undefined, at('13:00'));

  expect(next).toEqual(new Date('2026-03-02T00:00:00Z'));
});

test('a schedule without any run has no next one', () => {
  const runs = runsOf(aCronJob({ schedule: '0 0 30 2 *' }), undefined, at('13:00'));

  expect(runs).toEqual({ missed: undefined, next: undefined });
});

test('a schedule is in UTC', () => {
  const { next } = runsOf(aCronJob({ schedule: '30 14 * * *' }), undefined, at('13:00'));

  expect(next).toEqual(at('14:30'));
});

test.each(['', 'every day', '* * * *', '* * * * * *', '61 * * * *'])(
  'the schedule "%s" is refused by its name',
  (schedule) => {
    expect(() => runsOf(aCronJob({ schedule }), undefined, at('13:00'))).toThrow(
      `Cannot read the schedule "${schedule}"`,
    );
  },
);
