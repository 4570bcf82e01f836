import type { OwnerReferenceLike } from '@kubeloop/cache-store';
import { defineResource } from '@kubeloop/client';
import type { Resource } from '@kubeloop/client';

/** What all objects here have. */
export interface StoryMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReferenceLike[];
}

/** A site of several pages, all in one theme. */
export interface Site {
  readonly metadata: StoryMetadata;
  readonly spec: { readonly pages: readonly string[]; readonly theme: string };
  readonly status?: { readonly pages: number; readonly theme: string };
}

/** Where sites live. */
export const sites: Resource<Site> = defineResource<Site>({
  group: 'stories.kubeloop.test',
  version: 'v1',
  plural: 'sites',
  kind: 'Site',
  namespaced: true,
});

/** A ConfigMap or Secret that belongs to a site. */
export interface Part {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: StoryMetadata;
  readonly data?: Readonly<Record<string, string>>;
}

const core = { group: '', version: 'v1', namespaced: true } as const;

/** Where pages and listings live: ConfigMaps. */
export const pages: Resource<Part> = defineResource<Part>({
  ...core,
  plural: 'configmaps',
  kind: 'ConfigMap',
});

/** Where keys live: Secrets. */
export const keys: Resource<Part> = defineResource<Part>({
  ...core,
  plural: 'secrets',
  kind: 'Secret',
});

/** Marks what belongs to a site, with the site's name as its value. */
export const siteLabel = 'stories.kubeloop.test/site';

/** Keeps a site until its listing is gone, which nobody owns. */
export const listingFinalizer = 'stories.kubeloop.test/listing';

/** What one site is to have, by name; the theme is what each holds. */
export interface Wanted {
  /** ConfigMaps that the site owns, one a page. */
  readonly pages: readonly string[];
  /** A Secret that the site owns. */
  readonly key: string;
  /** A ConfigMap without an owner, which goes only because of the finalizer. */
  readonly listing: string;
}

/** The rule that the controller follows and the audit checks. */
export function wantedOf({ metadata: { name }, spec }: Site): Wanted {
  return {
    pages: spec.pages.map((page) => `${name}-page-${page}`),
    key: `${name}-key`,
    listing: `${name}-listing`,
  };
}
