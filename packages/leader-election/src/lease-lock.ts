import {
  ApiStatusError,
  leases,
  WatchIdleError,
  type KubeClient,
  type ResourceClient,
} from '@kubeloop/client';
import {
  checkFunction,
  checkLabels,
  checkMethods,
  checkName,
  checkOptions,
  checkSignal,
} from './checks.ts';
import {
  leaseSpecToRecord,
  recordToLeaseSpec,
  type LeaderElectionRecord,
  type Lease,
} from './record.ts';
import type { LockCallOptions, ResourceLock } from './resource-lock.ts';

/** A Lease without a renewal for so long has no holder that lives, or its watch a connection that is dead. */
const watchIdleTimeoutMs = 60_000;

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

  /** @throws TypeError for a namespace, name or identity that is no text or empty, and for other options that are none */
  constructor(options: LeaseLockOptions) {
    checkOptions('Cannot make a LeaseLock', options);
    checkMethods('the client', options.client, ['resource']);
    if (options.labels !== undefined) checkLabels('labels', options.labels);
    if (options.onEvent !== undefined) checkFunction('onEvent', options.onEvent);
    for (const name of ['namespace', 'name', 'identity'] as const) checkName(name, options[name]);
    this.identity = options.identity;
    this.#options = options;
    this.#leases = options.client.resource(leases).namespace(options.namespace);
  }

  /** The record in the Lease. Rejects with `NotFound` when there is no Lease, and with a TypeError without a signal. */
  async get(options: LockCallOptions): Promise<LeaderElectionRecord> {
    const signal = this.#signalOf('get', options);
    this.#lease = await this.#leases.get(this.#options.name, { signal });
    return leaseSpecToRecord(this.#lease.spec);
  }

  /** Creates the Lease. Rejects with `AlreadyExists` when there is one, and with a TypeError without a record or signal. */
  async create(record: LeaderElectionRecord, options: LockCallOptions): Promise<void> {
    this.#checkRecord('create', record);
    const signal = this.#signalOf('create', options);
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
   * @throws Error before the first `get` or `create`; TypeError without a record or signal
   */
  async update(record: LeaderElectionRecord, options: LockCallOptions): Promise<void> {
    this.#checkRecord('update', record);
    const signal = this.#signalOf('update', options);
    const known = this.#known('update');
    const { metadata } = known;
    const { labels } = this.#options;
    const lease: Lease = {
      ...known,
      metadata: { ...metadata, ...(labels && { labels: { ...metadata?.labels, ...labels } }) },
      spec: recordToLeaseSpec(record),
    };
    this.#lease = await this.#leases.update(lease, { signal });
  }

  /**
   * The record after each change of the Lease since it was seen last, over one connection. Ends when the server ends the watch and when
   * nothing has come for a minute; rejects with the signal's reason when that aborts. Needs the permission to `watch` the Lease.
   *
   * @throws Error before the first `get` or `create`; TypeError without a signal
   * @throws ApiStatusError when the server refuses, also when the version of the Lease is too old by now
   */
  async *watch(options: LockCallOptions): AsyncGenerator<LeaderElectionRecord, void> {
    const signal = this.#signalOf('watch', options);
    const { metadata } = this.#known('watch');
    const events = this.#leases.watch({
      fieldSelector: `metadata.name=${this.#options.name}`,
      resourceVersion: metadata?.resourceVersion,
      idleTimeoutMs: watchIdleTimeoutMs,
      signal,
    });
    try {
      for await (const event of events) {
        if (event.type === 'ERROR') throw new ApiStatusError({ status: event.object });
        if (event.type === 'ADDED' || event.type === 'MODIFIED')
          yield leaseSpecToRecord(event.object.spec);
      }
    } catch (error) {
      if (!WatchIdleError.is(error)) throw error;
    }
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

  #signalOf(verb: string, options: LockCallOptions): AbortSignal {
    checkSignal(`Cannot ${verb} Lease ${this.describe()}`, options?.signal);
    return options.signal;
  }

  #checkRecord(verb: string, record: LeaderElectionRecord): void {
    if (typeof record?.holderIdentity !== 'string')
      throw new TypeError(
        `Cannot ${verb} Lease ${this.describe()}: the record must have a holderIdentity, empty for nobody`,
      );
  }

  #known(verb: string): Lease {
    if (this.#lease) return this.#lease;
    throw new Error(
      `Cannot ${verb} Lease ${this.describe()}: nothing is known of it yet, call get or create first`,
    );
  }
}
