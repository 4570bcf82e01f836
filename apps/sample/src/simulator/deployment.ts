import { createHash } from 'node:crypto';
import type { V1Deployment, V1ReplicaSet } from '@kubernetes/client-node';
import {
  deployments,
  isAlreadyExists,
  replicaSets,
  type KubeClient,
  type Wire,
} from '@kubeloop/client';
import { setControllerReference, type Controller, type Manager } from '@kubeloop/controller';
import { covers } from '../children/covers.ts';
import { ownedBy, type Caches } from '../web-app/caches.ts';

const templateHashLabel = 'pod-template-hash';

/** Keeps one ReplicaSet a pod template, and moves the replicas from the old ones to the newest as its pods become ready. */
export function deploymentController(
  manager: Manager,
  client: KubeClient,
  caches: Caches,
): Controller {
  return manager
    .controller('simulated-deployment')
    .for(deployments)
    .owns(replicaSets)
    .withOptions({ maxConcurrentReconciles: 4 })
    .reconcile(async ({ namespace, name }, { signal }) => {
      const deployment = caches.deployments.lister.byNamespace(namespace).get(name);
      if (!deployment || deployment.metadata?.deletionTimestamp !== undefined) return;
      const owned = ownedBy(caches.replicaSets, deployment);
      const hash = templateHash(deployment);
      const newest = owned.find((each) => each.metadata?.labels?.[templateHashLabel] === hash);
      if (!newest) {
        await createReplicaSet(client, deployment, hash, signal);
        return;
      }
      const wanted = deployment.spec?.replicas ?? 1;
      await scale(client, newest, wanted, signal);
      let kept = wanted - Math.min(wanted, newest.status?.readyReplicas ?? 0);
      for (const old of owned.filter((each) => each !== newest)) {
        const share = Math.min(kept, old.spec?.replicas ?? 0);
        kept -= share;
        await scale(client, old, share, signal);
      }
      await writeStatus(client, deployment, { newest, owned }, signal);
    });
}

/** A name for a pod template, the same for the same template. */
function templateHash(deployment: Wire<V1Deployment>): string {
  const template = JSON.stringify(deployment.spec?.template);
  return createHash('sha256').update(template).digest('hex').slice(0, 9);
}

async function createReplicaSet(
  client: KubeClient,
  deployment: Wire<V1Deployment>,
  hash: string,
  signal: AbortSignal,
): Promise<void> {
  const { name = '', namespace = '' } = deployment.metadata ?? {};
  const { template, selector } = deployment.spec ?? {};
  const labels = { ...template?.metadata?.labels, [templateHashLabel]: hash };
  const replicaSet: Wire<V1ReplicaSet> = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: `${name}-${hash}`, namespace, labels },
    spec: {
      replicas: 0,
      selector: { matchLabels: { ...selector?.matchLabels, [templateHashLabel]: hash } },
      template: { ...template, metadata: { ...template?.metadata, labels } },
    },
  };
  const owned = setControllerReference(deployment, replicaSet, { resource: deployments });
  try {
    await client.resource(replicaSets).create(owned, { signal });
  } catch (error) {
    // The cache has not shown it yet; its event leads here again.
    if (!isAlreadyExists(error)) throw error;
  }
}

async function scale(
  client: KubeClient,
  replicaSet: Wire<V1ReplicaSet>,
  replicas: number,
  signal: AbortSignal,
): Promise<void> {
  if (replicaSet.spec?.replicas === replicas) return;
  const { name = '', namespace = '' } = replicaSet.metadata ?? {};
  await client
    .resource(replicaSets)
    .namespace(namespace)
    .patch(name, { spec: { replicas } }, { type: 'merge', signal });
}

/** The ReplicaSets of a Deployment. */
interface Owned {
  readonly newest: Wire<V1ReplicaSet>;
  /** All of them, the newest included. */
  readonly owned: readonly Wire<V1ReplicaSet>[];
}

async function writeStatus(
  client: KubeClient,
  deployment: Wire<V1Deployment>,
  { newest, owned }: Owned,
  signal: AbortSignal,
): Promise<void> {
  const sum = (count: (each: Wire<V1ReplicaSet>) => number | undefined): number =>
    owned.reduce((total, each) => total + (count(each) ?? 0), 0);
  const ready = sum((each) => each.status?.readyReplicas);
  const { name = '', namespace = '', generation } = deployment.metadata ?? {};
  const status = {
    observedGeneration: generation,
    replicas: sum((each) => each.status?.replicas),
    updatedReplicas: newest.status?.replicas ?? 0,
    readyReplicas: ready,
    availableReplicas: ready,
  };
  if (covers(deployment.status, status)) return;
  await client
    .resource(deployments)
    .namespace(namespace)
    .patchStatus(name, { status }, { type: 'merge', signal });
}
