import { setTimeout as wait } from 'node:timers/promises';
import {
  customResourceDefinitions,
  ignoreNotFound,
  isAlreadyExists,
  isNotFound,
  namespaces,
  type KubeClient,
  type ResourceClient,
  type Wire,
} from '@kubeloop/client';
import { isConditionTrue, type Condition } from '@kubeloop/controller';
import type { V1CustomResourceDefinition } from '@kubernetes/client-node';
import { fieldManager, managedByLabel } from '../children/metadata.ts';
import { webAppDefinition } from '../web-app/definition.ts';
import { webApps } from '../web-app/web-app.ts';

/**
 * Makes the cluster serve WebApps.
 *
 * @returns whether they were not known before
 */
export async function installDefinition(client: KubeClient, signal: AbortSignal): Promise<boolean> {
  const definitions = client.resource(customResourceDefinitions);
  const isOurs = await createDefinition(definitions, signal);
  // Established means that the names are accepted; the paths are served a moment later.
  for (;;) {
    const { status } = await definitions.get(webApps.name, { signal });
    // A CRD's conditions may lack a transition time in their type, not in fact.
    if (isConditionTrue(status?.conditions as readonly Condition[] | undefined, 'Established'))
      break;
    await wait(20, undefined, { signal });
  }
  for (;;) {
    try {
      await client.resource(webApps).list({ limit: 1, signal });
      return isOurs;
    } catch (error) {
      if (!isNotFound(error)) throw error;
      await wait(20, undefined, { signal });
    }
  }
}

/** Whether it was not there. One that is about to go is waited for: until then it is still called Established. */
async function createDefinition(
  definitions: ResourceClient<Wire<V1CustomResourceDefinition>>,
  signal: AbortSignal,
): Promise<boolean> {
  for (;;) {
    try {
      await definitions.create(webAppDefinition, { fieldManager, signal });
      return true;
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
    const existing = await ignoreNotFound(definitions.get(webApps.name, { signal }));
    if (existing && existing.metadata?.deletionTimestamp === undefined) return false;
    await wait(20, undefined, { signal });
  }
}

/** Makes a namespace that is marked as the sample's, and returns its name. */
export async function createNamespace(
  client: KubeClient,
  metadata: { readonly name: string } | { readonly generateName: string },
  signal: AbortSignal,
): Promise<string> {
  const labels = { [managedByLabel]: fieldManager };
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { ...metadata, labels } };
  const created = await client.resource(namespaces).create(namespace, { signal });
  return created.metadata?.name ?? '';
}
