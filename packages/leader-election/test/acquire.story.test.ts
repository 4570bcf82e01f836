import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { describe, expect, test } from 'vitest';
import { Contender } from './support/contender.ts';
import { SharedRecord } from './support/memory-lock.ts';

interface Scene {
  readonly clock: FakeClock;
  readonly shared: SharedRecord;
}

function scene(): Scene {
  return { clock: new FakeClock(), shared: new SharedRecord() };
}

describe('acquiring', () => {
  test('a lock that does not exist is created and ours', async () => {
    const { clock, shared } = scene();
    const us = new Contender(clock, shared).run();

    await clock.settle();

    expect(us.lock.calls).toEqual(['get', 'create']);
    expect(us.log).toEqual(['leader us', 'started']);
    expect(shared.record).toEqual({
      holderIdentity: 'us',
      leaseDurationSeconds: 15,
      leaderTransitions: 0,
      acquireTime: '2026-01-02T03:04:05.000000Z',
      renewTime: '2026-01-02T03:04:05.000000Z',
    });
  });

  test('a blank lock is taken at once', async () => {
    const { clock, shared } = scene();
    shared.put({ leaseDurationSeconds: 0 });
    const us = new Contender(clock, shared).run();

    await clock.settle();

    expect(us.elector.isLeader).toBe(true);
    expect(shared.record).toMatchObject({ holderIdentity: 'us', leaderTransitions: 1 });
  });

  test('a released lock is taken at once, whatever its duration', async () => {
    const { clock, shared } = scene();
    shared.put({ holderIdentity: '', leaseDurationSeconds: 3_600, leaderTransitions: 4 });
    const us = new Contender(clock, shared).run();

    await clock.settle();

    expect(us.elector.isLeader).toBe(true);
    expect(shared.record?.leaderTransitions).toBe(5);
  });

  test('a lock that somebody else holds is left alone until its holder has been silent for the lease duration', async () => {
    const { clock, shared } = scene();
    shared.put({ holderIdentity: 'them', leaseDurationSeconds: 15, leaderTransitions: 1 });
    const us = new Contender(clock, shared).run();

    await clock.stepAsync(14_999);
    const before = us.elector.isLeader;
    await clock.stepAsync(2_001);

    expect(before).toBe(false);
    expect(us.elector.isLeader).toBe(true);
    expect(us.log).toEqual(['leader them', 'leader us', 'started']);
    expect(shared.record).toMatchObject({ holderIdentity: 'us', leaderTransitions: 2 });
  });

  test('the time that counts is when this process saw the record change, not what the record says', async () => {
    const { clock, shared } = scene();
    const longAgo = '1999-01-01T00:00:00.000000Z';
    const farAhead = '2999-01-01T00:00:00.000000Z';
    shared.put({ holderIdentity: 'them', leaseDurationSeconds: 15, renewTime: longAgo });
    const us = new Contender(clock, shared).run();
    await clock.stepAsync(14_000);

    shared.put({ holderIdentity: 'them', leaseDurationSeconds: 15, renewTime: farAhead });
    await clock.stepAsync(14_000);
    const whileTheyRenew = us.elector.isLeader;
    await clock.stepAsync(6_000);

    expect(whileTheyRenew).toBe(false);
    expect(us.elector.isLeader).toBe(true);
  });

  test('a change of a microsecond is a renewal', async () => {
    const { clock, shared } = scene();
    const record = { holderIdentity: 'them', leaseDurationSeconds: 15 };
    shared.put({ ...record, renewTime: '2026-01-02T03:04:05.000001Z' });
    const us = new Contender(clock, shared).run();
    await clock.stepAsync(10_000);

    shared.put({ ...record, renewTime: '2026-01-02T03:04:05.000002Z' });
    await clock.stepAsync(10_000);

    expect(us.elector.isLeader).toBe(false);
  });

  test('the duration that counts is the one that the holder wrote', async () => {
    const { clock, shared } = scene();
    shared.put({ holderIdentity: 'them', leaseDurationSeconds: 60 });
    const us = new Contender(clock, shared).run();

    await clock.stepAsync(59_000);
    const before = us.elector.isLeader;
    await clock.stepAsync(2_000);

    expect(before).toBe(false);
    expect(us.elector.isLeader).toBe(true);
  });

  test('a lock that this identity holds already is renewed, and stays the same leadership', async () => {
    const { clock, shared } = scene();
    const acquireTime = '2026-01-01T00:00:00.000000Z';
    shared.put({ holderIdentity: 'us', acquireTime, leaderTransitions: 7 });
    const us = new Contender(clock, shared).run();

    await clock.settle();

    expect(us.elector.isLeader).toBe(true);
    expect(shared.record).toMatchObject({ acquireTime, leaderTransitions: 7 });
  });

  test('of two that see the same released lock only one gets it', async () => {
    const { clock, shared } = scene();
    shared.put({ holderIdentity: '' });
    const first = new Contender(clock, shared, { identity: 'first' }).run();
    const second = new Contender(clock, shared, { identity: 'second' }).run();

    await clock.stepAsync(5_000);

    expect([first, second].filter(({ elector }) => elector.isLeader)).toHaveLength(1);
    expect(shared.record?.leaderTransitions).toBe(1);
    expect(second.elector.leader).toBe(first.elector.leader);
  });

  test.each([
    [0, 2_000],
    [0.5, 3_200],
    [0.999, 4_397.6],
  ])('with a random %d the next try comes after %d ms', async (random, delayMs) => {
    const { clock, shared } = scene();
    shared.put({ holderIdentity: 'them' });
    const us = new Contender(clock, shared, { random: () => random }).run();

    await clock.settle();

    expect(us.lock.calls).toEqual(['get']);
    expect(clock.untilNextMs).toBeCloseTo(delayMs);
  });

  test('a failing API is asked again, and told of', async () => {
    const { clock, shared } = scene();
    const us = new Contender(clock, shared);
    us.lock.faults.push('fail');
    us.run();

    await clock.stepAsync(2_000);

    expect(us.errors).toMatchObject([{ code: 500 }]);
    expect(us.elector.isLeader).toBe(true);
  });

  test('an API that does not answer is given up after half the renew deadline', async () => {
    const { clock, shared } = scene();
    const us = new Contender(clock, shared);
    us.lock.faults.push('hang');
    us.run();

    await clock.stepAsync(5_000);

    expect(us.errors).toMatchObject([
      { message: 'Cannot get test/memory: there was no answer within 5000 ms' },
    ]);
    expect(clock.untilNextMs).toBe(2_000);
  });

  test('nothing is tried after a stop, and onStoppedLeading is called although nothing was led', async () => {
    const { clock, shared } = scene();
    shared.put({ holderIdentity: 'them' });
    const us = new Contender(clock, shared).run();
    await clock.stepAsync(3_000);

    us.stop.abort();
    await clock.settle();

    expect(us.outcome).toBe('resolved');
    expect(us.log).toEqual(['leader them', 'stopped']);
    expect(clock.pending).toBe(0);
  });

  test('a stop before the start tries nothing', async () => {
    const { clock, shared } = scene();
    const us = new Contender(clock, shared);
    us.stop.abort();

    us.run();
    await clock.settle();

    expect(us.lock.calls).toEqual([]);
    expect(us.log).toEqual(['stopped']);
  });
});

describe('renewing', () => {
  test('a leader renews by one update without a look', async () => {
    const { clock, shared } = scene();
    const us = new Contender(clock, shared).run();
    await clock.settle();
    us.lock.calls.length = 0;

    await clock.stepAsync(6_000);

    expect(us.lock.calls).toEqual(['update', 'update', 'update']);
    expect(shared.record).toMatchObject({
      acquireTime: '2026-01-02T03:04:05.000000Z',
      renewTime: '2026-01-02T03:04:11.000000Z',
      leaderTransitions: 0,
    });
  });

  test('after a conflict a leader looks and updates', async () => {
    const { clock, shared } = scene();
    const slow: string[] = [];
    const metrics = {
      on: () => {},
      off: () => {},
      slowpathExercised: (name: string) => void slow.push(name),
    };
    const us = new Contender(clock, shared, { metrics, name: 'shop' }).run();
    await clock.settle();
    us.lock.calls.length = 0;

    // Somebody has changed something else of the object.
    shared.put(shared.record!);
    await clock.stepAsync(2_000);

    expect(us.lock.calls).toEqual(['update', 'get', 'update']);
    expect(us.elector.isLeader).toBe(true);
    expect(slow).toEqual(['shop']);
    expect(us.errors).toEqual([]);
  });

  test('a leader whose lock was deleted creates it again', async () => {
    const { clock, shared } = scene();
    shared.put({ holderIdentity: '', leaderTransitions: 8 });
    const us = new Contender(clock, shared).run();
    await clock.settle();

    shared.record = undefined;
    shared.version += 1;
    await clock.stepAsync(2_000);

    expect(us.lock.calls.slice(-3)).toEqual(['update', 'get', 'create']);
    expect(us.elector.isLeader).toBe(true);
    expect(shared.record).toMatchObject({ holderIdentity: 'us', leaderTransitions: 9 });
  });
});
