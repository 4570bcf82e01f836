import type { ObjectLike } from '@kubeloop/cache-store';
import { parseFieldSelector, parseLabelSelector } from '@kubeloop/cache-store';
import type { InformerSelection } from '../informer-selection.ts';

/** Tells which writes a cache will ever show, so that nobody waits for one that it will not. */
export class CacheView {
  readonly #namespace: string;
  readonly #namespaces: InformerSelection['namespaces'];
  readonly #fits: readonly ((object: ObjectLike) => boolean)[];

  constructor({ namespace, namespaces, labelSelector, fieldSelector }: InformerSelection = {}) {
    this.#namespace = namespace ?? '';
    this.#namespaces = namespaces;
    const fits: ((object: ObjectLike) => boolean)[] = [];
    if (labelSelector) {
      const labels = parseLabelSelector(labelSelector);
      fits.push((object) => labels.matches(object.metadata?.labels ?? {}));
    }
    if (fieldSelector) {
      const fields = parseFieldSelector(fieldSelector);
      fits.push((object) => fields.matches(object));
    }
    this.#fits = fits;
  }

  /** Whether it shows every object of its namespaces. */
  get isComplete(): boolean {
    return this.#fits.length === 0;
  }

  /** Whether objects of a namespace, `""` for none, can be in the cache. */
  hasNamespace(namespace: string): boolean {
    if (this.#namespaces) return namespace === '' || this.#namespaces.has(namespace);
    return this.#namespace === '' || namespace === '' || namespace === this.#namespace;
  }

  /** Whether each namespace of the cache is read alone, and is as new as what has come from there. */
  get isByNamespace(): boolean {
    return this.#namespaces !== undefined;
  }

  /** Whether the cache shows this state. One that it does not show still ends a state that it showed. */
  shows(object: ObjectLike): boolean {
    return this.#fits.every((fits) => fits(object));
  }
}
