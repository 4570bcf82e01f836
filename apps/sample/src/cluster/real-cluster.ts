import {
  customResourceDefinitions,
  ignoreNotFound,
  KubeClient,
  loadKubeConfig,
  namespaces,
  nodes,
} from '@kubeloop/client';
import { nodeNames } from '../simulator/nodes.ts';
import { webApps } from '../web-app/web-app.ts';
import type { Cluster } from './cluster.ts';
import { createNamespace, installDefinition } from './prepare.ts';

/** How to reach a cluster that is there already. */
export interface RealClusterOptions {
  /** A kubeconfig file; default as kubectl finds it. */
  readonly kubeconfig?: string | undefined;
  /** A context in it; default its current one. */
  readonly context?: string | undefined;
  /** Whether the cluster has no nodes, so that they must be played. */
  readonly playsNodes: boolean;
}

/** Prepares a cluster of somebody's. */
export async function realCluster(
  options: RealClusterOptions,
  signal: AbortSignal,
): Promise<Cluster> {
  const { kubeconfig, context, playsNodes } = options;
  const config = await loadKubeConfig({ path: kubeconfig, context });
  const client = new KubeClient(config);
  if (!playsNodes) await requireNodes(client, config.getCurrentContext(), signal);
  const isDefinitionOurs = await installDefinition(client, signal);
  const namespace = await createNamespace(client, { generateName: 'kubeloop-demo-' }, signal);
  return {
    title: `context ${config.getCurrentContext()}`,
    client,
    namespace,
    isReal: true,
    plays: playsNodes ? 'nodes' : 'nothing',
    async close() {
      await client.resource(namespaces).delete(namespace);
      for (const name of playsNodes ? nodeNames(3) : [])
        await ignoreNotFound(client.resource(nodes).delete(name));
      if (isDefinitionOurs)
        await ignoreNotFound(client.resource(customResourceDefinitions).delete(webApps.name));
      await client.close();
    },
  };
}

/** Without nodes no pod is ever ready, and the story would wait in vain. */
async function requireNodes(
  client: KubeClient,
  context: string,
  signal: AbortSignal,
): Promise<void> {
  const { items } = await client.resource(nodes).list({ limit: 1, signal });
  if (items.length === 0)
    throw new Error(
      `Cannot play the story on context "${context}": it has no nodes; add --kubelet to play them`,
    );
}
