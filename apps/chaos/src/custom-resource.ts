import { setTimeout as sleep } from 'node:timers/promises';

import type { HttpApi } from './http-api.ts';
import { collectionPath } from './resource-path.ts';
import { gadgets } from './subject-protocol.ts';

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const name = `${gadgets.plural}.${gadgets.group}`;

/** Installs the custom resource's definition and waits until the resource is served. */
export async function installCustomResource(api: HttpApi): Promise<void> {
  const { group, kind, plural, version } = gadgets;
  const spec = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const openAPIV3Schema = { type: 'object', properties: { spec } };
  const body = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [{ name: version, served: true, storage: true, schema: { openAPIV3Schema } }],
    },
  };
  await api.expect({ method: 'POST', path: definitions, body }, [409]);
  await until(
    async () => (await api.call({ method: 'GET', path: collectionPath(gadgets) })).status === 200,
  );
}

/** Deletes the definition and with it all objects, and waits until both are gone. */
export async function removeCustomResource(api: HttpApi): Promise<void> {
  const path = `${definitions}/${name}`;
  await api.expect({ method: 'DELETE', path }, [404]);
  await until(async () => (await api.call({ method: 'GET', path })).status === 404);
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!(await condition().catch(() => false))) {
    if (performance.now() > deadline)
      throw new Error(`The definition of ${name} did not become what it was asked to be`);
    await sleep(50);
  }
}
