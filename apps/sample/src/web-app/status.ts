import type { V1Deployment, V1Node, V1Pod } from '@kubernetes/client-node';
import type { Wire } from '@kubeloop/client';
import { setCondition, type Condition } from '@kubeloop/controller';
import type { WebApp, WebAppStatus } from './web-app.ts';

/** What the caches know of a WebApp when its status is written. */
export interface Observed {
  readonly deployment: Wire<V1Deployment> | undefined;
  /** The pods that the Deployment's ReplicaSets own. */
  readonly pods: readonly Wire<V1Pod>[];
  /** The pods that the Service's selector reaches, ready or not. */
  readonly selected: readonly Wire<V1Pod>[];
  /** Which of the nodes that carry its pods are not ready. */
  readonly unreadyNodes: readonly string[];
}

/** The status that fits what was observed. Transition times move only when a condition does. */
export function webAppStatus(webApp: WebApp, observed: Observed, now?: () => Date): WebAppStatus {
  const observedGeneration = webApp.metadata.generation ?? 0;
  let conditions: readonly Condition[] = webApp.status?.conditions ?? [];
  for (const condition of [
    available(webApp, observed),
    progressing(webApp, observed),
    nodesReady(observed),
  ])
    conditions = setCondition(conditions, { ...condition, observedGeneration }, now ? { now } : {});
  return {
    observedGeneration,
    replicas: observed.pods.length,
    readyReplicas: observed.pods.filter(isPodReady).length,
    endpoints: observed.selected.filter(isPodReady).length,
    nodes: nodesOf(observed.pods),
    conditions,
  };
}

/** Whether the kubelet says that a pod can serve and nobody has asked for its end. */
export function isPodReady(pod: Wire<V1Pod>): boolean {
  if (pod.metadata?.deletionTimestamp !== undefined) return false;
  return (
    pod.status?.conditions?.some((each) => each.type === 'Ready' && each.status === 'True') ?? false
  );
}

/** The names of the nodes that carry some pods, sorted. */
export function nodesOf(pods: readonly Wire<V1Pod>[]): string[] {
  return [...new Set(pods.flatMap((pod) => pod.spec?.nodeName ?? []))].toSorted();
}

type Finding = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

function available(webApp: WebApp, { pods }: Observed): Finding {
  const wanted = webApp.spec.replicas ?? 1;
  const ready = pods.filter(isPodReady).length;
  const message = `${ready} of ${wanted} pods are ready`;
  return ready >= wanted
    ? { type: 'Available', status: 'True', reason: 'EnoughPodsReady', message }
    : { type: 'Available', status: 'False', reason: 'PodsNotReady', message };
}

function progressing({ spec }: WebApp, { deployment, pods }: Observed): Finding {
  const wanted = spec.replicas ?? 1;
  const { updatedReplicas = 0, observedGeneration = 0 } = deployment?.status ?? {};
  const isSeen = observedGeneration >= (deployment?.metadata?.generation ?? 1);
  return isSeen && updatedReplicas === wanted && pods.length === wanted
    ? {
        type: 'Progressing',
        status: 'False',
        reason: 'RolloutComplete',
        message: 'All pods are of the newest template',
      }
    : {
        type: 'Progressing',
        status: 'True',
        reason: 'RollingOut',
        message: `${updatedReplicas} of ${wanted} pods are of the newest template`,
      };
}

function nodesReady({ unreadyNodes }: Observed): Finding {
  return unreadyNodes.length === 0
    ? {
        type: 'NodesReady',
        status: 'True',
        reason: 'NodesReady',
        message: 'Every node that carries a pod is ready',
      }
    : {
        type: 'NodesReady',
        status: 'False',
        reason: 'NodeNotReady',
        message: `Pods are on nodes that are not ready: ${unreadyNodes.join(', ')}`,
      };
}

/** Whether a node's kubelet says that it is ready. */
export function isNodeReady(node: Wire<V1Node>): boolean {
  return (
    node.status?.conditions?.some((each) => each.type === 'Ready' && each.status === 'True') ??
    false
  );
}
