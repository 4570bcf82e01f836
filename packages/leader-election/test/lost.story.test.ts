import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { describe, expect, test } from 'vitest';
import { LeadershipLostError } from '../src/leadership-lost-error.ts';
import { Contender } from './support/contender.ts';
import { SharedRecord } from './support/memory-lock.ts';
import { PausableProcess } from './support/process.ts';

async function leader(
  options: ConstructorParameters<typeof Contender>[2] = {},
): Promise<{ clock: FakeClock; shared: SharedRecord; us: Contender }> {
  const clock = new FakeClock();
  const shared = new SharedRecord();
  const us = new Contender(clock, shared, options).run();
  await clock.settle();
  us.lock.calls.length = 0;
  return { clock, shared, us };
}

describe('a leadership that is not renewed', () => {
  test('ends when the renew deadline has passed since the last renewal was sent', async () => {
    const { clock, us } = await leader();
    await clock.stepAsync(2_000);
    us.lock.outage = 'fail';

    await clock.stepAsync(9_999);
    const before = us.signal?.aborted;
    await clock.stepAsync(1);

    expect(before).toBe(false);
    expect(us.signal?.aborted).toBe(true);
    expect(us.elector.isLeader).toBe(false);
  });

  test('rejects run with what was lost and why, and leaves nothing behind', async () => {
    const { clock, us } = await leader();
    us.lock.outage = 'fail';

    await clock.stepAsync(10_000);

    expect(LeadershipLostError.is(us.outcome)).toBe(true);
    expect(us.outcome).toMatchObject({
      reason: 'renew-deadline',
      message: 'Lost the leadership of test/memory: it was not renewed within 10000 ms',
      cause: { code: 500 },
    });
    expect(us.signal?.reason).toBe(us.outcome);
    expect(us.log).toEqual(['leader us', 'started', 'aborted', 'stopped']);
    expect(clock.pending).toBe(0);
  });

  test('ends in time although a call never answers and does not heed its signal', async () => {
    const { clock, us } = await leader();
    us.lock.update = () => new Promise(() => {});
    us.lock.get = () => new Promise(() => {});

    await clock.stepAsync(10_000);

    expect(us.outcome).toMatchObject({ reason: 'renew-deadline' });
    expect(clock.pending).toBe(0);
  });

  test('does not wait for work that ignores its signal, and hears when that fails later', async () => {
    const clock = new FakeClock();
    const us = new Contender(clock, new SharedRecord());
    const work = Promise.withResolvers<void>();
    us.work = work.promise;
    us.run();
    await clock.settle();
    us.lock.outage = 'fail';
    await clock.stepAsync(10_000);
    us.errors.length = 0;

    work.reject(new Error('late'));
    await clock.settle();

    expect(us.outcome).toMatchObject({ reason: 'renew-deadline' });
    expect(us.errors).toEqual([new Error('late')]);
  });

  test('releases nothing, because the work may be on its way out', async () => {
    const { clock, shared, us } = await leader({ releaseOnCancel: true });
    us.lock.faults.push(...Array<'fail'>(12).fill('fail'));

    await clock.stepAsync(10_000);

    expect(us.outcome).toMatchObject({ reason: 'renew-deadline' });
    expect(shared.record?.holderIdentity).toBe('us');
  });

  test('goes on when a renewal works before the deadline', async () => {
    const { clock, us } = await leader();
    us.lock.faults.push(...Array<'fail'>(6).fill('fail'));

    await clock.stepAsync(30_000);

    expect(us.elector.isLeader).toBe(true);
    expect(us.errors).toHaveLength(3);
  });

  test('is renewed after an update whose answer was lost', async () => {
    const { clock, us } = await leader();
    us.lock.faults.push('lose the answer');

    await clock.stepAsync(20_000);

    expect(us.elector.isLeader).toBe(true);
    expect(us.outcome).toBe('running');
  });
});

describe('a lock that is not ours any more', () => {
  test.each([
    ['somebody else', 'them', '"them" holds it'],
    ['nobody', '', 'nobody holds it'],
  ])('ends the leadership at once when %s holds it', async (_, holderIdentity, detail) => {
    const { clock, shared, us } = await leader();

    shared.put({ holderIdentity });
    await clock.stepAsync(2_000);

    expect(us.outcome).toMatchObject({
      reason: 'taken',
      message: `Lost the leadership of test/memory: ${detail}`,
    });
    expect(us.signal?.aborted).toBe(true);
    expect(shared.record?.holderIdentity).toBe(holderIdentity);
  });

  test('may be won again by another run of the same elector', async () => {
    const { clock, shared, us } = await leader();
    shared.put({ holderIdentity: 'them', leaseDurationSeconds: 5, leaderTransitions: 1 });
    await clock.stepAsync(2_000);
    us.log.length = 0;

    us.run();
    await clock.stepAsync(6_000);

    expect(us.log).toEqual(['leader us', 'started']);
    expect(shared.record?.leaderTransitions).toBe(2);
  });
});

describe('a process that was paused', () => {
  async function pausedLeader(): Promise<{
    clock: FakeClock;
    shared: SharedRecord;
    process: PausableProcess;
    us: Contender;
  }> {
    const clock = new FakeClock();
    const shared = new SharedRecord();
    const process = new PausableProcess(clock);
    const us = new Contender(clock, shared, { clock: process });
    us.lock.awake = () => process.awake();
    us.run();
    await clock.settle();
    return { clock, shared, process, us };
  }

  test('does not call itself leader from the deadline on, before any timer has fired', async () => {
    const { clock, process, us } = await pausedLeader();

    process.pause();
    await clock.stepAsync(10_000);

    expect(us.signal?.aborted).toBe(false);
    expect(us.elector.isLeader).toBe(false);
  });

  test('tells its work when that asks, before any timer has fired, and the signal has aborted by then', async () => {
    const { clock, process, us } = await pausedLeader();
    await clock.stepAsync(9_999);
    const before = [us.mayAct?.(), us.signal?.aborted];

    process.pause();
    await clock.stepAsync(10_000);

    expect(before).toEqual([true, false]);
    expect(us.mayAct?.()).toBe(false);
    expect(us.signal?.reason).toMatchObject({ reason: 'renew-deadline' });
    await process.resume();
    expect(us.outcome).toBe(us.signal?.reason);
  });

  test('tells its work that asks after a stop that nothing may begin any more', async () => {
    const { clock, us } = await leader();

    us.stop.abort();
    await clock.settle();

    expect(us.mayAct?.()).toBe(false);
    expect(us.outcome).toBe('resolved');
  });

  test('aborts the signal of its leader when it wakes up, before it renews', async () => {
    const { clock, shared, process, us } = await pausedLeader();
    process.pause();
    await clock.stepAsync(12_000);
    us.lock.calls.length = 0;

    await process.resume();

    expect(us.signal?.aborted).toBe(true);
    expect(us.lock.calls).toEqual([]);
    expect(us.outcome).toMatchObject({ reason: 'renew-deadline' });
    expect(shared.record?.holderIdentity).toBe('us');
  });

  test('goes on when it wakes up before the deadline', async () => {
    const { clock, process, us } = await pausedLeader();
    process.pause();
    await clock.stepAsync(9_000);

    await process.resume();
    await clock.stepAsync(30_000);

    expect(us.elector.isLeader).toBe(true);
  });

  test('does not go on because of a renewal that was answered after the deadline', async () => {
    const { clock, process, us } = await pausedLeader();
    us.lock.before = () => process.pause();
    await clock.stepAsync(10_500);

    await process.resume({ answersFirst: true });

    // Sent after 2 s, the renewal would have been good until 12 s.
    expect(us.lock.calls.at(-1)).toBe('update');
    expect(us.outcome).toMatchObject({ reason: 'renew-deadline' });
  });

  test.each([[false], [true]])(
    'does not begin to lead by a win whose answer is older than the renew deadline (answers first: %s)',
    async (answersFirst) => {
      const clock = new FakeClock();
      const process = new PausableProcess(clock);
      const us = new Contender(clock, new SharedRecord(), { clock: process });
      us.lock.awake = () => process.awake();
      us.lock.before = (verb) => verb === 'create' && process.pause();
      us.run();
      await clock.stepAsync(11_000);
      const startsAt: string[] = [];
      us.lock.before = (verb) => void startsAt.push(`${verb} at ${clock.now()}`);

      await process.resume({ answersFirst });
      await clock.stepAsync(2_000);

      expect(us.elector.isLeader).toBe(true);
      expect(us.log).toEqual(['leader us', 'started']);
      expect(startsAt[0]).toBe(answersFirst ? 'update at 11000' : 'get at 13000');
    },
  );

  test('looks before it takes a lock again that it held until its lease expired', async () => {
    const { clock, us } = await pausedLeader();
    us.lock.outage = 'fail';
    await clock.stepAsync(16_000);
    us.lock.outage = undefined;
    us.lock.calls.length = 0;

    us.run();
    await clock.settle();

    expect(us.lock.calls).toEqual(['get', 'update']);
    expect(us.elector.isLeader).toBe(true);
  });
});
