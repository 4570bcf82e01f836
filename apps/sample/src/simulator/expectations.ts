/**
 * What a controller has written and its cache has not shown yet. A controller that creates objects with generated names
 * would create too many if it counted only what the cache shows; so it waits until the cache has caught up.
 * The idea is that of Kubernetes' own ReplicaSet controller.
 */
export class Expectations {
  readonly #created = new Map<string, Set<string>>();
  readonly #deleted = new Map<string, Set<string>>();

  /** Remembers that an owner has made an object. */
  expectCreation(owner: string, uid: string): void {
    remember(this.#created, owner, uid);
  }

  /** Remembers that an owner has deleted an object. */
  expectDeletion(owner: string, uid: string): void {
    remember(this.#deleted, owner, uid);
  }

  /**
   * Whether the cache shows all that the owner has written.
   *
   * @param cached - the uids of the owner's objects in the cache
   * @param living - those of them that are not being deleted
   */
  areMet(owner: string, cached: ReadonlySet<string>, living: ReadonlySet<string>): boolean {
    const areCreated = settle(this.#created, owner, (uid) => cached.has(uid));
    const areDeleted = settle(this.#deleted, owner, (uid) => !living.has(uid));
    return areCreated && areDeleted;
  }

  /** Forgets an owner that is gone. */
  forget(owner: string): void {
    this.#created.delete(owner);
    this.#deleted.delete(owner);
  }
}

function remember(pending: Map<string, Set<string>>, owner: string, uid: string): void {
  const uids = pending.get(owner) ?? new Set();
  pending.set(owner, uids.add(uid));
}

function settle(
  pending: Map<string, Set<string>>,
  owner: string,
  isSeen: (uid: string) => boolean,
): boolean {
  const uids = pending.get(owner);
  if (!uids) return true;
  for (const uid of uids) if (isSeen(uid)) uids.delete(uid);
  if (uids.size === 0) pending.delete(owner);
  return uids.size === 0;
}
