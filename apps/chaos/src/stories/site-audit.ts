import type { KubeClient, Resource } from '@kubeloop/client';

import { keys, pages, siteLabel, sites, wantedOf } from './sites.ts';
import type { Part, Site } from './sites.ts';

/**
 * Compares what there is with what the sites want, by requests of its own. Answers a sentence for each difference; none means
 * that everything has converged.
 */
export async function auditSites(client: KubeClient, namespace: string): Promise<string[]> {
  const { items } = await client.resource(sites).namespace(namespace).list();
  const [foundMaps, foundSecrets] = await Promise.all([
    partsOf(client, pages, namespace),
    partsOf(client, keys, namespace),
  ]);
  const found = new Map([...foundMaps, ...foundSecrets]);
  const problems: string[] = [];
  for (const site of items) problems.push(...auditSite(site, found));
  for (const name of found.keys()) problems.push(`${name} belongs to no page of any site`);
  return problems;
}

/** Takes what the site wants out of `found`. */
function auditSite(site: Site, found: Map<string, Part>): string[] {
  const { metadata, spec, status } = site;
  const problems: string[] = [];
  if (metadata.deletionTimestamp !== undefined) problems.push(`${metadata.name} is not gone`);
  if (status?.pages !== spec.pages.length || status.theme !== spec.theme) {
    problems.push(`${metadata.name} has an old status`);
  }
  const { pages: names, key, listing } = wantedOf(site);
  for (const name of [...names, key, listing]) {
    const part = found.get(name);
    found.delete(name);
    const wanted = name === key ? Buffer.from(spec.theme).toString('base64') : spec.theme;
    if (part === undefined) problems.push(`${name} is missing`);
    else if (part.data?.['theme'] !== wanted) problems.push(`${name} has another theme`);
    else if (name !== listing && part.metadata.ownerReferences?.[0]?.uid !== metadata.uid) {
      problems.push(`${name} has another owner`);
    }
  }
  return problems;
}

async function partsOf(
  client: KubeClient,
  resource: Resource<Part>,
  namespace: string,
): Promise<[string, Part][]> {
  const { items } = await client
    .resource(resource)
    .namespace(namespace)
    .list({ labelSelector: siteLabel });
  return items.map((part) => [part.metadata.name, part]);
}
