import type { V1Pod, V1PodStatus } from '@kubernetes/client-node';
import { ignoreNotFound, nodes, pods, type KubeClient, type Wire } from '@kubeloop/client';
import type { Controller, Manager } from '@kubeloop/controller';
import { systemClock, type Clock } from '@kubeloop/ratelimiter';
import { covers } from '../children/covers.ts';
import { nodeIndex, type Caches } from '../web-app/caches.ts';
import { isNodeReady } from '../web-app/status.ts';

/** What a {@link Kubelet} works with. */
export interface KubeletOptions {
  readonly client: KubeClient;
  readonly caches: Caches;
  /** How long a container takes to start, in milliseconds; default 300. */
  readonly startMs?: number;
  /** How long a crashed container waits for its restart, in milliseconds; default 1,000. */
  readonly restartMs?: number;
  /** How likely a running pod is to crash each time the kubelet looks at it; default 0, never. */
  readonly crashProbability?: number;
  /** Numbers in [0, 1); default `Math.random`. */
  readonly random?: () => number;
  /** Default: the system's. */
  readonly clock?: Clock;
}

/** How a pod's only container is. */
interface Container {
  /** When it starts to be ready, or `undefined` when it is. */
  readyAtMs: number | undefined;
  restartCount: number;
}

/** Plays the kubelets of all nodes: starts the pods that are bound to them, crashes some, and lets deleted ones go. */
export class Kubelet {
  readonly #client: KubeClient;
  readonly #caches: Caches;
  readonly #startMs: number;
  readonly #restartMs: number;
  readonly #crashProbability: number;
  readonly #random: () => number;
  readonly #clock: Clock;
  /** By the pod's uid. */
  readonly #containers = new Map<string, Container>();
  #controller: Controller | undefined;

  constructor(options: KubeletOptions) {
    this.#client = options.client;
    this.#caches = options.caches;
    this.#startMs = options.startMs ?? 300;
    this.#restartMs = options.restartMs ?? 1000;
    this.#crashProbability = options.crashProbability ?? 0;
    this.#random = options.random ?? Math.random;
    this.#clock = options.clock ?? systemClock;
  }

  /** Registers the controller that does the work. */
  register(manager: Manager): Controller {
    this.#controller = manager
      .controller('simulated-kubelet')
      .for(pods)
      .watches(nodes, (node) =>
        this.#caches.pods.indexer
          .byIndex(nodeIndex, node.metadata?.name ?? '')
          .map(({ metadata }) => ({
            namespace: metadata?.namespace ?? '',
            name: metadata?.name ?? '',
          })),
      )
      .withOptions({ maxConcurrentReconciles: 8 })
      .reconcile(async ({ namespace, name }, { signal }) => {
        const pod = this.#caches.pods.lister.byNamespace(namespace).get(name);
        if (!pod || pod.spec?.nodeName === undefined) return {};
        if (pod.metadata?.deletionTimestamp !== undefined) {
          await this.#remove(pod, signal);
          return {};
        }
        return this.#keepRunning(pod, signal);
      });
    return this.#controller;
  }

  /** Crashes the container of a pod; it restarts after a while. */
  async crash(namespace: string, name: string): Promise<void> {
    const uid = this.#caches.pods.lister.byNamespace(namespace).get(name)?.metadata?.uid;
    const container = this.#containers.get(uid ?? '');
    if (!container) throw new Error(`Cannot crash pod ${namespace}/${name}: it does not run here`);
    this.#crash(container);
    await this.#controller?.enqueue({ namespace, name });
  }

  #crash(container: Container): void {
    container.restartCount += 1;
    container.readyAtMs = this.#clock.now() + this.#restartMs;
  }

  async #keepRunning(pod: Wire<V1Pod>, signal: AbortSignal): Promise<{ requeueAfterMs?: number }> {
    const container = this.#containerOf(pod);
    const isRunning = container.readyAtMs === undefined;
    if (isRunning && this.#random() < this.#crashProbability) this.#crash(container);
    const remainingMs = (container.readyAtMs ?? 0) - this.#clock.now();
    if (remainingMs <= 0) container.readyAtMs = undefined;
    await this.#writeStatus(pod, container, signal);
    return container.readyAtMs === undefined ? {} : { requeueAfterMs: Math.max(1, remainingMs) };
  }

  #containerOf(pod: Wire<V1Pod>): Container {
    const uid = pod.metadata?.uid ?? '';
    let container = this.#containers.get(uid);
    if (!container) {
      container = { readyAtMs: this.#clock.now() + this.#startMs, restartCount: 0 };
      this.#containers.set(uid, container);
    }
    return container;
  }

  async #writeStatus(pod: Wire<V1Pod>, container: Container, signal: AbortSignal): Promise<void> {
    const status = podStatus(pod, container, this.#isNodeReady(pod));
    if (covers(pod.status, status)) return;
    const { name = '', namespace = '' } = pod.metadata ?? {};
    await this.#client
      .resource(pods)
      .namespace(namespace)
      .patchStatus(name, { status }, { type: 'merge', signal });
  }

  #isNodeReady(pod: Wire<V1Pod>): boolean {
    const node = this.#caches.nodes.lister.get(pod.spec?.nodeName ?? '');
    return node !== undefined && isNodeReady(node);
  }

  /** The containers of a deleted pod have ended: nothing holds it any more. */
  async #remove(pod: Wire<V1Pod>, signal: AbortSignal): Promise<void> {
    const { name = '', namespace = '', uid } = pod.metadata ?? {};
    this.#containers.delete(uid ?? '');
    const ofNamespace = this.#client.resource(pods).namespace(namespace);
    await ignoreNotFound(
      ofNamespace.delete(name, { gracePeriodSeconds: 0, preconditions: { uid }, signal }),
    );
  }
}

function podStatus(
  pod: Wire<V1Pod>,
  { readyAtMs, restartCount }: Container,
  isNodeReady: boolean,
): Partial<Wire<V1PodStatus>> {
  const isRunning = readyAtMs === undefined;
  const ready = isRunning && isNodeReady;
  const name = pod.spec?.containers[0]?.name ?? '';
  const image = pod.spec?.containers[0]?.image ?? '';
  const waiting = { reason: restartCount > 0 ? 'CrashLoopBackOff' : 'ContainerCreating' };
  return {
    phase: isRunning || restartCount > 0 ? 'Running' : 'Pending',
    conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    containerStatuses: [
      {
        name,
        image,
        imageID: '',
        ready,
        restartCount,
        state: isRunning ? { running: {} } : { waiting },
      },
    ],
  };
}
