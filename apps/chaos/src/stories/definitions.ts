import { setTimeout as sleep } from 'node:timers/promises';

import { customResourceDefinitions, isAlreadyExists, isNotFound } from '@kubeloop/client';
import type { KubeClient, Resource } from '@kubeloop/client';

/** How long the server may take until it serves a new resource. */
const servedWithinMs = 30_000;

/** Installs a custom resource with a status and without a schema, unless it is there, and waits until it is served. */
export async function installDefinition(
  client: KubeClient,
  resource: Resource<unknown>,
): Promise<void> {
  const { group, kind, plural, version } = resource;
  const free = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const openAPIV3Schema = { type: 'object', properties: { spec: free, status: free } };
  const served = { name: version, served: true, storage: true, subresources: { status: {} } };
  const definition = {
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [{ ...served, schema: { openAPIV3Schema } }],
    },
  };
  try {
    await client.resource(customResourceDefinitions).create(definition);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
  const deadline = performance.now() + servedWithinMs;
  for (;;) {
    try {
      await client.resource(resource).list({ limit: 1 });
      return;
    } catch (error) {
      if (!isNotFound(error) || performance.now() > deadline) throw error;
    }
    await sleep(50);
  }
}
