import type {
  V1ConfigMap,
  V1Deployment,
  V1Node,
  V1Pod,
  V1ReplicaSet,
  V1Service,
} from '@kubernetes/client-node';
import { controllerOwnerUidIndexFunc, labelIndexFunc } from '@kubeloop/cache-store';
import {
  configMaps,
  deployments,
  nodes,
  pods,
  replicaSets,
  services,
  type Wire,
} from '@kubeloop/client';
import type { Manager } from '@kubeloop/controller';
import type { SharedInformer } from '@kubeloop/informer';
import { appLabel } from '../children/metadata.ts';
import { webApps, type WebApp } from './web-app.ts';

/** The index of objects by the uid of the controller that owns them. */
export const ownerIndex = 'owner';
/** The index of pods by the node that carries them; the scheduler and the NodesReady condition use it. */
export const nodeIndex = 'node';

/** The index of pods by the application they belong to, in any namespace. */
export const appIndex = 'app';

/** The caches that the sample reads: one watch a kind, shared by all that look at it. */
export interface Caches {
  readonly webApps: SharedInformer<WebApp>;
  readonly configMaps: SharedInformer<Wire<V1ConfigMap>>;
  readonly deployments: SharedInformer<Wire<V1Deployment>>;
  readonly services: SharedInformer<Wire<V1Service>>;
  readonly replicaSets: SharedInformer<Wire<V1ReplicaSet>>;
  readonly pods: SharedInformer<Wire<V1Pod>>;
  readonly nodes: SharedInformer<Wire<V1Node>>;
}

/** The caches of a manager, with the indices that the sample needs. */
export function cachesOf(manager: Manager): Caches {
  const caches = {
    webApps: manager.informerFor(webApps),
    configMaps: manager.informerFor(configMaps),
    deployments: manager.informerFor(deployments),
    services: manager.informerFor(services),
    replicaSets: manager.informerFor(replicaSets),
    pods: manager.informerFor(pods),
    nodes: manager.informerFor(nodes),
  };
  caches.replicaSets.addIndexers({ [ownerIndex]: controllerOwnerUidIndexFunc });
  caches.pods.addIndexers({
    [ownerIndex]: controllerOwnerUidIndexFunc,
    [nodeIndex]: nodeOf,
    [appIndex]: labelIndexFunc(appLabel),
  });
  return caches;
}

/** The objects of one cache whose controller is another object. */
export function ownedBy<T extends object>(
  informer: SharedInformer<T>,
  owner: { readonly metadata?: { readonly uid?: string } } | undefined,
): readonly T[] {
  const uid = owner?.metadata?.uid;
  return uid === undefined ? [] : informer.indexer.byIndex(ownerIndex, uid);
}

function nodeOf(pod: Wire<V1Pod>): string[] {
  return pod.spec?.nodeName === undefined ? [] : [pod.spec.nodeName];
}
