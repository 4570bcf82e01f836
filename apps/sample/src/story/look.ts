import type { V1Deployment, V1Pod, V1ReplicaSet } from '@kubernetes/client-node';
import type { Wire } from '@kubeloop/client';
import { isConditionTrue } from '@kubeloop/controller';
import { ownedBy } from '../web-app/caches.ts';
import type { WebApp } from '../web-app/web-app.ts';
import type { Stage } from './stage.ts';

/** A WebApp as the cache shows it. */
export function webAppOf({ caches, namespace }: Stage, name: string): WebApp | undefined {
  return caches.webApps.lister.byNamespace(namespace).get(name);
}

/** The Deployment of a WebApp. */
export function deploymentOf(
  { caches, namespace }: Stage,
  name: string,
): Wire<V1Deployment> | undefined {
  return caches.deployments.lister.byNamespace(namespace).get(name);
}

/** The ReplicaSets of a WebApp's Deployment. */
export function replicaSetsOf(stage: Stage, name: string): readonly Wire<V1ReplicaSet>[] {
  return ownedBy(stage.caches.replicaSets, deploymentOf(stage, name));
}

/** The pods of a WebApp, three owners down. */
export function podsOf(stage: Stage, name: string): readonly Wire<V1Pod>[] {
  return replicaSetsOf(stage, name).flatMap((each) => ownedBy(stage.caches.pods, each));
}

/** Whether a WebApp has settled with a number of ready pods: its status speaks of its present spec and says so. */
export function isSettled(stage: Stage, name: string, replicas: number): boolean {
  const webApp = webAppOf(stage, name);
  return (
    webApp?.status?.observedGeneration === webApp?.metadata.generation &&
    webApp?.spec.replicas === replicas &&
    webApp.status?.readyReplicas === replicas &&
    webApp.status.endpoints === replicas &&
    isConditionTrue(webApp.status.conditions, 'Available') &&
    !isConditionTrue(webApp.status.conditions, 'Progressing')
  );
}
