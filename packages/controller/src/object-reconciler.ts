import { ignoreNotFound } from '@kubeloop/client';
import { checkFunction } from './option-checks.ts';
import type { ReconcileContext, Reconciler, Request, Result } from './request.ts';

/**
 * A reconciler that is given the object instead of its name. When the object is gone there is nothing to do and nothing
 * is called, so it is for controllers that clean up by finalizers or owner references.
 *
 * @param read - reads the object, from a cache or from the API server; `undefined` and a "not found" error mean gone
 * @param reconcile - brings the object to its desired state
 * @throws TypeError when one of them is no function
 */
export function objectReconciler<T>(
  read: (request: Request, context: ReconcileContext) => T | undefined | Promise<T | undefined>,
  reconcile: (object: T, context: ReconcileContext) => Promise<Result | void> | Result | void,
): Reconciler {
  checkFunction('read of an objectReconciler', read);
  checkFunction('reconcile of an objectReconciler', reconcile);
  return async (request, context) => {
    const get = async (): Promise<T | undefined> => read(request, context);
    const object = await ignoreNotFound(get());
    return object === undefined ? undefined : reconcile(object, context);
  };
}
