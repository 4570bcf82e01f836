import type { V1Node, V1Pod } from '@kubernetes/client-node';
import {
  configMaps,
  deployments,
  nodes,
  pods,
  replicaSets,
  services,
  type KubeClient,
  type Wire,
} from '@kubeloop/client';
import {
  ownerChain,
  ownerRequests,
  type Controller,
  type Manager,
  type MapFunction,
  type Reconciler,
} from '@kubeloop/controller';
import type { HostRegistry } from '../host-registry.ts';
import { nodeIndex, type Caches } from './caches.ts';
import { webAppReconciler } from './reconciler.ts';
import { selects } from './service-selector.ts';
import { webApps } from './web-app.ts';

/** What the controller works with. */
export interface WebAppControllerOptions {
  readonly manager: Manager;
  readonly client: KubeClient;
  readonly caches: Caches;
  readonly hosts: HostRegistry;
  /** Puts something around each reconcile. Default nothing. */
  readonly around?: ((reconcile: Reconciler) => Reconciler) | undefined;
}

/**
 * The controller of WebApps: everything that may concern one leads to its key, by one of four ways.
 *
 * - A child names its owner: ConfigMap, Deployment and Service to their WebApp.
 * - A pod names its ReplicaSet, that its Deployment, that the WebApp: three owners up, through the caches.
 * - A Service does not own the pods it reaches: their labels match its selector.
 * - A node owns nothing at all: an index tells which pods it carries.
 */
export function webAppController({
  manager,
  client,
  caches,
  hosts,
  around = (reconcile) => reconcile,
}: WebAppControllerOptions): Controller {
  return manager
    .controller('webapp')
    .for(webApps)
    .owns(configMaps)
    .owns(deployments)
    .owns(services)
    .owns(pods, { through: [replicaSets, deployments] })
    .watches(pods, ownersOfServicesThatSelect(caches))
    .watches(nodes, ownersOfPodsOn(manager, caches))
    .withOptions({ maxConcurrentReconciles: 4 })
    .reconcile(around(webAppReconciler({ client, caches, hosts })));
}

/** Pod → the Services whose selector reaches it → their WebApps. */
function ownersOfServicesThatSelect(caches: Caches): MapFunction<Wire<V1Pod>> {
  const webAppOf = ownerRequests(webApps);
  return (pod) =>
    caches.services.lister
      .byNamespace(pod.metadata?.namespace ?? '')
      .list()
      .filter((service) => selects(service, pod))
      .flatMap((service) => webAppOf(service));
}

/** Node → the pods it carries → their WebApps, three owners up. */
function ownersOfPodsOn(manager: Manager, caches: Caches): MapFunction<Wire<V1Node>> {
  const webAppOf = ownerChain(manager, [replicaSets, deployments, webApps]);
  return (node) =>
    caches.pods.indexer
      .byIndex(nodeIndex, node.metadata?.name ?? '')
      .flatMap((pod) => webAppOf(pod));
}
