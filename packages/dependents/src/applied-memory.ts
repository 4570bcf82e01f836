import { compareResourceVersions } from '@kubeloop/cache-store';
import type { FieldTree } from './owned-fields.ts';

/** What is known of one child since it was last applied or found to be as desired. */
export interface AppliedChild {
  readonly ownerUid: string;
  readonly namespace: string;
  readonly name: string;
  /** Stands for the desired state. */
  readonly desired: string;
  /** The resource version at which the child was found to be right. */
  readonly resourceVersion: string;
  /** Stands for the values of the owned fields at that time, whatever the server made of what was desired. */
  readonly values: string;
  /** The owned fields, for caches that leave them out. */
  readonly fields: FieldTree;
}

/** Remembers children of one dependent by uid, as long as they exist. */
export class AppliedMemory {
  readonly #byUid = new Map<string, AppliedChild>();
  readonly #byOwner = new Map<string, Set<string>>();

  /** How many children are remembered. */
  get size(): number {
    return this.#byUid.size;
  }

  get(uid: string): AppliedChild | undefined {
    return this.#byUid.get(uid);
  }

  set(uid: string, child: AppliedChild): void {
    this.forget(uid);
    this.#byUid.set(uid, child);
    const uids = this.#byOwner.get(child.ownerUid) ?? new Set();
    this.#byOwner.set(child.ownerUid, uids.add(uid));
  }

  forget(uid: string): void {
    const child = this.#byUid.get(uid);
    if (child === undefined) return;
    this.#byUid.delete(uid);
    const uids = this.#byOwner.get(child.ownerUid);
    uids?.delete(uid);
    if (uids?.size === 0) this.#byOwner.delete(child.ownerUid);
  }

  /** The children of an owner, in a new list. */
  ofOwner(ownerUid: string): readonly (AppliedChild & { readonly uid: string })[] {
    return [...(this.#byOwner.get(ownerUid) ?? [])].flatMap((uid) => {
      const child = this.#byUid.get(uid);
      return child === undefined ? [] : [{ ...child, uid }];
    });
  }
}

/** Whether a version is older than another; those that are no numbers are not compared. */
export function isOlder(version: string, than: string): boolean {
  if (!/^\d+$/.test(version) || !/^\d+$/.test(than)) return false;
  return compareResourceVersions(version, than) < 0;
}
