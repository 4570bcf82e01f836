import type { KubeClient } from '@kubeloop/client';
import { Manager, type Controller, type Logger } from '@kubeloop/controller';
import { cachesOf } from '../web-app/caches.ts';
import { deploymentController } from './deployment.ts';
import { Kubelet } from './kubelet.ts';
import { createNode, nodeNames } from './nodes.ts';
import { replicaSetController } from './replica-set.ts';
import { schedulerController } from './scheduler.ts';

/** What a {@link Simulator} plays, and how. */
export interface SimulatorOptions {
  readonly client: KubeClient;
  readonly logger: Logger;
  /** What the cluster lacks: everything on a bare API server, or only nodes where a controller-manager runs but no kubelet. */
  readonly plays: 'everything' | 'nodes';
  /** The namespace whose pods it cares for; default all. */
  readonly namespace?: string;
  /** How many nodes there are; default 3. */
  readonly nodeCount?: number;
  /** How likely a running pod is to crash each time the kubelet looks at it; default 0. */
  readonly crashProbability?: number;
  /** How long a container takes to start; default 300. */
  readonly startMs?: number;
}

/** The parts of a cluster that a bare API server lacks, as small controllers made with the same packages as the sample. */
export class Simulator {
  /** Starts and crashes containers. */
  readonly kubelet: Kubelet;
  /** The controllers, for those who want to show their queues. */
  readonly controllers: readonly Controller[];
  /** The names of the nodes. */
  readonly nodes: readonly string[];
  readonly #client: KubeClient;
  readonly #manager: Manager;

  constructor(options: SimulatorOptions) {
    const { client, logger, plays, namespace, nodeCount = 3, ...pace } = options;
    this.#client = client;
    this.nodes = nodeNames(nodeCount);
    this.#manager = new Manager({
      client,
      logger,
      ...(namespace === undefined ? {} : { namespace }),
    });
    const caches = cachesOf(this.#manager);
    this.kubelet = new Kubelet({ client, caches, ...pace });
    const node = [
      schedulerController(this.#manager, client, caches),
      this.kubelet.register(this.#manager),
    ];
    const workloads =
      plays === 'nodes'
        ? []
        : [
            deploymentController(this.#manager, client, caches),
            replicaSetController(this.#manager, client, caches),
          ];
    this.controllers = [...workloads, ...node];
  }

  /** Makes the nodes and plays until the signal aborts. */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    for (const name of this.nodes) await createNode(this.#client, name, signal);
    await this.#manager.run({ signal });
  }
}
