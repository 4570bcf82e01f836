import type { V1Node } from '@kubernetes/client-node';
import { isAlreadyExists, nodes, type KubeClient, type Wire } from '@kubeloop/client';
import { fieldManager, managedByLabel } from '../children/metadata.ts';

/** The names of the nodes that the simulator makes. */
export function nodeNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `kubeloop-node-${index + 1}`);
}

/** Makes a node that is ready, or takes one over that is left from before. */
export async function createNode(
  client: KubeClient,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const node: Wire<V1Node> = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { [managedByLabel]: fieldManager } },
  };
  try {
    await client.resource(nodes).create(node, { signal });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
  await setNodeReady(client, name, true, signal);
}

/** Says, as its kubelet would, whether a node is ready. */
export async function setNodeReady(
  client: KubeClient,
  name: string,
  isReady: boolean,
  signal: AbortSignal,
): Promise<void> {
  const condition = {
    type: 'Ready',
    status: isReady ? 'True' : 'False',
    reason: isReady ? 'KubeletReady' : 'KubeletNotReady',
  };
  await client
    .resource(nodes)
    .patchStatus(name, { status: { conditions: [condition] } }, { type: 'merge', signal });
}
