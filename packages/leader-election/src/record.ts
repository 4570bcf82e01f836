import type { leases } from '@kubeloop/client';

/** A Lease of `coordination.k8s.io/v1` as it is on the wire. */
export type Lease = NonNullable<(typeof leases)['_type']>;

/** The part of a Lease that an election is about. */
export type LeaseSpec = NonNullable<Lease['spec']>;

/** Who leads, and until when the others keep away. What client-go calls `LeaderElectionRecord`. */
export interface LeaderElectionRecord {
  /** Who holds the lock; empty when nobody does, and then everybody may take it at once. */
  readonly holderIdentity: string;
  /** For how many seconds after its last change the others leave the lock to its holder. */
  readonly leaseDurationSeconds: number;
  /** When the holder got the lock, by the holder's wall clock, as `MicroTime`. Nobody else reckons with it. */
  readonly acquireTime?: string | undefined;
  /** When the holder renewed the lock, by the holder's wall clock, as `MicroTime`. That it changes is what counts. */
  readonly renewTime?: string | undefined;
  /** How often the lock has gone from one holder to another. */
  readonly leaderTransitions: number;
  /** How the cluster chooses the holder of a coordinated Lease. */
  readonly strategy?: string | undefined;
  /** Who is to have a coordinated Lease next: its holder is then at the end of its term. */
  readonly preferredHolder?: string | undefined;
}

/** The record in a Lease. What is missing there is empty, 0 or left out; nothing that a record has room for is lost. */
export function leaseSpecToRecord(spec: LeaseSpec | undefined): LeaderElectionRecord {
  return {
    holderIdentity: spec?.holderIdentity ?? '',
    leaseDurationSeconds: spec?.leaseDurationSeconds ?? 0,
    leaderTransitions: spec?.leaseTransitions ?? 0,
    ...present('acquireTime', spec?.acquireTime),
    ...present('renewTime', spec?.renewTime),
    ...present('strategy', spec?.strategy),
    ...present('preferredHolder', spec?.preferredHolder),
  };
}

/** The spec that keeps a record. {@link leaseSpecToRecord} of it is the same record. @throws TypeError for what is no object */
export function recordToLeaseSpec(record: LeaderElectionRecord): LeaseSpec {
  if (typeof record !== 'object' || record === null)
    throw new TypeError('Cannot make the spec of a Lease: the record must be an object');
  return {
    holderIdentity: record.holderIdentity,
    leaseDurationSeconds: record.leaseDurationSeconds,
    leaseTransitions: record.leaderTransitions,
    ...present('acquireTime', record.acquireTime),
    ...present('renewTime', record.renewTime),
    ...present('strategy', record.strategy),
    ...present('preferredHolder', record.preferredHolder),
  };
}

/** A member with its value, or none where Go would have a nil pointer or an empty string. */
function present<K extends string>(
  name: K,
  value: string | null | undefined,
): Record<K, string> | undefined {
  // The one key is the name itself, which a computed key hides from the compiler.
  return value ? ({ [name]: value } as Record<K, string>) : undefined;
}
