import type { ObjectLike } from '@kubeloop/cache-store';
import type { KubeClient, Resource } from '@kubeloop/client';
import type { InformerForOptions, SharedInformer } from '@kubeloop/informer';
import { SharedInformerFactory } from '@kubeloop/informer';
import { systemClock } from '@kubeloop/ratelimiter';
import type { ClusterSettings } from './cluster-options.ts';
import { checkClusterSettings, clientOf } from './cluster-options.ts';
import type { ReconcileBarrier } from './consistency/barrier.ts';
import type { WatchedResource } from './consistency/consistent-client.ts';
import { ConsistentClient } from './consistency/consistent-client.ts';
import type { Logger } from './logger.ts';
import { defaultLogger } from './default-logger.ts';
import type { ManagerMetrics } from './manager-metrics.ts';
import { factoryMetricsOf } from './manager-metrics.ts';
import { describeValue } from './option-checks.ts';

/** What a {@link Cluster} is made of. */
export interface ClusterOptions extends ClusterSettings {
  /** Tells it from other clusters in the names of sources, in metrics and in the log. Other letters than those of DNS labels are refused. */
  readonly name: string;
}

/** Where a cluster reports to, once it is a manager's. */
export interface ClusterReports {
  /** Told of failures. */
  readonly logger: Logger;
  /** Where figures go; nowhere when there is none. */
  readonly metrics: ManagerMetrics | undefined;
}

/** How a manager runs a cluster that is its own. */
export interface AttachedCluster {
  /** Its name; empty for the one that every manager has. */
  readonly name: string;
  /** Starts informers until the signal aborts: those that are there, and each that is asked for later. */
  start(signal: AbortSignal): void;
  /** Stops the informers. Resolves when no connection of theirs is open and no handler runs. */
  shutDown(): Promise<void>;
  /** Closes the client, unless it was given. */
  close(): Promise<void>;
}

const brand = Symbol.for('@kubeloop/controller/Cluster');

/**
 * A further cluster for the controllers of a manager: its own client, and its own shared informers, which start and stop with
 * those of the manager. Add it with `manager.add(cluster)`, and name it where a controller watches something in it:
 *
 *     manager.controller('mirror').for(configMaps).watches(configMaps, toSource, { cluster: edge })
 *
 * A cluster that cannot be reached holds back only the controllers that watch something in it, and readiness names it.
 * Leader election, events and requests are those of the manager: a request says nothing of the cluster it came from.
 */
export class Cluster {
  /** Its name; empty for the one that every manager has. */
  readonly name: string;
  /** The connection to its API server; made from `kubeConfig` unless given. */
  readonly client: KubeClient;
  /** Writes to its API server, reads from its caches, and knows what was written. */
  readonly consistentClient: ConsistentClient;
  readonly #options: ClusterOptions;
  #informers: SharedInformerFactory | undefined;
  #reports: ClusterReports | undefined;
  #signal: AbortSignal | undefined;

  /**
   * Starts nothing.
   *
   * @throws TypeError unless there is a name and exactly one of `client` and `kubeConfig`; when an option is of the wrong kind
   * @throws RangeError when a number is out of range
   */
  constructor(options: ClusterOptions) {
    checkClusterSettings('a cluster', options);
    checkName(options.name);
    this.name = options.name;
    this.client = clientOf(options);
    this.#options = options;
    Object.defineProperty(this, brand, { value: true });
    this.consistentClient = new ConsistentClient({
      client: this.client,
      informerFor: (resource, selection) => this.informerFor(resource, selection),
      scopeOf: (resource, selection) => this.informers.scopeOf(resource, selection),
      consistency: options.consistency ?? 'barrier',
      timeoutMs: options.consistencyTimeoutMs ?? 5000,
      clock: options.clock ?? systemClock,
    });
  }

  /** Whether a value is a cluster, of whichever copy of this package. */
  static is(value: unknown): value is Cluster {
    return typeof value === 'object' && value !== null && brand in value;
  }

  /** Its shared informers. */
  get informers(): SharedInformerFactory {
    this.#informers ??= this.#makeInformers();
    return this.#informers;
  }

  /**
   * The shared informer for a resource, namespace and selectors: the same one however often it is asked for. It runs while
   * the manager does. Further indices can be given each time.
   */
  informerFor<T extends ObjectLike>(
    resource: Resource<T>,
    options?: InformerForOptions<T>,
  ): SharedInformer<T> {
    const informer = this.informers.informerFor(resource, options);
    this.#startNew();
    return informer;
  }

  /** What holds reconciles back until the caches of these kinds show what this process has written to this cluster. */
  barrierFor(watched: readonly WatchedResource[]): ReconcileBarrier | undefined {
    return this.consistentClient.barrierFor(watched);
  }

  /**
   * Makes it the cluster of one manager; called by `manager.add`.
   *
   * @throws Error when it is that of a manager already
   */
  attach(reports: ClusterReports): AttachedCluster {
    if (this.#reports)
      throw new Error(
        `Cannot add cluster "${this.name}" to a manager: it is added to one already; make a new one`,
      );
    this.#reports = reports;
    return {
      name: this.name,
      start: (signal) => {
        this.#signal = signal;
        this.#startNew();
      },
      shutDown: async () => {
        this.#signal = undefined;
        await this.#informers?.shutdown();
      },
      close: async () => (this.#options.client ? undefined : this.client.close()),
    };
  }

  #startNew(): void {
    const signal = this.#signal;
    if (signal && !signal.aborted) this.#informers?.start({ signal });
  }

  /** Made when the first one is asked for: by then the manager has told where figures go. */
  #makeInformers(): SharedInformerFactory {
    const options = this.#options;
    const fields = this.name === '' ? {} : { cluster: this.name };
    const alone = defaultLogger();
    return new SharedInformerFactory(this.client, {
      resyncPeriodMs: options.resyncPeriodMs,
      namespace: options.namespace,
      namespaces: options.namespaces,
      byResource: options.byResource,
      keepManagedFields: options.keepManagedFields,
      maxConcurrentLists: options.maxConcurrentLists,
      reflector: options.reflector,
      clock: options.clock,
      ...factoryMetricsOf(this.#reports?.metrics, this.name),
      onError: (error, context) => {
        const logger = this.#reports?.logger ?? alone;
        logger.warn('An informer failed and goes on', { error, ...context, ...fields });
      },
    });
  }
}

/** Empty is for managers alone, which refuse it from others. */
function checkName(name: unknown): void {
  if (typeof name !== 'string' || !/^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$/.test(name))
    throw new TypeError(
      `Cannot name a cluster ${describeValue(name)}: a name consists of lower case letters, digits, "-" and "."`,
    );
}
