import type { V1Pod } from '@kubernetes/client-node';
import type { Wire } from '@kubeloop/client';
import { Manager, type Controller, type Logger } from '@kubeloop/controller';
import type { SharedInformer } from '@kubeloop/informer';
import type { Cluster } from './cluster/cluster.ts';
import { HostRegistry } from './host-registry.ts';
import { Simulator } from './simulator/simulator.ts';
import type { Stage } from './story/stage.ts';
import { until } from './story/until.ts';
import { cachesOf } from './web-app/caches.ts';
import { webAppController } from './web-app/controller.ts';
import { webApps, type WebApp } from './web-app/web-app.ts';

/** How a {@link Sample} runs. */
export interface SampleOptions {
  readonly logger: Logger;
  /** How likely a running pod is to crash by itself each time the simulated kubelet looks at it; default 0. */
  readonly crashProbability?: number;
  /** How long a simulated container takes to start, in milliseconds; default 300. */
  readonly startMs?: number;
}

/** The WebApp controller and, where the cluster lacks them, the simulated parts of a cluster. */
export class Sample {
  /** What the story plays on. */
  readonly stage: Stage;
  /** All controllers, the simulated ones included, for those who want to show their queues. */
  readonly controllers: readonly Controller[];
  readonly #manager: Manager;
  readonly #simulator: Simulator | undefined;

  constructor(cluster: Cluster, { logger, ...pace }: SampleOptions) {
    const { client, namespace, plays, isReal } = cluster;
    const scope = isReal ? { namespace } : {};
    this.#manager = new Manager({ client, logger, ...scope });
    const hosts = new HostRegistry();
    const caches = cachesOf(this.#manager);
    const controller = webAppController({ manager: this.#manager, client, caches, hosts });
    this.#simulator =
      plays === 'nothing' ? undefined : new Simulator({ client, logger, plays, ...pace, ...scope });
    this.controllers = [controller, ...(this.#simulator?.controllers ?? [])];
    this.stage = { client, caches, hosts, namespace, simulator: this.#simulator };
  }

  /** Runs until the signal aborts; resolves when everything has stopped. */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    await Promise.all([this.#manager.run({ signal }), this.#simulator?.run({ signal })]);
  }

  /** Deletes every WebApp of the story, and waits until garbage collection and the kubelets have let their pods go. */
  async clear(signal: AbortSignal): Promise<void> {
    const { client, caches, namespace } = this.stage;
    await client.resource(webApps).namespace(namespace).deleteCollection({ signal });
    const isEmpty = (cache: SharedInformer<WebApp> | SharedInformer<Wire<V1Pod>>): boolean =>
      cache.lister.byNamespace(namespace).list().length === 0;
    await until('every WebApp is gone', () => isEmpty(caches.webApps), signal);
    await until('every pod is gone', () => isEmpty(caches.pods), signal);
  }
}
