import { DeletedFinalStateUnknown } from '@kubeloop/cache-store';
import { handleRejection } from './answers.ts';
import { shown } from './checks.ts';
import { checkHandler, type ResourceEventHandler } from './events.ts';

/**
 * A handler that sees only what passes the filter: an object that begins to pass is added, one that ceases to is deleted.
 *
 * The filter must answer the same for the same object at any time. A tombstone is judged by the last known state, and
 * passes when there is none. When the filter throws, the call fails as if the handler had thrown.
 *
 * @throws TypeError when the filter or the handler is none
 */
export function filteringHandler<T>(
  filter: (obj: T) => boolean,
  handler: ResourceEventHandler<T>,
): ResourceEventHandler<T> {
  if (typeof filter !== 'function')
    throw new TypeError(`Cannot filter by ${shown(filter)}: give a function`);
  checkHandler(handler);
  const fits = (obj: T): boolean => {
    const answer = filter(obj);
    // That it is asynchronous is the failure; what it rejects with comes second.
    if (handleRejection(answer, () => {}))
      throw new TypeError('The filter returned a promise: it must answer true or false');
    return answer;
  };
  return {
    add: (obj, isInInitialList) => (fits(obj) ? handler.add?.(obj, isInInitialList) : undefined),
    update: (oldObj, newObj) => {
      const [passedBefore, passesNow] = [fits(oldObj), fits(newObj)];
      if (passedBefore && passesNow) return handler.update?.(oldObj, newObj);
      if (passesNow) return handler.add?.(newObj, false);
      return passedBefore ? handler.delete?.(oldObj) : undefined;
    },
    delete: (obj) => (passes(obj, fits) ? handler.delete?.(obj) : undefined),
    ...(handler.onError && { onError: (...args) => handler.onError?.(...args) }),
  };
}

function passes<T>(obj: T | DeletedFinalStateUnknown<T>, filter: (obj: T) => boolean): boolean {
  if (!DeletedFinalStateUnknown.is(obj)) return filter(obj);
  return obj.obj === undefined || filter(obj.obj);
}
