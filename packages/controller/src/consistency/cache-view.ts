import type { ObjectLike } from '@kubeloop/cache-store';
import { parseFieldSelector, parseLabelSelector } from '@kubeloop/cache-store';
import type { InformerSelection } from '../informer-selection.ts';

/** Tells which writes a cache will ever show, so that nobody waits for one that it will not. */
export class CacheView {
  readonly #namespace: string;
  readonly #fits: readonly ((object: ObjectLike) => boolean)[];

  constructor({ namespace, labelSelector, fieldSelector }: InformerSelection = {}) {
    this.#namespace = namespace ?? '';
    const fits: ((object: ObjectLike) => boolean)[] = [];
    if (labelSelector !== undefined) {
      const labels = parseLabelSelector(labelSelector);
      fits.push((object) => labels.matches(object.metadata?.labels ?? {}));
    }
    if (fieldSelector !== undefined) {
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
    return this.#namespace === '' || namespace === '' || namespace === this.#namespace;
  }

  /** Whether the cache shows this state. One that it does not show still ends a state that it showed. */
  shows(object: ObjectLike): boolean {
    return this.#fits.every((fits) => fits(object));
  }
}
