import type { ObjectLike } from '@kubeloop/cache-store';
import type { AppliedMemory } from './applied-memory.ts';
import { isOlder } from './applied-memory.ts';
import type { DesiredChild } from './desired-children.ts';
import { differencesBetween } from './differences.ts';
import type { FieldOwner, FieldTree } from './owned-fields.ts';
import { digestOfFields, ownedFields } from './owned-fields.ts';

/** Stands for all fields of an object to which nothing was ever applied under the field manager. */
export const neverApplied = '(not applied yet)' as const;

/** Tells whether a child has to be applied. */
export class ChildJudge {
  readonly #memory: AppliedMemory;
  readonly #owner: FieldOwner;

  constructor(memory: AppliedMemory, owner: FieldOwner) {
    this.#memory = memory;
    this.#owner = owner;
  }

  /**
   * Where a child is not as desired; empty when there is nothing to apply. `'unknown'` when that cannot be told, since neither
   * the object says which fields were applied nor has this process applied them.
   *
   * What was applied and came back different, because the server or a webhook writes it in another way, counts as right
   * until somebody changes the fields that are owned, or what is desired changes.
   */
  differences(
    desired: DesiredChild,
    actual: ObjectLike,
    ownerUid: string,
  ): readonly string[] | 'unknown' {
    const { uid = '', resourceVersion = '' } = actual.metadata ?? {};
    const known = this.#memory.get(uid);
    const isSame = known?.desired === desired.digest;
    // The cache has yet to show what was applied last.
    if (isSame && isOlder(resourceVersion, known.resourceVersion)) return [];
    if (isSame && resourceVersion === known.resourceVersion) return [];
    const told = ownedFields(actual, this.#owner);
    const fields = told === 'unknown' ? known?.fields : told;
    if (fields === undefined) return told === 'unknown' ? 'unknown' : [neverApplied];
    const values = digestOfFields(actual, fields);
    const isAsLeft = isSame && values === known.values;
    const differences = isAsLeft ? [] : differencesBetween(desired.object, actual, fields);
    if (differences.length === 0) this.#remember({ desired, actual, fields, values, ownerUid });
    return differences;
  }

  /** Notes what an apply has led to. */
  applied(desired: DesiredChild, actual: ObjectLike, ownerUid: string): void {
    const told = ownedFields(actual, this.#owner);
    const fields = told === 'unknown' || told === undefined ? {} : told;
    const values = digestOfFields(actual, fields);
    this.#remember({ desired, actual, fields, values, ownerUid });
  }

  #remember({ desired, actual, fields, values, ownerUid }: Judgement): void {
    const { uid = '', resourceVersion = '' } = actual.metadata ?? {};
    const { namespace, name, digest } = desired;
    const child = { ownerUid, namespace, name, desired: digest, resourceVersion, values, fields };
    this.#memory.set(uid, child);
  }
}

interface Judgement {
  readonly desired: DesiredChild;
  readonly actual: ObjectLike;
  readonly fields: FieldTree;
  readonly values: string;
  readonly ownerUid: string;
}
