import type { RequestMetrics } from '@kubeloop/client';
import type { InformerMetrics, InformerResource, ReflectorTuning } from '@kubeloop/informer';
import type { QueueMetricsProvider } from '@kubeloop/workqueue';
import type { ControllerMetricsProvider } from './controller-metrics.ts';

/** What the reflector of an informer is told to count with. */
export type ReflectorMetrics = NonNullable<ReflectorTuning['metrics']>;

/**
 * Makes the instruments of everything that a manager runs, so that one object can be handed to it for all. Each member may be
 * left out. What a member throws is thrown to whoever builds the controller or asks for the informer; the instruments that
 * it makes must not throw, and one that does is reported and ignored.
 */
export interface ManagerMetrics
  extends Partial<ControllerMetricsProvider>, Partial<QueueMetricsProvider> {
  /** Is told of the requests of a client that the manager makes from a `kubeConfig`. */
  readonly requests?: RequestMetrics | undefined;
  /**
   * The metrics of one informer. Of two informers of one name, such as two versions of a kind, only the first is counted.
   *
   * @param informer - the resource, and the namespace and selectors when there are any, as in `pods in shop`
   * @param cluster - the name of the cluster, empty for the manager's own
   * @param resource - what it watches
   */
  forInformer?(
    informer: string,
    cluster: string,
    resource: InformerResource<unknown>,
  ): InformerMetrics;
  /** The metrics of the lists and watches of one informer, which are told apart as in {@link forInformer}. */
  forReflector?(informer: string, cluster: string): ReflectorMetrics;
}

/** How a factory counts the informers of one cluster. */
export interface FactoryMetrics {
  readonly metricsFor:
    | ((informer: string, factory: string, resource: InformerResource<unknown>) => InformerMetrics)
    | undefined;
  readonly reflectorMetricsFor: ((informer: string) => ReflectorMetrics) | undefined;
}

/** The part for controllers; `undefined` when there is none. */
export function controllerMetricsOf(
  metrics: ManagerMetrics | undefined,
): ControllerMetricsProvider | undefined {
  const forController = metrics?.forController?.bind(metrics);
  return forController && { forController };
}

/** The part for queues; `undefined` when there is none. */
export function queueMetricsOf(
  metrics: ManagerMetrics | undefined,
): QueueMetricsProvider | undefined {
  const queue = metrics?.queue?.bind(metrics);
  return queue && { queue };
}

/** The part for the informers of one cluster. */
export function factoryMetricsOf(
  metrics: ManagerMetrics | undefined,
  cluster: string,
): FactoryMetrics {
  const forInformer = metrics?.forInformer?.bind(metrics);
  const forReflector = metrics?.forReflector?.bind(metrics);
  return {
    metricsFor:
      forInformer && ((informer, _, resource) => forInformer(informer, cluster, resource)),
    reflectorMetricsFor: forReflector && ((informer) => forReflector(informer, cluster)),
  };
}
