import { setTimeout as sleep } from 'node:timers/promises';

import { configMaps, isNotFound } from '@kubeloop/client';
import type { KubeClient, Resource } from '@kubeloop/client';

import type { StoryMetadata } from './sites.ts';

/** A controller-manager looks for new kinds every 30 seconds, and skips a round when the look-up fails. */
const followedWithinMs = 180_000;

/** How long one dependent is waited for: until its owner's kind is known, it is tried again later and later. */
const probeMs = 3000;

/** Waits until the garbage collector follows owners of a kind: until a dependent goes after its owner. */
export async function garbageIsCollected(
  client: KubeClient,
  namespace: string,
  owners: Resource<{ readonly metadata: StoryMetadata }>,
): Promise<void> {
  const deadline = performance.now() + followedWithinMs;
  for (let probe = 1; !(await isCollected(client, namespace, owners, `probe-${probe}`));) {
    if (performance.now() > deadline) {
      throw new Error(
        `Cannot count on garbage collection of what ${owners.plural}.${owners.group} own: after ${followedWithinMs} ms a dependent outlives its owner. Is there a kube-controller-manager?`,
      );
    }
    probe += 1;
  }
}

async function isCollected(
  client: KubeClient,
  namespace: string,
  owners: Resource<{ readonly metadata: StoryMetadata }>,
  name: string,
): Promise<boolean> {
  const maps = client.resource(configMaps).namespace(namespace);
  const ofKind = client.resource(owners).namespace(namespace);
  const { metadata } = await ofKind.create({ metadata: { name } });
  const { group, version, kind } = owners;
  const owner = { apiVersion: `${group}/${version}`, kind, name, uid: metadata.uid ?? '' };
  await maps.create({ metadata: { name, ownerReferences: [owner] } });
  await ofKind.delete(name);
  for (const deadline = performance.now() + probeMs; performance.now() < deadline;) {
    try {
      await maps.get(name);
    } catch (error) {
      if (isNotFound(error)) return true;
      throw error;
    }
    await sleep(50);
  }
  return false;
}
