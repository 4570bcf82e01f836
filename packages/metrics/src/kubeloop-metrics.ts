import { Registry } from 'prom-client';
import type { ControllerInstruments } from './controller-metrics.ts';
import { type Families, familiesOf } from './families.ts';
import type { InformerInstruments, WatchedResource } from './informer-metrics.ts';
import type { LeaderElectionInstruments } from './leader-metrics.ts';
import type { QueueInstruments, QueueStyle } from './queue-metrics.ts';
import type { ReflectorInstruments } from './reflector-metrics.ts';
import type { RequestInstruments } from './request-metrics.ts';
import type { AmqpInstruments, RedisInstruments } from './shared-queue-metrics.ts';

/** Options of {@link KubeloopMetrics}. */
export interface KubeloopMetricsOptions {
  /** The registry of `prom-client` to count in. Default: a new one. */
  readonly registry?: Registry | undefined;
  /** Whose labels and buckets the metrics of work queues have. Default `controller-runtime`. */
  readonly queueStyle?: QueueStyle | undefined;
}

const queueStyles: readonly unknown[] = ['controller-runtime', 'client-go'];

/**
 * Counts what the packages of Kubeloop do, under the names, types, labels and buckets of client-go and
 * controller-runtime.
 *
 * It is what a `Manager` takes as `metrics`, and a work queue, in one process or shared; clients and electors take its
 * members. Two of them with one registry count together. It starts nothing, so that there is nothing to stop.
 */
export class KubeloopMetrics {
  /** The registry of `prom-client` that holds the metrics. */
  readonly registry: Registry;
  /** For the option `metrics` of a `LeaderElector`. */
  readonly leaderElection: LeaderElectionInstruments;
  /** For the option `metrics` of a `KubeClient`. */
  readonly requests: RequestInstruments;
  readonly #families: Families;

  /**
   * @throws TypeError when an option is of the wrong kind
   * @throws Error when the registry has metrics of these names that others made, or work queues of another style
   */
  constructor(options: KubeloopMetricsOptions = {}) {
    if (typeof options !== 'object' || options === null)
      throw new TypeError('Cannot count with these options: they must be an object');
    const { registry = new Registry(), queueStyle = 'controller-runtime' } = options;
    if (typeof registry?.registerMetric !== 'function')
      throw new TypeError('Cannot count in this registry: it must be a Registry of prom-client');
    if (!queueStyles.includes(queueStyle))
      throw new TypeError(
        `Cannot use ${JSON.stringify(queueStyle)} as queueStyle: it must be "controller-runtime" or "client-go"`,
      );
    this.registry = registry;
    this.#families = familiesOf(registry, queueStyle);
    this.leaderElection = this.#families.leaders;
    this.requests = this.#families.requests;
  }

  /**
   * The instruments of the work queue of this name. Queues of one name are counted together.
   *
   * @throws TypeError when the name is no text or empty
   */
  queue(name: string): QueueInstruments {
    return this.#families.queues.queue(checkName('a work queue', name));
  }

  /**
   * The instruments of the queue on RabbitMQ of this name, beside those of {@link KubeloopMetrics.queue}. All of its
   * series but those of partitions are there from now on, at zero; they stay when the queue is closed.
   *
   * @throws TypeError when the name is no text or empty
   */
  amqp(name: string): AmqpInstruments {
    return this.#families.sharedQueues.amqp(checkName('a shared queue', name));
  }

  /**
   * The instruments of the queue on Redis of this name, beside those of {@link KubeloopMetrics.queue}. All of its series
   * are there from now on, at zero; they stay when the queue is closed.
   *
   * @throws TypeError when the name is no text or empty
   */
  redis(name: string): RedisInstruments {
    return this.#families.sharedQueues.redis(checkName('a shared queue', name));
  }

  /**
   * The instruments of the controller of this name; all of its series are there from now on, at zero.
   *
   * @throws TypeError when the name is no text or empty
   */
  forController(name: string): ControllerInstruments {
    return this.#families.controllers.controller(checkName('a controller', name));
  }

  /**
   * The instruments of one informer. Its series are removed when it is released. Of informers of one name only the first
   * is counted until then.
   *
   * @param informer - its name, which says the resource, namespace and selectors
   * @param cluster - the name of the cluster or of the factory, put before the name with a slash; empty for none
   * @param resource - what it watches
   * @throws TypeError when the name is no text or empty, the cluster no text, or the resource none
   */
  forInformer(informer: string, cluster: string, resource: WatchedResource): InformerInstruments {
    const name = nameIn(cluster, checkName('an informer', informer));
    checkResource(name, resource);
    const instruments = this.#families.informers.informer(name, resource);
    return {
      ...instruments,
      released: () => {
        instruments.released();
        this.#families.reflectors.release(name);
      },
    };
  }

  /**
   * The instruments of the lists and watches of one informer, with the same names. Its series are removed when
   * `released` is called, here or on the instruments of the informer.
   *
   * @throws TypeError when the name is no text or empty, or the cluster no text
   */
  forReflector(informer: string, cluster: string): ReflectorInstruments {
    return this.#families.reflectors.reflector(nameIn(cluster, checkName('a reflector', informer)));
  }
}

function nameIn(cluster: string, name: string): string {
  if (typeof cluster !== 'string')
    throw new TypeError(
      `Cannot count "${name}" in a cluster of type ${typeof cluster}: give its name, empty for none`,
    );
  return cluster === '' ? name : `${cluster}/${name}`;
}

function checkResource(informer: string, resource: WatchedResource): void {
  for (const part of ['group', 'version', 'plural'] as const)
    if (typeof resource?.[part] !== 'string')
      throw new TypeError(
        `Cannot count informer "${informer}": its resource must have group, version and plural as text`,
      );
}

function checkName(what: string, name: unknown): string {
  if (typeof name !== 'string' || name === '')
    throw new TypeError(
      `Cannot count ${what} without a name: the name must be text that is not empty`,
    );
  return name;
}
