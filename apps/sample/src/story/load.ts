import { namespaces, type KubeClient } from '@kubeloop/client';
import { webAppNamed, webApps } from '../web-app/web-app.ts';

/** The namespace of the WebApps that are there for their number only. */
export const loadNamespace = 'load';
const replicasEach = 50;

/**
 * Creates WebApps with about `pods` pods in all.
 *
 * @returns how many WebApps it took
 */
export async function createLoad(
  client: KubeClient,
  pods: number,
  signal: AbortSignal,
): Promise<number> {
  if (pods === 0) return 0;
  const count = Math.ceil(pods / replicasEach);
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: loadNamespace } };
  await client.resource(namespaces).create(namespace, { signal });
  for (let index = 0; index < count; index += 1) {
    const replicas = Math.min(replicasEach, pods - index * replicasEach);
    const spec = { image: 'load', replicas };
    await client
      .resource(webApps)
      .create(webAppNamed(loadNamespace, `load-${index + 1}`, spec), { signal });
  }
  return count;
}
