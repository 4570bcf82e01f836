import type { V1Node, V1Pod } from '@kubernetes/client-node';
import { nodes, pods, type KubeClient, type Wire } from '@kubeloop/client';
import {
  hasControllerReference,
  requestFor,
  type Controller,
  type Manager,
} from '@kubeloop/controller';
import { nodeIndex, type Caches } from '../web-app/caches.ts';
import { isNodeReady } from '../web-app/status.ts';

/** Gives each new pod to the ready node that carries the fewest pods, which an index of the pods by node tells. */
export function schedulerController(
  manager: Manager,
  client: KubeClient,
  caches: Caches,
): Controller {
  return (
    manager
      .controller('simulated-scheduler')
      .for(pods)
      // A node that becomes ready may take the pods that found none.
      .watches(nodes, () => caches.pods.lister.list().filter(isWaiting).map(requestFor))
      .reconcile(async ({ namespace, name }, { signal }) => {
        const pod = caches.pods.lister.byNamespace(namespace).get(name);
        if (!pod || !isWaiting(pod)) return;
        const node = leastLoaded(caches);
        if (!node) return;
        const target = { apiVersion: 'v1', kind: 'Node', name: node.metadata?.name };
        const body = { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace }, target };
        const path = `/api/v1/namespaces/${namespace}/pods/${name}/binding`;
        await client.request(path, { method: 'POST', body, signal });
      })
  );
}

/** Whether a pod wants a node. Pods that no controller owns are somebody else's. */
function isWaiting(pod: Wire<V1Pod>): boolean {
  const isLiving = pod.metadata?.deletionTimestamp === undefined;
  return pod.spec?.nodeName === undefined && isLiving && hasControllerReference(pod);
}

function leastLoaded(caches: Caches): Wire<V1Node> | undefined {
  const loads = caches.nodes.lister
    .list()
    .filter(isNodeReady)
    .map((node) => ({
      node,
      load: caches.pods.indexer.byIndex(nodeIndex, node.metadata?.name ?? '').length,
    }));
  return loads.toSorted((a, b) => a.load - b.load)[0]?.node;
}
