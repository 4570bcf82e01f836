import type { KubeClient } from '@kubeloop/client';
import { Manager, type Logger, type Reconciler } from '@kubeloop/controller';
import { LeaderElector, LeaseLock } from '@kubeloop/leader-election';
import { HostRegistry } from '../host-registry.ts';
import { cachesOf } from '../web-app/caches.ts';
import { webAppController } from '../web-app/controller.ts';

/** The times of an election; see `LeaderElectorOptions`. */
export interface ElectionTimes {
  readonly leaseDurationMs: number;
  readonly renewDeadlineMs: number;
  readonly retryPeriodMs: number;
}

/** How a {@link Replica} runs. */
export interface ReplicaOptions {
  readonly client: KubeClient;
  /** Where the WebApps are, and the Lease. */
  readonly namespace: string;
  /** What this one of all replicas calls itself, such as the name of its pod. */
  readonly identity: string;
  /** Default: 15, 10 and 2 seconds, as client-go. */
  readonly times?: ElectionTimes | undefined;
  readonly logger: Logger;
  /** Puts something around each reconcile. Default nothing. */
  readonly around?: ((reconcile: Reconciler) => Reconciler) | undefined;
}

/** The Lease that the replicas compete for. */
export const leaseName = 'webapp-controller';

/**
 * One of several processes that run the WebApp controller on a cluster: each fills its caches, one reconciles. When it stops
 * it gives the leadership away; when it dies or hangs, the Lease runs out.
 */
export class Replica {
  readonly #manager: Manager;

  constructor({ client, namespace, identity, times, logger, around }: ReplicaOptions) {
    const lock = new LeaseLock({ client, namespace, name: leaseName, identity });
    this.#manager = new Manager({
      client,
      namespace,
      logger,
      leaderElection: (onStartedLeading, { signal }) =>
        new LeaderElector({ lock, onStartedLeading, releaseOnCancel: true, ...times }).run({
          signal,
        }),
      // Who comes to lead has a full queue, and need not ask for anything first.
      controllers: { warmup: true },
    });
    const caches = cachesOf(this.#manager);
    const hosts = new HostRegistry();
    webAppController({ manager: this.#manager, client, caches, hosts, around });
  }

  /** Whether it fills its caches and its queue no more and could take over at once. */
  get isReady(): boolean {
    return this.#manager.describe().isReady;
  }

  /**
   * Runs until the signal aborts.
   *
   * @throws LeadershipLostError when it led and must not any more; the process has to end then
   */
  async run(options: { readonly signal: AbortSignal }): Promise<void> {
    await this.#manager.run(options);
  }
}
