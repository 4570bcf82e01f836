// For everyone.
export { LeaderElector } from './leader-elector.ts';
export type { LeaderElectorOptions } from './elector-options.ts';
export { LeaseLock } from './lease-lock.ts';
export type { LeaseLockEvent, LeaseLockOptions } from './lease-lock.ts';
export { LeadershipLostError } from './leadership-lost-error.ts';
export type { LeadershipLostErrorOptions, LossReason } from './leadership-lost-error.ts';
export { LeaseCandidate } from './lease-candidate.ts';
export type { LeaseCandidateOptions } from './lease-candidate.ts';
export type { LeaderElectionMetrics } from './metrics.ts';

// For those who build on top.
export type { LockCallOptions, ResourceLock } from './resource-lock.ts';
export { leaseSpecToRecord, recordToLeaseSpec } from './record.ts';
export type { LeaderElectionRecord, Lease, LeaseSpec } from './record.ts';
