/**
 * Where electors report to, the three calls of client-go's `LeaderMetric`. They are called synchronously; one that throws is reported
 * to `onError` and stops nothing.
 */
export interface LeaderElectionMetrics {
  /** This process leads: `leader_election_master_status{name}` is 1. */
  on(name: string): void;
  /** This process does not lead: `leader_election_master_status{name}` is 0. Also called once by the constructor. */
  off(name: string): void;
  /** A renewal needed a Get before its Update: counts one in `leader_election_slowpath_total{name}`. */
  slowpathExercised(name: string): void;
}
