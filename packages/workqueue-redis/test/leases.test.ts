import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { expect, test } from 'vitest';
import { Leases } from '../src/leases.ts';
import { StaleRunError } from '@kubeloop/workqueue/engine';
import { Run } from '../src/run.ts';

const leaseMs = 3000;

function rig(renew: (keys: readonly string[]) => Promise<readonly string[]>) {
  const clock = new FakeClock();
  const day = { aheadMs: 0 };
  const stale: string[] = [];
  const renewals: number[] = [];
  const leases = new Leases({
    clock,
    epochNow: () => clock.now() + day.aheadMs,
    leaseMs,
    renew: async (runs) => {
      renewals.push(clock.now());
      return new Set(await renew(runs.map(({ taken }) => taken.key)));
    },
    onStale: (runs) => stale.push(...runs.map(({ taken }) => taken.key)),
  });
  const start = (key: string): Run => {
    const run = new Run({ key, fence: '1', priority: 0, failures: 0 }, clock.now());
    leases.add(run, leases.now());
    return run;
  };
  return { clock, day, leases, start, stale, renewals };
}

const nothingLost = async (): Promise<readonly string[]> => [];
const noAnswer = async (): Promise<readonly string[]> => {
  throw new Error('no answer');
};

test('all keys are renewed every third of the lease by one call, for as long as they are in work', async () => {
  const { clock, leases, start, stale, renewals } = rig(nothingLost);
  const runs = [start('a'), start('b')];
  await clock.stepAsync(10 * leaseMs);

  for (const run of runs) leases.delete(run);
  await clock.stepAsync(leaseMs);

  expect(renewals).toHaveLength(30);
  expect(stale).toEqual([]);
  expect(clock.pending).toBe(0);
});

test('without an answer the run is told to stop a tenth before the end of the lease', async () => {
  const { clock, start, stale } = rig(noAnswer);
  const run = start('a');

  await clock.stepAsync(0.9 * leaseMs - 1);
  expect(run.signal.aborted).toBe(false);
  await clock.stepAsync(2);

  expect(run.signal.reason).toBeInstanceOf(StaleRunError);
  expect(stale).toEqual(['a']);
  expect(clock.pending).toBe(0);
});

test('a lease counts from when it was asked for, not from the answer', async () => {
  const answers: (() => void)[] = [];
  const { clock, start } = rig(async () => {
    const { promise, resolve } = Promise.withResolvers<readonly string[]>();
    answers.push(() => resolve([]));
    return promise;
  });
  const run = start('a');
  await clock.stepAsync(leaseMs / 3);
  await clock.stepAsync(leaseMs / 3);
  answers[0]?.();
  await clock.settle();

  // Asked for after a third: it ends nine tenths of a lease later.
  await clock.stepAsync(leaseMs / 3 + 0.9 * leaseMs - (2 * leaseMs) / 3 - 1);
  expect(run.signal.aborted).toBe(false);
  await clock.stepAsync(leaseMs);

  expect(run.signal.aborted).toBe(true);
});

test('the run whose key is lost at the server is told, and others go on', async () => {
  const { clock, start, stale } = rig(async () => ['a']);
  const lost = start('a');
  const kept = start('b');

  await clock.stepAsync(leaseMs / 3);

  expect([lost.signal.aborted, kept.signal.aborted]).toEqual([true, false]);
  expect(stale).toEqual(['a']);
});

test('a host that slept, so that only the time of day went on, has lost its leases', () => {
  const { day, leases } = rig(nothingLost);
  const sent = leases.now();
  expect(leases.isValid(sent)).toBe(true);

  day.aheadMs = leaseMs;

  expect(leases.isValid(sent)).toBe(false);
});

test('giving all up tells every run and leaves no timer', () => {
  const { clock, leases, start } = rig(nothingLost);
  const runs = [start('a'), start('b')];

  leases.abandon('the queue is closed');

  expect(runs.every((run) => run.isStale)).toBe(true);
  expect(clock.pending).toBe(0);
});
