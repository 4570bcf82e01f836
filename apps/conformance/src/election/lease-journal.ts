import { KubeClient, leases } from '@kubeloop/client';
import type { Lease } from '@kubeloop/leader-election';
import { monotonicMs, type Election } from './member.ts';

/** One state of the Lease, and when it was seen. */
export interface LeaseState {
  readonly at: number;
  readonly spec: NonNullable<Lease['spec']>;
}

/** Every state that a Lease has been in, by a watch. */
export class LeaseJournal implements AsyncDisposable {
  readonly states: LeaseState[] = [];
  readonly #stop = new AbortController();
  readonly #client: KubeClient;
  readonly #watching: Promise<void>;

  constructor({ access, namespace, name }: Election) {
    const { server, token, ca } = access;
    this.#client = new KubeClient({ server, token, ca });
    this.#watching = this.#watch(namespace, name);
  }

  /** Who holds the Lease. */
  get holder(): string {
    return this.states.at(-1)?.spec.holderIdentity ?? '';
  }

  /** Stops watching. Throws if a state may have been missed. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#watching;
    await this.#client.close();
  }

  async #watch(namespace: string, name: string): Promise<void> {
    const collection = this.#client.resource(leases).namespace(namespace);
    const { metadata } = await collection.list();
    const { signal } = this.#stop;
    const { resourceVersion } = metadata;
    const fieldSelector = `metadata.name=${name}`;
    try {
      for await (const event of collection.watch({ fieldSelector, resourceVersion, signal }))
        if (event.type === 'ADDED' || event.type === 'MODIFIED')
          this.states.push({ at: monotonicMs(), spec: event.object.spec ?? {} });
    } catch (error) {
      if (!signal.aborted) throw error;
      return;
    }
    throw new Error('The watch of the Lease has ended: states may be missing');
  }
}
