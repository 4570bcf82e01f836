import {
  assert as assertProperty,
  integer,
  nat,
  property,
  record as recordOf,
  string,
  type Arbitrary,
} from 'fast-check';
import { describe, expect, test } from 'vitest';
import { microTime } from '../src/micro-time.ts';
import { leaseSpecToRecord, recordToLeaseSpec, type LeaderElectionRecord } from '../src/record.ts';

const times = integer({ min: 0, max: 4_000_000_000_000 }).map((milliseconds) =>
  microTime(milliseconds),
);
const records: Arbitrary<LeaderElectionRecord> = recordOf(
  {
    holderIdentity: string(),
    leaseDurationSeconds: nat(),
    leaderTransitions: nat(),
    acquireTime: times,
    renewTime: times,
    strategy: string({ minLength: 1 }),
    preferredHolder: string({ minLength: 1 }),
  },
  { requiredKeys: ['holderIdentity', 'leaseDurationSeconds', 'leaderTransitions'] },
);

describe('record and Lease', () => {
  test('a record that became a Lease and a record again is the same', () => {
    assertProperty(
      property(records, (record) => {
        expect(leaseSpecToRecord(recordToLeaseSpec(record))).toEqual(record);
      }),
    );
  });

  test('a Lease has every part of the record under its own name', () => {
    const spec = recordToLeaseSpec({
      holderIdentity: 'me',
      leaseDurationSeconds: 15,
      leaderTransitions: 3,
      acquireTime: '2026-01-02T03:04:05.000001Z',
      renewTime: '2026-01-02T03:04:06.123456Z',
      strategy: 'OldestEmulationVersion',
      preferredHolder: 'you',
    });

    expect(spec).toEqual({
      holderIdentity: 'me',
      leaseDurationSeconds: 15,
      leaseTransitions: 3,
      acquireTime: '2026-01-02T03:04:05.000001Z',
      renewTime: '2026-01-02T03:04:06.123456Z',
      strategy: 'OldestEmulationVersion',
      preferredHolder: 'you',
    });
  });

  test('an empty Lease is a record of nobody', () => {
    const nobody = { holderIdentity: '', leaseDurationSeconds: 0, leaderTransitions: 0 };

    expect(leaseSpecToRecord(undefined)).toEqual(nobody);
    expect(leaseSpecToRecord({})).toEqual(nobody);
  });

  test('an empty strategy and an empty preferred holder are left out of a Lease', () => {
    const spec = recordToLeaseSpec({
      holderIdentity: '',
      leaseDurationSeconds: 1,
      leaderTransitions: 0,
      strategy: '',
      preferredHolder: '',
    });

    expect(spec).toEqual({ holderIdentity: '', leaseDurationSeconds: 1, leaseTransitions: 0 });
  });
});

describe('microTime', () => {
  test('a moment has six digits of a second', () => {
    expect(microTime(Date.UTC(2026, 0, 2, 3, 4, 5, 67))).toBe('2026-01-02T03:04:05.067000Z');
    expect(microTime(Date.UTC(2026, 0, 2, 3, 4, 5, 67) + 0.25)).toBe('2026-01-02T03:04:05.067250Z');
  });
});

test.each([undefined, null, 'us'])('%j is no record', (given) => {
  expect(() => recordToLeaseSpec(given as never)).toThrow(
    new TypeError('Cannot make the spec of a Lease: the record must be an object'),
  );
});
