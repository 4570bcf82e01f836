import type { ObjectLike } from '@kubeloop/cache-store';
import type { Resource } from '@kubeloop/client';
import type { SharedInformer } from '@kubeloop/informer';
import type { Cluster } from './cluster.ts';
import type { ReconcileBarrier } from './consistency/barrier.ts';
import type { WatchedResource } from './consistency/consistent-client.ts';
import type { ControllerSettings } from './controller-options.ts';
import type { Controller } from './controller.ts';
import type { InformerSelection } from './informer-selection.ts';
import type { Logger } from './logger.ts';
import type { Reconciler } from './request.ts';
import type { Source } from './source.ts';

/** What a `ControllerBuilder` needs; a manager fits. */
export interface ControllerHost {
  /** Where reports go. */
  readonly logger: Logger;
  /** The shared informer for a resource. */
  informerFor<T extends ObjectLike>(
    resource: Resource<T>,
    selection?: InformerSelection,
  ): SharedInformer<T>;
  /** Makes a cluster run with it, unless it does already. Default: whoever made the cluster runs it. */
  addCluster?(cluster: Cluster): void;
  /** What holds reconciles back until these caches show own writes; `undefined` when nothing is to. Default: nothing is. */
  barrierFor?(watched: readonly WatchedResource[]): ReconcileBarrier | undefined;
  /** Makes a controller of its parts, and runs it. */
  addController(parts: ControllerParts): Controller;
}

/** What a builder has put together. */
export interface ControllerParts extends ControllerSettings {
  /** Names the controller. */
  readonly name: string;
  /** Brings one object to its desired state. */
  readonly reconcile: Reconciler;
  /** Where its requests come from. */
  readonly sources: readonly Source[];
  /** The kind that it is for, such as `Deployment.apps` or `Pod`, for `groupKindConcurrency`. Default none. */
  readonly groupKind?: string | undefined;
  /** What each reconcile waits for. Default nothing. */
  readonly barrier?: ReconcileBarrier | undefined;
}
