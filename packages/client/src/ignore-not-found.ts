import { isNotFound } from './api-status-error.ts';

/**
 * The answer of a call, or `undefined` when the server answers that there is nothing (404, {@link isNotFound}): a get of
 * what may be there, a delete of what may be gone. Every other failure rejects as it would without this.
 *
 * As in client-go, a resource that the server does not serve at all counts as nothing there too; `isUnknownResource` tells
 * the two apart.
 *
 * @throws TypeError when it is given no promise, such as the error itself or a function
 *
 * @example
 * ```ts
 * import { ApiStatusError, ignoreNotFound } from '@kubeloop/client';
 *
 * const gone = Promise.reject(new ApiStatusError({ status: { code: 404, reason: 'NotFound' } }));
 * await ignoreNotFound(gone); // => undefined
 * await ignoreNotFound(Promise.resolve('here')); // => 'here'
 * ```
 */
export async function ignoreNotFound<T>(call: PromiseLike<T>): Promise<T | undefined> {
  if (!isThenable(call))
    throw new TypeError(
      'Cannot ignore that something is not found: give the promise of the call; of an error, isNotFound(error) tells',
    );
  try {
    return await call;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

function isThenable(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  );
}
