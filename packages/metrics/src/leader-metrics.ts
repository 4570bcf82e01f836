import type { FamilyMaker, Numbers } from './family-maker.ts';

/** Where electors report to; what `@kubeloop/leader-election` calls `LeaderElectionMetrics`. */
export interface LeaderElectionInstruments {
  /** This process leads. */
  on(name: string): void;
  /** This process does not lead. */
  off(name: string): void;
  /** A renewal took a Get before its Update. */
  slowpathExercised(name: string): void;
}

/** The metrics of the leader elections of a registry. */
export class LeaderFamilies implements LeaderElectionInstruments {
  readonly #status: Numbers<'name'>;
  readonly #slowpath: Numbers<'name'>;

  constructor(maker: FamilyMaker) {
    this.#status = maker.gauge({
      name: 'leader_election_master_status',
      help: 'Whether this process leads: 1 when it does, 0 when it does not',
      labels: ['name'],
    });
    this.#slowpath = maker.counter({
      name: 'leader_election_slowpath_total',
      help: 'Renewals that took a Get before their Update',
      labels: ['name'],
    });
  }

  on(name: string): void {
    this.#tell(name, 1);
  }

  off(name: string): void {
    this.#tell(name, 0);
  }

  slowpathExercised(name: string): void {
    this.#slowpath.series({ name }).inc();
  }

  #tell(name: string, status: number): void {
    this.#status.series({ name }).set(status);
    this.#slowpath.series({ name });
  }
}
