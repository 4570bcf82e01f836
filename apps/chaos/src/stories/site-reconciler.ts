import type { NamespaceLister } from '@kubeloop/cache-store';
import { ignoreNotFound } from '@kubeloop/client';
import type { KubeClient } from '@kubeloop/client';
import {
  addFinalizer,
  hasOwnerReference,
  removeFinalizer,
  setControllerReference,
} from '@kubeloop/controller';

import { keys, listingFinalizer, pages, siteLabel, sites, wantedOf } from './sites.ts';
import type { Part, Site } from './sites.ts';

/** What the reconciler knows without asking: the caches, however old. */
interface Caches {
  readonly sites: NamespaceLister<Site>;
  readonly pages: NamespaceLister<Part>;
}

const fieldManager = 'site-controller';

/** Brings one site to what {@link wantedOf} says, from whatever is there. */
export class SiteReconciler {
  readonly #client: KubeClient;
  readonly #namespace: string;
  readonly #caches: Caches;

  constructor(client: KubeClient, namespace: string, caches: Caches) {
    this.#client = client;
    this.#namespace = namespace;
    this.#caches = caches;
  }

  /** One round. Safe to repeat, and to be given an old site. */
  async reconcile(name: string, signal: AbortSignal): Promise<void> {
    const cached = this.#caches.sites.get(name);
    // What a site that is gone has owned is the garbage collector's.
    if (cached === undefined) return;
    const client = this.#client.resource(sites);
    if (cached.metadata.deletionTimestamp !== undefined) {
      await this.#deletePage(wantedOf(cached).listing, signal);
      await removeFinalizer(client, cached, listingFinalizer, { signal });
      return;
    }
    const site = await addFinalizer(client, cached, listingFinalizer, { signal });
    await this.#makeParts(site, signal);
    await this.#removeOtherPages(site, signal);
    await this.#report(site, signal);
  }

  async #makeParts(site: Site, signal: AbortSignal): Promise<void> {
    const { pages: names, key, listing } = wantedOf(site);
    const { theme } = site.spec;
    const options = { fieldManager, force: true, signal };
    for (const page of names) {
      const part = setControllerReference(site, this.#part(site, 'ConfigMap', page, theme), {
        resource: sites,
      });
      await this.#client.resource(pages).apply(part, options);
    }
    const secret = this.#part(site, 'Secret', key, Buffer.from(theme).toString('base64'));
    const owned = setControllerReference(site, secret, { resource: sites });
    await this.#client.resource(keys).apply(owned, options);
    const unowned = this.#part(site, 'ConfigMap', listing, theme);
    await this.#client.resource(pages).apply(unowned, options);
  }

  async #removeOtherPages(site: Site, signal: AbortSignal): Promise<void> {
    const wanted = new Set(wantedOf(site).pages);
    for (const page of this.#caches.pages.list(`${siteLabel}=${site.metadata.name}`)) {
      if (!hasOwnerReference(site, page, { resource: sites })) continue;
      const { name } = page.metadata;
      if (!wanted.has(name)) await this.#deletePage(name, signal);
    }
  }

  async #report(site: Site, signal: AbortSignal): Promise<void> {
    const { theme } = site.spec;
    const count = site.spec.pages.length;
    if (site.status?.theme === theme && site.status.pages === count) return;
    const status = { theme, pages: count };
    const ofNamespace = this.#client.resource(sites).namespace(this.#namespace);
    await ofNamespace.patchStatus(site.metadata.name, { status }, { type: 'merge', signal });
  }

  async #deletePage(name: string, signal: AbortSignal): Promise<void> {
    const ofNamespace = this.#client.resource(pages).namespace(this.#namespace);
    await ignoreNotFound(ofNamespace.delete(name, { signal }));
  }

  #part(site: Site, kind: string, name: string, theme: string): Part {
    const labels = { [siteLabel]: site.metadata.name };
    const metadata = { name, namespace: this.#namespace, labels };
    return { apiVersion: 'v1', kind, metadata, data: { theme } };
  }
}
