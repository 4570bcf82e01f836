import type { V1Pod } from '@kubernetes/client-node';
import type { Wire } from '@kubeloop/client';
import { getControllerOf } from '@kubeloop/controller';
import { ownedBy, type Caches } from '../web-app/caches.ts';
import { isPodReady } from '../web-app/status.ts';
import type { WebApp } from '../web-app/web-app.ts';

/** An object and what it owns. */
export interface TreeNode {
  readonly kind: string;
  readonly name: string;
  /** How it is, in a few words that do not differ from run to run. */
  readonly state: string;
  /** What is different in every run: the node, the number of restarts. */
  readonly detail: string;
  readonly children: readonly TreeNode[];
}

/** Every WebApp of a namespace with all that it owns, directly and through its children, as the caches show it; sorted by name. */
export function ownerTrees(caches: Caches, namespace: string): TreeNode[] {
  return caches.webApps.lister
    .byNamespace(namespace)
    .list()
    .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
    .map((webApp) => webAppNode(webApp, caches));
}

/**
 * The trees without what differs between two runs: generated names become the kind's own, and ReplicaSets
 * that are scaled to zero are left out, since how many of them are kept is the Deployment controller's affair.
 */
export function shapeOf(trees: readonly TreeNode[]): object[] {
  return trees.map(({ kind, name, state, children }) => ({
    kind,
    name: kind === 'ReplicaSet' || kind === 'Pod' ? kind : name,
    state,
    children: shapeOf(
      children.filter((child) => child.kind !== 'ReplicaSet' || child.state !== '0/0 ready'),
    ),
  }));
}

function webAppNode(webApp: WebApp, caches: Caches): TreeNode {
  const { name, namespace } = webApp.metadata;
  const { readyReplicas = 0, endpoints = 0, conditions = [] } = webApp.status ?? {};
  const isOwned = (object: { readonly metadata?: object }): boolean =>
    getControllerOf(object)?.uid === webApp.metadata.uid;
  const configMaps = caches.configMaps.lister.byNamespace(namespace).list().filter(isOwned);
  const services = caches.services.lister.byNamespace(namespace).list().filter(isOwned);
  const deployments = caches.deployments.lister.byNamespace(namespace).list().filter(isOwned);
  const isTrue = conditions.filter((each) => each.status === 'True').map((each) => each.type);
  const ending = webApp.metadata.deletionTimestamp === undefined ? [] : ['being deleted'];
  return {
    kind: 'WebApp',
    name,
    state: [`${readyReplicas}/${webApp.spec.replicas ?? 1} ready`, ...isTrue, ...ending].join(', '),
    detail: '',
    children: [
      ...configMaps.map((each) => leaf('ConfigMap', each.metadata?.name, settingsText(each.data))),
      ...services.map((each) => leaf('Service', each.metadata?.name, `${endpoints} endpoints`)),
      ...deployments.map((each) => ({
        ...leaf(
          'Deployment',
          each.metadata?.name,
          readyText(each.status?.readyReplicas, each.spec?.replicas),
        ),
        children: ownedBy(caches.replicaSets, each).map((replicaSet) => ({
          ...leaf(
            'ReplicaSet',
            replicaSet.metadata?.name,
            readyText(replicaSet.status?.readyReplicas, replicaSet.spec?.replicas),
          ),
          children: ownedBy(caches.pods, replicaSet).map(podNode),
        })),
      })),
    ],
  };
}

function leaf(kind: string, name: string | undefined, state: string): TreeNode {
  return { kind, name: name ?? '', state, detail: '', children: [] };
}

function podNode(pod: Wire<V1Pod>): TreeNode {
  const container = pod.status?.containerStatuses?.[0];
  const restarts = container?.restartCount ?? 0;
  const isEnding = pod.metadata?.deletionTimestamp !== undefined;
  return {
    kind: 'Pod',
    name: pod.metadata?.name ?? '',
    state: isEnding
      ? 'ending'
      : isPodReady(pod)
        ? 'ready'
        : (container?.state?.waiting?.reason ?? pod.status?.phase ?? 'Pending'),
    detail: [
      pod.spec?.nodeName ?? 'no node',
      ...(restarts > 0 ? [`${restarts} restarts`] : []),
    ].join(', '),
    children: [],
  };
}

function readyText(ready: number | undefined, wanted: number | undefined): string {
  return `${ready ?? 0}/${wanted ?? 1} ready`;
}

function settingsText(data: Readonly<Record<string, string>> | undefined): string {
  const settings = Object.entries(data ?? {}).map(([name, value]) => `${name}=${value}`);
  return settings.length === 0 ? 'no settings' : settings.toSorted().join(' ');
}
