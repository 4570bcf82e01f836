import type { V1Pod, V1ReplicaSet } from '@kubernetes/client-node';
import { pods, replicaSets, type KubeClient, type Wire } from '@kubeloop/client';
import { setControllerReference, type Controller, type Manager } from '@kubeloop/controller';
import { covers } from '../children/covers.ts';
import { ownedBy, type Caches } from '../web-app/caches.ts';
import { isPodReady } from '../web-app/status.ts';
import { Expectations } from './expectations.ts';

/** Keeps as many pods as a ReplicaSet wants, and counts them in its status. */
export function replicaSetController(
  manager: Manager,
  client: KubeClient,
  caches: Caches,
): Controller {
  const expectations = new Expectations();
  return manager
    .controller('simulated-replicaset')
    .for(replicaSets)
    .owns(pods)
    .withOptions({ maxConcurrentReconciles: 4 })
    .reconcile(async ({ namespace, name }, { signal }) => {
      const key = `${namespace}/${name}`;
      const replicaSet = caches.replicaSets.lister.byNamespace(namespace).get(name);
      if (!replicaSet || replicaSet.metadata?.deletionTimestamp !== undefined) {
        expectations.forget(key);
        return;
      }
      const owned = ownedBy(caches.pods, replicaSet);
      const living = owned.filter((pod) => pod.metadata?.deletionTimestamp === undefined);
      // The cache's next event about one of its pods leads here again.
      if (!expectations.areMet(key, uidsOf(owned), uidsOf(living))) return;
      const missing = (replicaSet.spec?.replicas ?? 1) - living.length;
      for (let count = 0; count < missing; count += 1) {
        const created = await client.resource(pods).create(podOf(replicaSet), { signal });
        expectations.expectCreation(key, created.metadata?.uid ?? '');
      }
      for (const pod of surplus(living, -missing)) {
        await client
          .resource(pods)
          .namespace(namespace)
          .delete(pod.metadata?.name ?? '', { signal });
        expectations.expectDeletion(key, pod.metadata?.uid ?? '');
      }
      await writeStatus(client, replicaSet, living, signal);
    });
}

function uidsOf(pods: readonly Wire<V1Pod>[]): Set<string> {
  return new Set(pods.map((pod) => pod.metadata?.uid ?? ''));
}

function podOf(replicaSet: Wire<V1ReplicaSet>): Wire<V1Pod> {
  const { name = '', namespace = '' } = replicaSet.metadata ?? {};
  const { metadata, spec } = replicaSet.spec?.template ?? {};
  if (!spec)
    throw new Error(`Cannot make a pod of ReplicaSet ${namespace}/${name}: it has no template`);
  const pod: Wire<V1Pod> = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, namespace, generateName: `${name}-` },
    spec,
  };
  return setControllerReference(replicaSet, pod, { resource: replicaSets });
}

/** The pods to take away: those that are of the least use first. */
function surplus(living: readonly Wire<V1Pod>[], count: number): readonly Wire<V1Pod>[] {
  const use = (pod: Wire<V1Pod>): number =>
    (isPodReady(pod) ? 2 : 0) + (pod.spec?.nodeName === undefined ? 0 : 1);
  return living.toSorted((a, b) => use(a) - use(b)).slice(0, Math.max(0, count));
}

async function writeStatus(
  client: KubeClient,
  replicaSet: Wire<V1ReplicaSet>,
  living: readonly Wire<V1Pod>[],
  signal: AbortSignal,
): Promise<void> {
  const { name = '', namespace = '', generation } = replicaSet.metadata ?? {};
  const ready = living.filter(isPodReady).length;
  const status = {
    replicas: living.length,
    readyReplicas: ready,
    availableReplicas: ready,
    observedGeneration: generation,
  };
  if (covers(replicaSet.status, status)) return;
  await client
    .resource(replicaSets)
    .namespace(namespace)
    .patchStatus(name, { status }, { type: 'merge', signal });
}
