import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { describe, expect, test } from 'vitest';
import { Contender } from './support/contender.ts';
import { SharedRecord } from './support/memory-lock.ts';

async function leader(options: ConstructorParameters<typeof Contender>[2] = {}): Promise<{
  clock: FakeClock;
  shared: SharedRecord;
  us: Contender;
  work: PromiseWithResolvers<void>;
}> {
  const clock = new FakeClock();
  const shared = new SharedRecord();
  const us = new Contender(clock, shared, { releaseOnCancel: true, ...options });
  const work = Promise.withResolvers<void>();
  us.work = work.promise;
  us.run();
  await clock.settle();
  return { clock, shared, us, work };
}

describe('a leader that is stopped', () => {
  test('aborts the signal of its work at once and with the reason of the stop', async () => {
    const { us } = await leader();
    const reason = new Error('enough');

    us.stop.abort(reason);

    expect(us.signal?.reason).toBe(reason);
  });

  test('releases the lock only after its work has ended, and renews it until then', async () => {
    const { clock, shared, us, work } = await leader();

    us.stop.abort();
    await clock.stepAsync(20_000);
    const whileDraining = shared.record;
    work.resolve();
    await clock.settle();

    expect(whileDraining).toMatchObject({
      holderIdentity: 'us',
      renewTime: '2026-01-02T03:04:25.000000Z',
    });
    expect(us.outcome).toBe('resolved');
    expect(us.log).toEqual(['leader us', 'started', 'aborted', 'stopped']);
    expect(clock.pending).toBe(0);
  });

  test('releases by an empty holder and a lease of one second, after a fresh look', async () => {
    const { clock, shared, us, work } = await leader();
    await clock.stepAsync(500);
    us.lock.calls.length = 0;

    us.stop.abort();
    work.resolve();
    await clock.settle();

    expect(us.lock.calls).toEqual(['get', 'update']);
    expect(shared.record).toEqual({
      holderIdentity: '',
      leaseDurationSeconds: 1,
      leaderTransitions: 0,
      acquireTime: '2026-01-02T03:04:05.500000Z',
      renewTime: '2026-01-02T03:04:05.500000Z',
    });
    expect(us.elector.leader).toBeUndefined();
  });

  test('is followed by the next one at its next try', async () => {
    const { clock, shared, us, work } = await leader();
    const next = new Contender(clock, shared, { identity: 'next', random: () => 1 }).run();
    await clock.stepAsync(1_000);

    us.stop.abort();
    work.resolve();
    await clock.stepAsync(4_400);

    expect(next.elector.isLeader).toBe(true);
    expect(shared.record?.leaderTransitions).toBe(1);
  });

  test('looks again when the release meets a conflict', async () => {
    const { clock, shared, us, work } = await leader();
    us.stop.abort();
    us.lock.calls.length = 0;
    // The conflict comes to the update that follows the look.
    us.lock.before = (verb) => {
      if (verb !== 'update') return;
      us.lock.before = () => {};
      us.lock.faults.push('conflict');
    };

    work.resolve();
    await clock.settle();

    expect(us.lock.calls).toEqual(['get', 'update', 'get', 'update']);
    expect(shared.record?.holderIdentity).toBe('');
  });

  test('releases the lock also when a renewal was under way that the server has carried out', async () => {
    const { clock, shared, us, work } = await leader();
    us.lock.faults.push('lose the answer');
    await clock.stepAsync(2_000);

    us.stop.abort();
    work.resolve();
    await clock.settle();

    expect(shared.record?.holderIdentity).toBe('');
    expect(us.outcome).toBe('resolved');
  });

  test('never releases a lock that has become somebody else’s', async () => {
    const { clock, shared, us, work } = await leader();
    us.stop.abort();
    shared.put({ holderIdentity: 'them', leaderTransitions: 1 });

    work.resolve();
    await clock.settle();

    expect(shared.record).toMatchObject({ holderIdentity: 'them', leaderTransitions: 1 });
    expect(us.errors).toEqual([]);
  });

  test('does not mind a lock that is gone', async () => {
    const { clock, shared, us, work } = await leader();
    us.stop.abort();
    shared.record = undefined;

    work.resolve();
    await clock.settle();

    expect(us.outcome).toBe('resolved');
    expect(us.errors).toEqual([]);
  });

  test('gives the release up after the renew deadline and says so', async () => {
    const { clock, us, work } = await leader();
    us.lock.outage = 'hang';
    us.stop.abort();
    work.resolve();

    await clock.stepAsync(10_000);

    expect(us.outcome).toBe('resolved');
    expect(us.errors.map(String)).toContainEqual(expect.stringContaining('within 5000 ms'));
    expect(clock.pending).toBe(0);
  });

  test('keeps the lock unless told to release it', async () => {
    const { clock, shared, us, work } = await leader({ releaseOnCancel: false });

    us.stop.abort();
    work.resolve();
    await clock.settle();

    expect(us.outcome).toBe('resolved');
    expect(shared.record?.holderIdentity).toBe('us');
  });

  test('is given up without a release when its work does not end in time', async () => {
    const { clock, shared, us } = await leader({ drainTimeoutMs: 7_000 });

    us.stop.abort();
    await clock.stepAsync(7_000);

    expect(us.outcome).toMatchObject({
      reason: 'drain-timeout',
      message: 'Lost the leadership of test/memory: its work did not end within 7000 ms',
    });
    expect(shared.record?.holderIdentity).toBe('us');
    expect(clock.pending).toBe(0);
  });

  test('loses its lock when renewing fails while its work ends', async () => {
    const { clock, us } = await leader();
    us.stop.abort();
    us.lock.outage = 'fail';

    await clock.stepAsync(10_000);

    expect(us.outcome).toMatchObject({ reason: 'renew-deadline' });
  });

  test('releases a lock that it won while it was being stopped', async () => {
    const clock = new FakeClock();
    const shared = new SharedRecord();
    const us = new Contender(clock, shared, { releaseOnCancel: true });
    us.lock.before = (verb) => verb === 'create' && us.lock.faults.push('lose the answer');
    us.run();
    await clock.settle();
    expect(shared.record?.holderIdentity).toBe('us');

    us.stop.abort();
    await clock.settle();

    expect(shared.record?.holderIdentity).toBe('');
    expect(us.log).toEqual(['stopped']);
  });
});

describe('the work of a leader', () => {
  test('that fails by itself ends the leadership, and run rejects with its error after the release', async () => {
    const { clock, shared, us, work } = await leader();

    work.reject(new Error('no more'));
    await clock.settle();

    expect(us.outcome).toEqual(new Error('no more'));
    expect(us.signal?.aborted).toBe(true);
    expect(shared.record?.holderIdentity).toBe('');
    expect(us.log.at(-1)).toBe('stopped');
  });

  test('that throws at once is work that fails', async () => {
    const clock = new FakeClock();
    const onStartedLeading = (): void => {
      throw new Error('not even started');
    };
    const us = new Contender(clock, new SharedRecord(), { onStartedLeading }).run();

    await clock.settle();

    expect(us.outcome).toEqual(new Error('not even started'));
  });

  test('that fails after the stop makes run reject', async () => {
    const { clock, us, work } = await leader();
    us.stop.abort();

    work.reject(new Error('cannot clean up'));
    await clock.settle();

    expect(us.outcome).toEqual(new Error('cannot clean up'));
  });

  test('that rejects with the reason of the stop has only done as it was told', async () => {
    const { clock, us, work } = await leader();
    us.stop.abort();

    work.reject(us.stop.signal.reason);
    await clock.settle();

    expect(us.outcome).toBe('resolved');
  });

  test('that ends by itself does not end the leadership', async () => {
    const { clock, us, work } = await leader();

    work.resolve();
    await clock.stepAsync(60_000);

    expect(us.elector.isLeader).toBe(true);
  });
});
