import { leases, type KubeClient, type ResourceClient } from '@kubeloop/client';
import { checkName } from './checks.ts';
import {
  leaseSpecToRecord,
  recordToLeaseSpec,
  type LeaderElectionRecord,
  type Lease,
} from './record.ts';
import type { LockCallOptions, ResourceLock } from './resource-lock.ts';

/** What a {@link LeaseLock} reports about itself, with the words of a Kubernetes Event. */
export interface LeaseLockEvent {
  /** Always `Normal`. */
  readonly type: 'Normal';
  /** Always `LeaderElection`. */
  readonly reason: 'LeaderElection';
  /** `<identity> became leader` or `<identity> stopped leading`. */
  readonly message: string;
  /** The Lease that the event is about: kind and metadata, as far as they are known. */
  readonly lease: Lease;
}

/** What a {@link LeaseLock} is made of. */
export interface LeaseLockOptions {
  /**
   * The client that reads and writes the Lease. One without `qps`, or one of its own: a renewal that waits behind other requests is a
   * leadership lost.
   */
  readonly client: Pick<KubeClient, 'resource'>;
  /** The namespace of the Lease. It must exist. */
  readonly namespace: string;
  /** The name of the Lease. It is created when it is missing. */
  readonly name: string;
  /** Who this process is: unlike every other that ever asks for the Lease. A host name and a random part do. */
  readonly identity: string;
  /** Labels that the Lease gets, and gets back with every renewal. Others are left alone. Default none. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /**
   * Hears of changes of leadership, to make Events of them. Called without `await`; the elector reports what it throws.
   * Default: nobody.
   */
  readonly onEvent?: ((event: LeaseLockEvent) => void) | undefined;
}

/**
 * A lock in a Lease, the same as client-go's (`tools/leaderelection/resourcelock/leaselock.go`): both may compete for one.
 *
 * Every update carries the resourceVersion that this lock has seen last, so that of two writers one gets a conflict. What the server
 * refuses is thrown as it came.
 */
export class LeaseLock implements ResourceLock {
  /** Who takes part by this lock. */
  readonly identity: string;
  readonly #leases: ResourceClient<Lease>;
  readonly #options: LeaseLockOptions;
  /** The Lease as this lock has got, created or updated it last. */
  #lease: Lease | undefined;

  /** @throws TypeError for a namespace, name or identity that is no text or empty */
  constructor(options: LeaseLockOptions) {
    for (const name of ['namespace', 'name', 'identity'] as const) checkName(name, options[name]);
    this.identity = options.identity;
    this.#options = options;
    this.#leases = options.client.resource(leases).namespace(options.namespace);
  }

  /** The record in the Lease. Rejects with `NotFound` when there is no Lease. */
  async get({ signal }: LockCallOptions): Promise<LeaderElectionRecord> {
    this.#lease = await this.#leases.get(this.#options.name, { signal });
    return leaseSpecToRecord(this.#lease.spec);
  }

  /** Creates the Lease. Rejects with `AlreadyExists` when there is one. */
  async create(record: LeaderElectionRecord, { signal }: LockCallOptions): Promise<void> {
    const { name, namespace, labels } = this.#options;
    const lease: Lease = {
      apiVersion: leases.apiVersion,
      kind: leases.kind,
      metadata: { name, namespace, ...(labels && { labels }) },
      spec: recordToLeaseSpec(record),
    };
    this.#lease = await this.#leases.create(lease, { signal });
  }

  /**
   * Replaces the spec of the Lease as it was seen last, and sets the labels.
   *
   * @throws Error before the first `get` or `create`
   */
  async update(record: LeaderElectionRecord, { signal }: LockCallOptions): Promise<void> {
    if (!this.#lease)
      throw new Error(
        `Cannot update Lease ${this.describe()}: nothing is known of it yet, call get or create first`,
      );
    const { metadata } = this.#lease;
    const { labels } = this.#options;
    const lease: Lease = {
      ...this.#lease,
      metadata: { ...metadata, ...(labels && { labels: { ...metadata?.labels, ...labels } }) },
      spec: recordToLeaseSpec(record),
    };
    this.#lease = await this.#leases.update(lease, { signal });
  }

  /** Hands an event to `onEvent`, if there is one. */
  recordEvent(message: string): void {
    const { onEvent, name, namespace } = this.#options;
    onEvent?.({
      type: 'Normal',
      reason: 'LeaderElection',
      message: `${this.identity} ${message}`,
      lease: {
        apiVersion: leases.apiVersion,
        kind: leases.kind,
        metadata: this.#lease?.metadata ?? { name, namespace },
      },
    });
  }

  /** `namespace/name`. */
  describe(): string {
    return `${this.#options.namespace}/${this.#options.name}`;
  }
}
