import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { describe, expect, test } from 'vitest';
import { Contender } from './support/contender.ts';
import { SharedRecord } from './support/memory-lock.ts';

function candidate(): { clock: FakeClock; shared: SharedRecord; us: Contender } {
  const clock = new FakeClock();
  const shared = new SharedRecord();
  return { clock, shared, us: new Contender(clock, shared, { coordinated: true }) };
}

describe('a coordinated election', () => {
  test.each([
    ['does not exist', undefined],
    ['is released', { holderIdentity: '' }],
    ['is held by another', { holderIdentity: 'them' }],
    ['has expired in the hands of another', { holderIdentity: 'them', leaseDurationSeconds: 1 }],
  ])('does not take a lease that %s', async (_, record) => {
    const { clock, shared, us } = candidate();
    if (record) shared.put(record);
    us.run();

    await clock.stepAsync(60_000);

    expect(us.elector.isLeader).toBe(false);
    expect(shared.writes).toHaveLength(record ? 1 : 0);
    expect(us.errors).toEqual([]);
  });

  test('leads and renews once the cluster has given the lease to this process', async () => {
    const { clock, shared, us } = candidate();
    us.run();
    await clock.stepAsync(5_000);
    const acquireTime = '2026-01-02T03:04:09.000000Z';

    shared.put({
      holderIdentity: 'us',
      strategy: 'OldestEmulationVersion',
      acquireTime,
      leaderTransitions: 4,
    });
    await clock.stepAsync(20_000);

    expect(us.elector.isLeader).toBe(true);
    expect(shared.record).toEqual({
      holderIdentity: 'us',
      leaseDurationSeconds: 15,
      leaderTransitions: 4,
      strategy: 'OldestEmulationVersion',
      acquireTime,
      renewTime: '2026-01-02T03:04:29.000000Z',
    });
  });

  test('does not renew a lease at the end of its term, and stops at the renew deadline', async () => {
    const { clock, shared, us } = candidate();
    shared.put({ holderIdentity: 'us' });
    us.run();
    await clock.settle();

    shared.put({ ...shared.record, preferredHolder: 'them' });
    const { version } = shared;
    await clock.stepAsync(10_000);

    expect(us.outcome).toMatchObject({ reason: 'renew-deadline' });
    expect(shared.version).toBe(version);
  });

  test('stops at once when the cluster has given the lease to another', async () => {
    const { clock, shared, us } = candidate();
    shared.put({ holderIdentity: 'us' });
    us.run();
    await clock.settle();

    shared.put({ holderIdentity: 'them' });
    await clock.stepAsync(2_000);

    expect(us.outcome).toMatchObject({ reason: 'taken' });
  });
});
