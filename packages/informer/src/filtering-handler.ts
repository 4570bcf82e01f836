import { DeletedFinalStateUnknown } from '@kubeloop/cache-store';
import type { ResourceEventHandler } from './events.ts';

/**
 * A handler that sees only what passes the filter: an object that begins to pass is added, one that ceases to is deleted.
 *
 * The filter must answer the same for the same object at any time. A tombstone is judged by the last known state, and
 * passes when there is none. When the filter throws, the call fails as if the handler had thrown.
 */
export function filteringHandler<T>(
  filter: (obj: T) => boolean,
  handler: ResourceEventHandler<T>,
): ResourceEventHandler<T> {
  return {
    add: (obj, isInInitialList) => (filter(obj) ? handler.add?.(obj, isInInitialList) : undefined),
    update: (oldObj, newObj) => {
      const [passedBefore, passesNow] = [filter(oldObj), filter(newObj)];
      if (passedBefore && passesNow) return handler.update?.(oldObj, newObj);
      if (passesNow) return handler.add?.(newObj, false);
      return passedBefore ? handler.delete?.(oldObj) : undefined;
    },
    delete: (obj) => (passes(obj, filter) ? handler.delete?.(obj) : undefined),
    ...(handler.onError && { onError: (...args) => handler.onError?.(...args) }),
  };
}

function passes<T>(obj: T | DeletedFinalStateUnknown<T>, filter: (obj: T) => boolean): boolean {
  if (!DeletedFinalStateUnknown.is(obj)) return filter(obj);
  return obj.obj === undefined || filter(obj.obj);
}
