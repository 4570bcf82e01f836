import { getEventListeners } from 'node:events';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { describe, expect, test } from 'vitest';
import { Contender } from './support/contender.ts';
import { SharedRecord } from './support/memory-lock.ts';

type Options = ConstructorParameters<typeof Contender>[2];

async function leader(options: Options = {}): Promise<{ clock: FakeClock; us: Contender }> {
  const clock = new FakeClock();
  const us = new Contender(clock, new SharedRecord(), options).run();
  await clock.settle();
  return { clock, us };
}

describe('check', () => {
  test('is content before the start', () => {
    const us = new Contender(new FakeClock(), new SharedRecord());

    expect(() => us.elector.check(0)).not.toThrow();
  });

  test('is content with a process that waits, however long', async () => {
    const clock = new FakeClock();
    const shared = new SharedRecord();
    shared.put({ holderIdentity: 'them', leaseDurationSeconds: 3_600 });
    const us = new Contender(clock, shared).run();

    await clock.stepAsync(600_000);

    expect(() => us.elector.check(0)).not.toThrow();
  });

  test('is content with a leader that renews', async () => {
    const { clock, us } = await leader();

    await clock.stepAsync(600_000);

    expect(() => us.elector.check(0)).not.toThrow();
  });

  test('fails for a leader whose lease has been expired for longer than is tolerated', async () => {
    const { clock, us } = await leader({ name: 'shop' });
    us.lock.outage = 'fail';

    await clock.stepAsync(20_000);
    expect(() => us.elector.check(5_000)).not.toThrow();
    await clock.stepAsync(1);

    expect(() => us.elector.check(5_000)).toThrow(
      'The leadership of "shop" was last renewed 20001 ms ago',
    );
    expect(() => us.elector.check(10_000)).not.toThrow();
  });

  test('refuses a tolerance that is no duration', async () => {
    const { us } = await leader();

    expect(() => us.elector.check(Number.NaN)).toThrow(RangeError);
  });

  test('may be asked at any moment of an election', async () => {
    const clock = new FakeClock();
    const us = new Contender(clock, new SharedRecord(), { releaseOnCancel: true });
    us.lock.before = () => us.elector.check(0);

    us.run();
    await clock.stepAsync(10_000);
    us.stop.abort();
    await clock.settle();

    expect(us.errors).toEqual([]);
    expect(us.outcome).toBe('resolved');
  });
});

describe('callbacks', () => {
  test('every new leader is told once', async () => {
    const clock = new FakeClock();
    const shared = new SharedRecord();
    shared.put({ holderIdentity: 'a' });
    const us = new Contender(clock, shared).run();

    await clock.stepAsync(4_000);
    shared.put({ holderIdentity: 'b' });
    await clock.stepAsync(4_000);

    expect(us.log).toEqual(['leader a', 'leader b']);
    expect(us.elector.leader).toBe('b');
  });

  test('one that throws or rejects is told of, and stops nothing', async () => {
    // Programs may give an async function, whatever the type says.
    const onNewLeader: () => unknown = () => Promise.reject(new Error('onNewLeader'));
    const onStoppedLeading = (): void => {
      throw new Error('onStoppedLeading');
    };
    const { clock, us } = await leader({ onNewLeader, onStoppedLeading });

    us.stop.abort();
    await clock.settle();

    expect(us.outcome).toBe('resolved');
    expect(us.errors).toEqual([new Error('onNewLeader'), new Error('onStoppedLeading')]);
  });

  test('the lock hears when this process begins and stops to lead', async () => {
    const { clock, us } = await leader();

    us.stop.abort();
    await clock.settle();

    expect(us.lock.events).toEqual(['became leader', 'stopped leading']);
  });
});

describe('metrics', () => {
  test('the status is 0 from the constructor on, 1 while this process leads, and 0 again', async () => {
    const log: string[] = [];
    const metrics = {
      on: (name: string) => void log.push(`on ${name}`),
      off: (name: string) => void log.push(`off ${name}`),
      slowpathExercised: () => {},
    };
    const clock = new FakeClock();
    const us = new Contender(clock, new SharedRecord(), { metrics });
    const before = [...log];

    us.run();
    await clock.settle();
    us.stop.abort();
    await clock.settle();

    expect(before).toEqual(['off test/memory']);
    expect(log).toEqual(['off test/memory', 'on test/memory', 'off test/memory']);
  });

  test('metrics that throw stop nothing', async () => {
    const fail = (): void => {
      throw new Error('metrics');
    };
    const { us } = await leader({ metrics: { on: fail, off: fail, slowpathExercised: fail } });

    expect(us.elector.isLeader).toBe(true);
    expect(us.errors).toContainEqual(new Error('metrics'));
  });
});

describe('run', () => {
  test('is refused while it runs', async () => {
    const { us } = await leader();

    await expect(us.elector.run({ signal: us.stop.signal })).rejects.toThrow(
      'Cannot run the elector of test/memory: it is running',
    );
    expect(us.elector.isLeader).toBe(true);
  });

  test('is refused without a signal', async () => {
    const { elector } = new Contender(new FakeClock(), new SharedRecord());

    // Programs in JavaScript can leave it out.
    const run = elector.run.bind(elector) as (options?: unknown) => Promise<void>;

    await expect(run()).rejects.toThrow(TypeError);
    await expect(run({})).rejects.toThrow(/there must be a signal/);
  });

  test('leaves no listener on its signal', async () => {
    const { clock, us } = await leader();
    const { signal } = us.stop;
    us.lock.outage = 'fail';

    await clock.stepAsync(10_000);

    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
