import type { KubeClient } from '@kubeloop/client';
import type { HostRegistry } from '../host-registry.ts';
import type { Simulator } from '../simulator/simulator.ts';
import type { Caches } from '../web-app/caches.ts';

/** Where the story plays. */
export interface Stage {
  readonly client: KubeClient;
  readonly caches: Caches;
  readonly hosts: HostRegistry;
  /** The namespace of everything that the story makes. */
  readonly namespace: string;
  /** What plays the nodes, or `undefined` where a cluster has nodes of its own. */
  readonly simulator: Simulator | undefined;
}
