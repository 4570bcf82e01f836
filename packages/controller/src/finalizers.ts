import type { ObjectLike } from '@kubeloop/cache-store';
import { ApiStatusError, ignoreNotFound, isConflict, isInvalid } from '@kubeloop/client';

/** The part of a resource client that finalizers need; `client.resource(webApps)` fits. */
export interface FinalizerClient<T> {
  /** The same client for the objects of one namespace. */
  namespace(name: string): FinalizerClient<T>;
  /** Reads an object, from the API server. */
  get(name: string, options?: { readonly signal?: AbortSignal }): Promise<T>;
  /** Changes an object. */
  patch(
    name: string,
    patch: unknown,
    options: { readonly type: 'json'; readonly signal?: AbortSignal },
  ): Promise<T>;
}

/** How a finalizer is changed. */
export interface FinalizerOptions {
  /** Ends the waiting for the API server. */
  readonly signal?: AbortSignal | undefined;
}

/** How often a change is tried anew after somebody else has written the list. */
const maxAttempts = 5;

/** Whether an object has a finalizer. */
export function hasFinalizer(object: ObjectLike, finalizer: string): boolean {
  return object.metadata?.finalizers?.includes(finalizer) ?? false;
}

/**
 * Adds a finalizer to an object and gives the object as the API server has it then. Without any request when the given
 * object has it already.
 *
 * Safe against others who write at the same time: a JSON patch tests the uid and the list of finalizers, and changes
 * nothing else, so writes to other parts of the object do not stand in its way. When the test fails the object is read
 * anew, five times at most.
 *
 * One gap is the API server's own (seen in 1.36): when somebody deletes the object at this very moment without a precondition, it
 * may be gone for good although this resolves. So let what a finalizer guards be found again by other means than the object, or
 * delete with a precondition of the version that was read.
 *
 * @throws ApiStatusError 422 (`isInvalid`) when the object is being deleted, without a request when the given object says
 * so; 409 (`isConflict`) when the name belongs to another object by now; and when the API server refuses, for example
 * because the object is gone
 */
export async function addFinalizer<T extends ObjectLike>(
  client: FinalizerClient<T>,
  object: T,
  finalizer: string,
  options: FinalizerOptions = {},
): Promise<T> {
  const what = `add finalizer "${finalizer}" to`;
  const changed = await changeFinalizers(client, object, {
    ...options,
    what,
    finalizer,
    patchOf: (current) => {
      if (hasFinalizer(current, finalizer)) return undefined;
      if (current.metadata?.deletionTimestamp)
        throw refusal(422, 'Invalid', `Cannot ${what} ${titleOf(current)}: it is being deleted`);
      const finalizers = current.metadata?.finalizers;
      return finalizers?.length
        ? [test(listPath, finalizers), { op: 'add', path: `${listPath}/-`, value: finalizer }]
        : [test(listPath, finalizers ?? null), { op: 'add', path: listPath, value: [finalizer] }];
    },
  });
  if (changed) return changed;
  throw refusal(409, 'Conflict', `Cannot ${what} ${titleOf(object)}: another has its name by now`);
}

/**
 * Removes a finalizer from an object and gives the object as the API server has it then, or `undefined` when it is gone
 * or has been replaced by another of its name. Without any request when the given object does not have it.
 *
 * Safe against others who write at the same time: a JSON patch tests the uid and the one entry that it removes, and
 * changes nothing else. When the test fails the object is read anew, five times at most; when somebody else has removed
 * the finalizer, that is the end of it.
 *
 * @throws ApiStatusError when the API server refuses
 */
export async function removeFinalizer<T extends ObjectLike>(
  client: FinalizerClient<T>,
  object: T,
  finalizer: string,
  options: FinalizerOptions = {},
): Promise<T | undefined> {
  return ignoreNotFound(
    changeFinalizers(client, object, {
      ...options,
      what: `remove finalizer "${finalizer}" from`,
      finalizer,
      patchOf: (current) => {
        const removals = (current.metadata?.finalizers ?? []).flatMap((each, index) => {
          const path = `${listPath}/${index}`;
          return each === finalizer ? [[test(path, finalizer), { op: 'remove', path }]] : [];
        });
        // From the last on, so that the places of the others stay as they are.
        return removals.length === 0 ? undefined : removals.toReversed().flat();
      },
    }),
  );
}

/** Where the finalizers are, as a JSON pointer. */
const listPath = '/metadata/finalizers';

type Operation = { readonly op: string; readonly path: string; readonly value?: unknown };

/** An operation that makes the whole patch fail unless the value is that; `null` stands for none too. */
function test(path: string, value: unknown): Operation {
  return { op: 'test', path, value };
}

interface Change extends FinalizerOptions {
  readonly what: string;
  readonly finalizer: string;
  /** What to send to change the object; `undefined` when it is as it is to be. */
  readonly patchOf: (current: ObjectLike) => readonly Operation[] | undefined;
}

/** The object after the change; `undefined` when its name belongs to another by now. */
async function changeFinalizers<T extends ObjectLike>(
  client: FinalizerClient<T>,
  object: T,
  change: Change,
): Promise<T | undefined> {
  checkFinalizer(change.finalizer);
  const { name, namespace, uid } = object.metadata ?? {};
  if (!name) throw new TypeError(`Cannot ${change.what} an object without a name`);
  const target = namespace ? client.namespace(namespace) : client;
  const signal = change.signal ? { signal: change.signal } : {};
  const guard = uid ? [test('/metadata/uid', uid)] : [];
  let current = object;
  for (let attempt = 1; ; attempt += 1) {
    const patch = change.patchOf(current);
    if (!patch) return current;
    try {
      return await target.patch(name, [...guard, ...patch], { type: 'json', ...signal });
    } catch (error) {
      // An API server answers 422 when a test fails, as when it does not like what comes out.
      if (!isInvalid(error) && !isConflict(error)) throw error;
      const next = await target.get(name, signal);
      if (uid && next.metadata?.uid !== uid) return undefined;
      const needed = change.patchOf(next) !== undefined;
      // What was tested on the second try had just been read, so a test is hardly what failed.
      const isFinal = attempt > 1 && isInvalid(error) && isSame(current, next);
      if (needed && (isFinal || attempt >= maxAttempts)) throw error;
      current = next;
    }
  }
}

/** Whether a test that failed on the one cannot have passed on the other. */
function isSame(before: ObjectLike, after: ObjectLike): boolean {
  return (
    JSON.stringify(before.metadata?.finalizers ?? []) ===
    JSON.stringify(after.metadata?.finalizers ?? [])
  );
}

/** A refusal as the API server would word it, so that callers need to know only one kind. */
function refusal(code: number, reason: string, message: string): ApiStatusError {
  return new ApiStatusError({ status: { code, reason, message } });
}

function titleOf(object: ObjectLike): string {
  const { name, namespace } = object.metadata ?? {};
  return `${object.kind ?? 'object'} "${namespace ? `${namespace}/` : ''}${name}"`;
}

function checkFinalizer(finalizer: string): void {
  if (typeof finalizer !== 'string' || finalizer === '')
    throw new TypeError(
      `Cannot use "${finalizer}" as a finalizer: it needs a name such as "example.com/cleanup"`,
    );
}
