import type { ObjectLike } from '@kubeloop/cache-store';
import type {
  CreateOrUpdateOptions,
  Mutate,
  ObjectName,
  ObjectWriter,
  WriteOutcome,
} from './create-or-update-options.ts';
import { mergePatch } from './merge-patch.ts';
import { isBuiltInGroup, isSemanticallyEqual } from './semantic-equality.ts';
import { callOptions, write } from './write-attempts.ts';

/**
 * Creates an object, or updates it when `mutate` makes a difference, as controller-runtime's `CreateOrUpdate`. Nothing is
 * written when there is none in meaning: `0.5` CPU is `500m`, and an empty list of a built-in kind is none.
 *
 * Others may write at the same time, and a cache may be behind: after a conflict, a creation of what exists, or an update of
 * what is gone, the object is read anew by the client and `mutate` called again; the error of the last try is thrown.
 *
 * Changes to the status are ignored by the API server where the kind has that subresource. A `mutate` that removes what the
 * server sets by default leads to an update each time.
 *
 * @param start - the name, or an object that is where a creation starts from; an object that exists is taken as it is
 * @throws TypeError when `mutate` changes name or namespace, or there is no name; RangeError when `attempts` is no whole
 * number from 1; what `mutate` throws; what the client throws
 */
export function createOrUpdate<T extends ObjectLike>(
  client: ObjectWriter<T>,
  start: T | ObjectName,
  mutate: Mutate<T>,
  options: CreateOrUpdateOptions<T> = {},
): Promise<WriteOutcome<T>> {
  return write({ client, start, mutate, options }, async ({ target, before, after }) => {
    const isBuiltIn = isBuiltInGroup(target.resource.group);
    if (isSemanticallyEqual(before, after, isBuiltIn))
      return { result: 'unchanged', object: before };
    return { result: 'updated', object: await target.update(after, callOptions(options)) };
  });
}

/**
 * Creates an object, or patches what `mutate` made different, as controller-runtime's `CreateOrPatch`: object and status
 * by one JSON merge patch each, as far as each is needed. Fields that others write meanwhile are kept; a list is replaced
 * whole, so where others write to the same list use `optimisticLock`.
 *
 * Patches carry the uid, so that another object of the name is never changed. What comes of races, and what is thrown, is as
 * with {@link createOrUpdate}. The status of a new object is written by the next call.
 *
 * @param start - the name, or an object that is where a creation starts from; an object that exists is taken as it is
 */
export function createOrPatch<T extends ObjectLike>(
  client: ObjectWriter<T>,
  start: T | ObjectName,
  mutate: Mutate<T>,
  options: CreateOrUpdateOptions<T> = {},
): Promise<WriteOutcome<T>> {
  let isUpdated = false;
  return write({ client, start, mutate, options }, async ({ target, name, before, after }) => {
    const { status: oldStatus, ...oldRest } = partsOf(before);
    const { status, ...rest } = partsOf(after);
    const isSame = (a: object, b: object): boolean =>
      isSemanticallyEqual(a, b, isBuiltInGroup(target.resource.group));
    const patchOptions = { type: 'merge', ...callOptions(options) } as const;
    let object = before;
    if (!isSame(oldRest, rest)) {
      const patch = guarded(mergePatch(oldRest, rest), object, options);
      object = await target.patch(name, patch, patchOptions);
      isUpdated = true;
    }
    if (isSame({ status: oldStatus }, { status }))
      return { result: isUpdated ? 'updated' : 'unchanged', object };
    const patch = guarded(mergePatch({ status: oldStatus }, { status }), object, options);
    object = await target.patchStatus(name, patch, patchOptions);
    return { result: isUpdated ? 'updatedStatus' : 'updatedStatusOnly', object };
  });
}

interface Parts {
  readonly metadata?: object | undefined;
  readonly status?: unknown;
}

/** An object as what has, perhaps, a status. */
function partsOf(object: ObjectLike): Parts {
  return object;
}

/** A patch that fails with a conflict for another object of the name, and for another version when that is wanted. */
function guarded(
  patch: unknown,
  { metadata }: ObjectLike,
  { optimisticLock }: { readonly optimisticLock?: boolean | undefined },
): unknown {
  // The patch of two objects is an object, or nothing when they differ in meaning only for a server of other kinds.
  const changes = (patch ?? {}) as Parts;
  const { uid, resourceVersion } = metadata ?? {};
  const guard = { uid, ...(optimisticLock && { resourceVersion }) };
  return { ...changes, metadata: { ...changes.metadata, ...guard } };
}
