import { describe, expect, test } from 'vitest';
import { leaseFaults, overlaps, strangeEnds, type Witness } from '../../src/election/audit.ts';
import type { LeaseState } from '../../src/election/lease-journal.ts';

const times = { leaseMs: 3_000, renewMs: 2_000, retryMs: 500 };

/** One that led and worked every 10 ms from one time to another, but for its pauses. */
function leader(
  kind: Witness['kind'],
  [from, to]: readonly [number, number],
  pauses: Witness['pauses'] = [],
): Witness {
  const said: Witness['said'] = [{ event: 'started', at: from }];
  for (let at = from; at <= to; at += 10)
    if (!pauses.some((pause) => at > pause.from && at < pause.to)) said.push({ event: 'work', at });
  return { kind, identity: kind, said, pauses, exit: { code: 0, signal: null } };
}

function state(spec: LeaseState['spec']): LeaseState {
  const time = '2026-01-02T03:04:05.000000Z';
  const times = { acquireTime: time, renewTime: time };
  return { at: 0, spec: { leaseDurationSeconds: 3, leaseTransitions: 0, ...times, ...spec } };
}

describe('overlaps', () => {
  test('there are none when one leads after the other', () => {
    const members = [leader('ours', [0, 1_000]), leader('client-go', [1_005, 2_000])];

    expect(overlaps(members, times)).toEqual([]);
  });

  test('two that lead at the same time are found', () => {
    const members = [leader('ours', [0, 1_000]), leader('client-go', [900, 2_000])];

    expect(overlaps(members, times)).toMatchObject([{ ms: 100, isAllowed: false }]);
  });

  test('one that is paused while another leads does not lead', () => {
    const paused = leader('ours', [0, 1_000], [{ from: 1_001, to: 5_000 }]);

    expect(overlaps([paused, leader('client-go', [3_000, 9_000])], times)).toEqual([]);
  });

  test('ours may finish one step after a pause', () => {
    const paused = leader('ours', [0, 5_000], [{ from: 1_001, to: 4_999 }]);

    const found = overlaps([paused, leader('client-go', [3_000, 9_000])], times);

    expect(found).toMatchObject([{ late: { kind: 'ours' }, isAllowed: true }]);
  });

  test('ours may not do two steps after a pause, where client-go may', () => {
    const pauses = [{ from: 1_001, to: 4_999 }];
    const ours = [leader('ours', [0, 5_010], pauses), leader('client-go', [3_000, 9_000])];
    const theirs = [leader('client-go', [0, 5_010], pauses), leader('ours', [3_000, 9_000])];

    expect(overlaps(ours, times)).toMatchObject([{ isAllowed: false }]);
    expect(overlaps(theirs, times)).toMatchObject([{ isAllowed: true }]);
  });
});

describe('leaseFaults', () => {
  test('there are none in the life of a sound Lease', () => {
    const states = [
      state({ holderIdentity: 'a' }),
      state({ holderIdentity: '', leaseDurationSeconds: 1 }),
      state({ holderIdentity: 'b', leaseTransitions: 1 }),
      state({ holderIdentity: 'c', leaseTransitions: 2 }),
    ];

    expect(leaseFaults(states, times)).toEqual([]);
  });

  test.each([
    ['transitions that do not rise with the holder', { holderIdentity: 'b' }],
    ['transitions that rise without a new holder', { holderIdentity: 'a', leaseTransitions: 1 }],
    ['another duration', { holderIdentity: 'a', leaseDurationSeconds: 4 }],
    ['a time that goes back', { holderIdentity: 'a', renewTime: '2025-01-02T03:04:05.000000Z' }],
    ['a time without six digits', { holderIdentity: 'a', renewTime: '2026-01-02T03:04:06Z' }],
  ])('%s are found', (_, spec) => {
    const states = [state({ holderIdentity: 'a' }), state(spec)];

    expect(leaseFaults(states, times)).toHaveLength(1);
  });
});

describe('strangeEnds', () => {
  test('a process that ends otherwise than it said is found', () => {
    const member = { ...leader('ours', [0, 0]), exit: { code: 7, signal: null } };

    expect(strangeEnds([member])).toEqual([
      'ours said "work" and ended with {"code":7,"signal":null}',
    ]);
    expect(strangeEnds([{ ...member, exit: { code: null, signal: 'SIGKILL' } }])).toEqual([]);
  });
});
