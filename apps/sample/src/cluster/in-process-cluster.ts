import { ApiServer } from '@kubeloop/apiserver';
import { KubeClient } from '@kubeloop/client';
import type { Cluster } from './cluster.ts';
import { installDefinition, createNamespace } from './prepare.ts';

/** Starts an API server in this process. */
export async function inProcessCluster(signal: AbortSignal): Promise<Cluster> {
  const server = new ApiServer();
  await server.start();
  const client = new KubeClient({ server: server.url, skipTLSVerify: true });
  await installDefinition(client, signal);
  const namespace = await createNamespace(client, { name: 'demo' }, signal);
  return {
    title: 'API server in this process',
    client,
    namespace,
    isReal: false,
    plays: 'everything',
    async close() {
      await client.close();
      await server.close();
    },
  };
}
