import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { describe, expect, test } from 'vitest';
import type { ResourceLock } from '../src/resource-lock.ts';
import { Contender } from './support/contender.ts';
import { failure, MemoryLock, SharedRecord } from './support/memory-lock.ts';

/** A lock that another holds, and one who waits for it. It was read once, and the next try is two seconds away. */
async function waiting(options: ConstructorParameters<typeof Contender>[2] = {}): Promise<{
  clock: FakeClock;
  shared: SharedRecord;
  us: Contender;
}> {
  const clock = new FakeClock();
  const shared = new SharedRecord();
  shared.put({ holderIdentity: 'them' });
  const us = new Contender(clock, shared, options).run();
  await clock.settle();
  return { clock, shared, us };
}

describe('one who waits', () => {
  test('leads as soon as the lock was given away', async () => {
    const { clock, shared, us } = await waiting();
    await clock.stepAsync(100);

    shared.put({ holderIdentity: '' });
    await clock.settle();

    expect(clock.now()).toBe(100);
    expect(us.elector.isLeader).toBe(true);
    expect(us.lock.calls).toEqual(['get', 'get', 'update']);
  });

  test('does not wait for its next try when it was busy with one while the lock was given away', async () => {
    const clock = new FakeClock();
    const shared = new SharedRecord();
    shared.put({ holderIdentity: 'them' });
    const us = new Contender(clock, shared).run();
    await clock.settle();
    const answer = Promise.withResolvers<void>();
    us.lock.awake = async () => {
      us.lock.awake = async () => {};
      await answer.promise;
    };
    await clock.stepAsync(2_000);

    shared.put({ holderIdentity: '' });
    await clock.settle();
    const before = us.elector.isLeader;
    answer.resolve();
    await clock.settle();

    expect(before).toBe(false);
    expect(clock.now()).toBe(2_000);
    expect(us.elector.isLeader).toBe(true);
  });

  test('is not woken by renewals or by another holder', async () => {
    const { clock, shared, us } = await waiting();

    shared.put({ holderIdentity: 'them', renewTime: '2026-01-02T03:04:06.000000Z' });
    shared.put({ holderIdentity: 'another' });
    await clock.stepAsync(1_999);

    expect(us.lock.calls).toEqual(['get']);
  });

  test('does not take a renewal that it only heard of for one that it read', async () => {
    const { clock, shared, us } = await waiting({ random: () => 1 });
    await clock.stepAsync(1_000);

    // It is read at 4.4 s and has run out 15 s later.
    shared.put({ holderIdentity: 'them', renewTime: '2026-01-02T03:04:06.000000Z' });
    await clock.stepAsync(18_000);
    const before = us.elector.isLeader;
    await clock.stepAsync(3_000);

    expect(before).toBe(false);
    expect(us.elector.isLeader).toBe(true);
  });

  test('of several gets the lock, and the others wait on and have nothing to complain of', async () => {
    const { clock, shared, us } = await waiting({ identity: 'a' });
    const others = ['b', 'c'].map((identity) => new Contender(clock, shared, { identity }).run());
    await clock.settle();
    const all = [us, ...others];

    shared.put({ holderIdentity: '' });
    await clock.settle();
    const leaders = all.filter(({ elector }) => elector.isLeader);
    await clock.stepAsync(10_000);

    expect(leaders).toHaveLength(1);
    expect(all.filter(({ elector }) => elector.isLeader)).toEqual(leaders);
    expect(all.flatMap(({ errors }) => errors)).toEqual([]);
    expect(shared.record?.leaderTransitions).toBe(1);
  });

  test('hears of the next release too when another was quicker', async () => {
    const { clock, shared, us } = await waiting();
    us.lock.before = (verb) => {
      if (verb !== 'update') return;
      us.lock.before = () => {};
      shared.put({ holderIdentity: 'quicker' });
    };
    shared.put({ holderIdentity: '' });
    await clock.settle();
    const afterTheFirst = us.elector.isLeader;

    shared.put({ holderIdentity: '' });
    await clock.settle();

    expect(afterTheFirst).toBe(false);
    expect(us.elector.isLeader).toBe(true);
    expect(us.lock.watches).toBe(1);
    expect(clock.now()).toBe(0);
  });

  test('goes on by tries when the one after a release fails', async () => {
    const { clock, shared, us } = await waiting();
    us.lock.faults.push('fail');

    shared.put({ holderIdentity: '' });
    await clock.stepAsync(1_999);
    const before = us.elector.isLeader;
    await clock.stepAsync(1);

    expect(before).toBe(false);
    expect(us.elector.isLeader).toBe(true);
  });
});

describe('the watch of a lock', () => {
  test('is not opened before the lock was read', async () => {
    const clock = new FakeClock();
    const shared = new SharedRecord();
    shared.put({ holderIdentity: 'them' });
    const us = new Contender(clock, shared);
    us.lock.faults.push('fail', 'fail');
    us.run();
    await clock.stepAsync(3_999);
    const before = us.lock.watches;

    await clock.stepAsync(1);

    expect(before).toBe(0);
    expect(us.lock.watches).toBe(1);
  });

  test('ends when the lock is won', async () => {
    const { clock, shared, us } = await waiting();
    expect(shared.watchCount).toBe(1);

    shared.put({ holderIdentity: '' });
    await clock.stepAsync(10_000);

    expect(us.elector.isLeader).toBe(true);
    expect(shared.watchCount).toBe(0);
    expect(us.lock.watches).toBe(1);
  });

  test('ends with a stop, before run resolves', async () => {
    const { clock, shared, us } = await waiting();

    us.stop.abort();
    await clock.settle();

    expect(us.outcome).toBe('resolved');
    expect(shared.watchCount).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test('that does not end holds up a stop for the time that a call may take, and no longer', async () => {
    const clock = new FakeClock();
    const shared = new SharedRecord();
    shared.put({ holderIdentity: 'them' });
    const us = new Contender(clock, shared);
    us.lock.watchFaults.push('never end');
    us.run();
    await clock.settle();

    us.stop.abort();
    await clock.stepAsync(4_999);
    const before = us.outcome;
    await clock.stepAsync(1);

    expect(before).toBe('running');
    expect(us.outcome).toBe('resolved');
    expect(us.errors).toMatchObject([
      { message: 'Cannot end the watch of test/memory: there was no answer within 5000 ms' },
    ]);
    expect(clock.pending).toBe(0);
  });

  test.each([
    ['switched off', { wakeOnRelease: false }],
    ['of a coordinated election', { coordinated: true }],
  ])('is not opened when it is %s', async (_, options) => {
    const { clock, us } = await waiting(options);

    await clock.stepAsync(10_000);

    expect(us.lock.watches).toBe(0);
  });

  test('may be missing: a release is then found by the next try', async () => {
    const clock = new FakeClock();
    const shared = new SharedRecord();
    shared.put({ holderIdentity: 'them' });
    // The member of the class, hidden as in a lock that has none.
    const lock = new MemoryLock(shared, 'us') as ResourceLock;
    Object.defineProperty(lock, 'watch', { value: undefined });
    const us = new Contender(clock, shared, { lock }).run();
    await clock.settle();

    shared.put({ holderIdentity: '' });
    await clock.stepAsync(1_999);
    const before = us.elector.isLeader;
    await clock.stepAsync(1);

    expect(before).toBe(false);
    expect(us.elector.isLeader).toBe(true);
    expect(us.errors).toEqual([]);
  });
});

describe('a watch that fails', () => {
  /** As {@link waiting}, with a watch that fails so often. */
  async function failing(times: number, error: Error): ReturnType<typeof waiting> {
    const clock = new FakeClock();
    const shared = new SharedRecord();
    shared.put({ holderIdentity: 'them', leaseDurationSeconds: 3_600 });
    const us = new Contender(clock, shared);
    us.lock.watchFaults.push(...Array.from({ length: times }, () => error));
    us.run();
    await clock.settle();
    return { clock, shared, us };
  }

  test('because it is forbidden is told of once and never tried again', async () => {
    const { clock, shared, us } = await failing(99, failure(403, 'Forbidden'));

    await clock.stepAsync(60_000);
    shared.put({ holderIdentity: '' });
    await clock.stepAsync(2_000);

    expect(us.errors).toMatchObject([{ code: 403 }]);
    expect(us.lock.watches).toBe(1);
    expect(us.elector.isLeader).toBe(true);
  });

  test('is opened again with each try, and told of once until it has worked', async () => {
    const { clock, shared, us } = await failing(4, failure(500, 'InternalError'));
    await clock.stepAsync(7_999);
    expect(us.lock.watches).toBe(4);
    expect(us.errors).toMatchObject([{ code: 500 }]);

    us.lock.watchFaults.push('break after one', failure(500, 'InternalError'));
    await clock.stepAsync(1);
    shared.put({ holderIdentity: 'them', renewTime: '2026-01-02T03:04:06.000000Z' });
    await clock.stepAsync(2_000);

    expect(us.errors).toMatchObject([{ code: 500 }, { code: 500 }]);
  });

  test.each([
    ['its version is too old', failure(410, 'Expired')],
    ['the server has ended it', 'end' as const],
  ])('because %s is opened again with the next try, without a word', async (_, fault) => {
    const clock = new FakeClock();
    const shared = new SharedRecord();
    shared.put({ holderIdentity: 'them' });
    const us = new Contender(clock, shared);
    us.lock.watchFaults.push(fault);
    us.run();
    await clock.stepAsync(1_999);
    expect([us.lock.watches, shared.watchCount]).toEqual([1, 0]);
    await clock.stepAsync(1);

    shared.put({ holderIdentity: '' });
    await clock.settle();

    expect(us.elector.isLeader).toBe(true);
    expect(us.errors).toEqual([]);
  });

  test('is opened at most once in a retry period, although releases make tries come sooner', async () => {
    const clock = new FakeClock();
    const shared = new SharedRecord();
    shared.put({ holderIdentity: 'them' });
    const us = new Contender(clock, shared);
    us.lock.watchFaults.push('break after one');
    // Another is always quicker.
    us.lock.before = () => {
      if (shared.record?.holderIdentity === '') shared.put({ holderIdentity: 'quicker' });
    };
    us.run();
    await clock.settle();

    shared.put({ holderIdentity: '' });
    await clock.stepAsync(1_999);
    const before = [us.lock.calls.length, us.lock.watches];
    await clock.stepAsync(1);

    expect(before).toEqual([2, 1]);
    expect(us.lock.watches).toBe(2);
  });
});
