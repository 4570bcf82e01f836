import type { ObjectLike } from '@kubeloop/cache-store';
import { isConflict, isNotFound } from '@kubeloop/client';

/** The part of a resource client that finalizers need; `client.resource(webApps)` fits. */
export interface FinalizerClient<T> {
  /** The same client for the objects of one namespace. */
  namespace(name: string): FinalizerClient<T>;
  /** Reads an object. */
  get(name: string, options?: { readonly signal?: AbortSignal }): Promise<T>;
  /** Changes an object. */
  patch(
    name: string,
    patch: unknown,
    options: { readonly type: 'merge'; readonly signal?: AbortSignal },
  ): Promise<T>;
}

/** How a finalizer is changed. */
export interface FinalizerOptions {
  /** Ends the waiting for the API server. */
  readonly signal?: AbortSignal | undefined;
}

/** How often a change is tried anew after somebody else has written the object. */
const maxAttempts = 5;

/** Whether an object has a finalizer. */
export function hasFinalizer(object: ObjectLike, finalizer: string): boolean {
  return object.metadata?.finalizers?.includes(finalizer) ?? false;
}

/**
 * Adds a finalizer to an object and gives the object as the API server has it then. Without any request when the given
 * object has it already.
 *
 * Safe against others who write at the same time: the patch carries the resource version, and after a conflict the
 * object is read anew. An object of the same name with another uid is left alone.
 *
 * @throws ApiStatusError when the API server refuses, for example because the object is being deleted, is gone, or has
 * been replaced by another of its name
 */
export async function addFinalizer<T extends ObjectLike>(
  client: FinalizerClient<T>,
  object: T,
  finalizer: string,
  options: FinalizerOptions = {},
): Promise<T> {
  checkFinalizer(finalizer);
  const outcome = await changeFinalizers(client, object, options, (finalizers) =>
    finalizers.includes(finalizer) ? finalizers : [...finalizers, finalizer],
  );
  if ('conflict' in outcome) throw outcome.conflict; // as the client threw it
  return outcome.object;
}

/**
 * Removes a finalizer from an object and gives the object as the API server has it then, or `undefined` when it is gone
 * or has been replaced by another of its name. Without any request when the given object does not have it.
 *
 * Safe against others who write at the same time: the patch carries the resource version, and after a conflict the
 * object is read anew.
 *
 * @throws ApiStatusError when the API server refuses
 */
export async function removeFinalizer<T extends ObjectLike>(
  client: FinalizerClient<T>,
  object: T,
  finalizer: string,
  options: FinalizerOptions = {},
): Promise<T | undefined> {
  checkFinalizer(finalizer);
  try {
    const outcome = await changeFinalizers(client, object, options, (finalizers) =>
      finalizers.includes(finalizer) ? finalizers.filter((each) => each !== finalizer) : finalizers,
    );
    return 'conflict' in outcome ? undefined : outcome.object;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** The changed object, or the conflict that says that the name belongs to another object by now. */
type Outcome<T> = { readonly object: T } | { readonly conflict: unknown };

type Change = (finalizers: readonly string[]) => readonly string[];

async function changeFinalizers<T extends ObjectLike>(
  client: FinalizerClient<T>,
  object: T,
  options: FinalizerOptions,
  change: Change,
): Promise<Outcome<T>> {
  const { name, namespace, uid } = object.metadata ?? {};
  if (!name) throw new TypeError('Cannot change the finalizers of an object without a name');
  const target = namespace ? client.namespace(namespace) : client;
  const signal = options.signal ? { signal: options.signal } : {};
  let current = object;
  for (let attempt = 1; ; attempt += 1) {
    const before = current.metadata?.finalizers ?? [];
    const finalizers = change(before);
    if (finalizers === before) return { object: current };
    const resourceVersion = current.metadata?.resourceVersion;
    const patch = { metadata: { finalizers, resourceVersion, uid } };
    try {
      return { object: await target.patch(name, patch, { type: 'merge', ...signal }) };
    } catch (error) {
      if (!isConflict(error) || attempt >= maxAttempts) throw error;
      current = await target.get(name, signal);
      if (uid && current.metadata?.uid !== uid) return { conflict: error };
    }
  }
}

function checkFinalizer(finalizer: string): void {
  if (typeof finalizer !== 'string' || finalizer === '')
    throw new TypeError(
      `Cannot use "${finalizer}" as a finalizer: it needs a name such as "example.com/cleanup"`,
    );
}
