import type { ObjectLike } from '@kubeloop/cache-store';

/**
 * Remembers of owners that are gone whom they belonged to.
 *
 * What they owned usually goes after them, when the cache has them no more; its end would lead nowhere. Of each owner only
 * name, namespace, uid and its own owners are kept, and of more owners than `limit` the ones that went last.
 */
export class GoneOwners {
  readonly #byUid = new Map<string, ObjectLike>();
  readonly #limit: number;

  /** @param limit - how many owners are kept. Default 10,000, a few megabytes */
  constructor(limit = 10_000) {
    this.#limit = limit;
  }

  /** An owner is gone. One without a uid cannot be referred to. */
  add({ metadata }: ObjectLike): void {
    const { name, namespace, uid, ownerReferences } = metadata ?? {};
    if (!uid) return;
    this.#byUid.delete(uid);
    this.#byUid.set(uid, { metadata: { name, namespace, uid, ownerReferences } });
    const [oldest] = this.#byUid.size > this.#limit ? this.#byUid.keys() : [];
    if (oldest !== undefined) this.#byUid.delete(oldest);
  }

  /** What is left of an owner that is gone. */
  get(uid: string): ObjectLike | undefined {
    return this.#byUid.get(uid);
  }
}
