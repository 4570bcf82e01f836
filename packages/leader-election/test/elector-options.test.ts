import { inspect } from 'node:util';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { describe, expect, test } from 'vitest';
import { LeaderElector } from '../src/leader-elector.ts';
import { MemoryLock, SharedRecord } from './support/memory-lock.ts';

const lock = new MemoryLock(new SharedRecord(), 'us');
const minimal = {
  lock,
  clock: new FakeClock(),
  onStartedLeading: () => {},
  onStoppedLeading: () => {},
};

/** Makes an elector of options that the types may not allow. */
function make(options: Readonly<Record<string, unknown>>): LeaderElector {
  // Programs in JavaScript can pass anything.
  return new LeaderElector({ ...minimal, ...options });
}

describe('options of an elector', () => {
  test('the defaults of client-go fit each other', () => {
    expect(make({}).isLeader).toBe(false);
  });

  test.each([
    [
      'the lease duration is not above the renew deadline',
      { leaseDurationMs: 10_000 },
      /10000 as leaseDurationMs: it must be more than renewDeadlineMs/,
    ],
    [
      'the renew deadline is not above 1.2 retry periods',
      { renewDeadlineMs: 2_400 },
      /2400 as renewDeadlineMs: it must be more than 1.2 times/,
    ],
    [
      'the lease duration is no whole number of seconds',
      { leaseDurationMs: 15_500 },
      /a Lease stores whole seconds/,
    ],
    [
      'the lease duration is 0',
      { leaseDurationMs: 0 },
      /0 as leaseDurationMs: it must be more than nothing/,
    ],
    ['the renew deadline is 0', { renewDeadlineMs: 0 }, /0 as renewDeadlineMs/],
    ['the retry period is 0', { retryPeriodMs: 0 }, /0 as retryPeriodMs/],
    ['the retry period is negative', { retryPeriodMs: -1 }, /-1 as retryPeriodMs/],
    ['the renew deadline is no number', { renewDeadlineMs: Number.NaN }, /NaN as renewDeadlineMs/],
    ['the lease duration has no end', { leaseDurationMs: Infinity }, /Infinity as leaseDurationMs/],
    ['the drain timeout is negative', { drainTimeoutMs: -1 }, /-1 as drainTimeoutMs/],
  ])('an elector is refused when %s', (_, options, message) => {
    const making = (): LeaderElector => make(options);

    expect(making).toThrow(RangeError);
    expect(making).toThrow(message);
  });

  test.each([
    ['there is no lock', { lock: undefined }, /as the lock/],
    [
      'the lock cannot be updated',
      { lock: { identity: 'us', get: () => {}, create: () => {} } },
      /no method update/,
    ],
    [
      'the watch of the lock cannot be called',
      { lock: Object.assign(new MemoryLock(new SharedRecord(), 'us'), { watch: 'x' }) },
      /the lock: it has no method watch/,
    ],
    [
      'the identity is empty',
      { lock: new MemoryLock(new SharedRecord(), '') },
      /the identity of the lock/,
    ],
    [
      'there is no onStartedLeading',
      { onStartedLeading: undefined },
      /undefined as onStartedLeading/,
    ],
    ['onStoppedLeading cannot be called', { onStoppedLeading: 'x' }, /'x' as onStoppedLeading/],
    ['onNewLeader cannot be called', { onNewLeader: 'x' }, /'x' as onNewLeader/],
    ['the metrics cannot count', { metrics: {} }, /no method on/],
    ['the clock does not tell the time', { clock: {} }, /no method now/],
    ['the name is empty', { name: '' }, /as name/],
    ['a duration is a text', { leaseDurationMs: '15000' }, /'15000' as leaseDurationMs/],
    ['a duration is a BigInt', { renewDeadlineMs: 10_000n }, /10000n as renewDeadlineMs/],
    ['a duration is a symbol', { renewDeadlineMs: Symbol('a') }, /Symbol\(a\) as renewDeadlineMs/],
    ['releaseOnCancel is a text', { releaseOnCancel: 'no' }, /'no' as releaseOnCancel/],
    ['wakeOnRelease is a number', { wakeOnRelease: 0 }, /0 as wakeOnRelease/],
    ['coordinated is null', { coordinated: null }, /null as coordinated/],
  ])('an elector is refused when %s', (_, options, message) => {
    const making = (): LeaderElector => make(options);

    expect(making).toThrow(TypeError);
    expect(making).toThrow(message);
  });

  test.each([undefined, null, 5, 'us'])(
    'an elector is refused when %j are its options',
    (given) => {
      expect(() => new LeaderElector(given as never)).toThrow(
        new TypeError(
          `Cannot make an elector: options must be an object, and they are ${inspect(given)}`,
        ),
      );
    },
  );
});
