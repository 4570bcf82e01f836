import { isAlreadyExists, isConflict, isNotFound } from '@kubeloop/client';
import type { KubeClient, ResourceClient } from '@kubeloop/client';

import type { Random } from '../random.ts';
import { keys, pages, sites, wantedOf } from './sites.ts';
import type { Part, Site } from './sites.ts';

const themes = ['light', 'dark', 'sepia', 'blue'];
const pageNames = ['home', 'news', 'about', 'shop', 'help'];

/** What can happen to sites, and behind their controller's back to what belongs to them. */
const changes = ['create', 'change', 'change', 'remove', 'break', 'spoil', 'replace'] as const;

/** Makes `count` random changes, by requests of its own. Answers how many of each kind there were. */
export async function changeSites(
  client: KubeClient,
  namespace: string,
  { random, count }: { readonly random: Random; readonly count: number },
): Promise<Record<string, number>> {
  const chaos = new SiteChaos(client, namespace, random);
  const done: Record<string, number> = {};
  for (let index = 0; index < count; index += 1) {
    const change = random.pick(changes);
    await chaos[change]();
    done[change] = (done[change] ?? 0) + 1;
  }
  return done;
}

/** The changes. Names of sites come from a short list, so that they are used again. */
export class SiteChaos {
  readonly #sites: ResourceClient<Site>;
  readonly #maps: ResourceClient<Part>;
  readonly #keys: ResourceClient<Part>;
  readonly #random: Random;

  constructor(client: KubeClient, namespace: string, random: Random) {
    this.#sites = client.resource(sites).namespace(namespace);
    this.#maps = client.resource(pages).namespace(namespace);
    this.#keys = client.resource(keys).namespace(namespace);
    this.#random = random;
  }

  /** Makes a site, unless there is one of the name. */
  async create(name: string = `site-${this.#random.integer(1, 40)}`): Promise<void> {
    const spec = this.#spec();
    await tolerate(this.#sites.create({ metadata: { name }, spec }));
  }

  /** Changes what a site wants. */
  async change(): Promise<void> {
    const { name } = (await this.#anySite()).metadata;
    const spec = this.#spec();
    await tolerate(this.#sites.patch(name, { spec }, { type: 'merge' }));
  }

  /** Deletes a site. */
  async remove(): Promise<void> {
    await this.#delete(await this.#anySite());
  }

  /** Deletes something that belongs to a site. */
  async break(): Promise<void> {
    const { pages: names, key, listing } = wantedOf(await this.#anySite());
    const name = this.#random.pick([...names, key, listing]);
    await tolerate(name === key ? this.#keys.delete(name) : this.#maps.delete(name));
  }

  /** Changes something that belongs to a site. */
  async spoil(): Promise<void> {
    const { pages: names, listing } = wantedOf(await this.#anySite());
    const name = this.#random.pick([...names, listing]);
    await tolerate(this.#maps.patch(name, { data: { theme: 'spoilt' } }, { type: 'merge' }));
  }

  /** Deletes a site and at once makes another of its name, which fails while the old one is on its way out. */
  async replace(): Promise<void> {
    const site = await this.#anySite();
    await this.#delete(site);
    await this.create(site.metadata.name);
  }

  /**
   * At the version that was read: without a precondition kube-apiserver 1.36 removes an object for good to which a finalizer is added
   * between its look at the finalizers and the removal, and then nothing is left that could call for a cleanup.
   */
  async #delete({ metadata: { name, resourceVersion } }: Site): Promise<void> {
    await tolerate(this.#sites.delete(name, { preconditions: { resourceVersion } }));
  }

  async #anySite(): Promise<Site> {
    const { items } = await this.#sites.list();
    return this.#random.pick(items);
  }

  #spec(): Site['spec'] {
    const names = this.#random.shuffled(pageNames).slice(0, this.#random.integer(0, 4));
    return { theme: this.#random.pick(themes), pages: names };
  }
}

/** Waits for a change that may come too early or too late. */
async function tolerate(change: Promise<unknown>): Promise<void> {
  try {
    await change;
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error) && !isAlreadyExists(error)) throw error;
  }
}
