import type { ObjectLike } from '@kubeloop/cache-store';
import type { KubeClient, Resource } from '@kubeloop/client';
import type { ConsistentClient } from '@kubeloop/controller';
import type { InformerForOptions, SharedInformer } from '@kubeloop/informer';

/** Where dependents read and write; a `Manager` fits. */
export interface DependentsHost {
  /** Asks the API server itself, before a child is made. */
  readonly client: Pick<KubeClient, 'resource'>;
  /** Reads caches that show own writes, and writes. */
  readonly consistentClient: Pick<ConsistentClient, 'resource'>;
  /** The informer whose cache is read. */
  informerFor<T extends ObjectLike>(
    resource: Resource<T>,
    options?: InformerForOptions<T>,
  ): SharedInformer<T>;
}
