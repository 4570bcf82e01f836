import type { ObjectLike } from '@kubeloop/cache-store';
import { DeletedFinalStateUnknown } from '@kubeloop/cache-store';
import type { ResourceEventHandler } from '@kubeloop/informer';
import { answerOf } from './answers.ts';
import type { ReconcileCause } from './causes.ts';
import type { Enqueue, EventHandler } from './event-handler.ts';
import { allOf, isPromise, lowPriority } from './event-handler.ts';
import type { SourceContext } from './source.ts';
import type {
  CreateEvent,
  DeleteEvent,
  GenericEvent,
  Predicate,
  UpdateEvent,
} from './predicates.ts';

/** What events become requests with, and who hears of failures on the way. */
export interface DispatchOptions<T> {
  /** Turns the events that passed into requests. */
  readonly handler: EventHandler<T>;
  /** An event must pass all of them. */
  readonly predicates: readonly Predicate<T>[];
  /** Puts a request into the queue. */
  readonly enqueue: Enqueue;
  /** Leaves out of an update what it need not ask for. Default: nothing. */
  readonly skipOwn?: SourceContext['skipOwn'];
  /** Names the source in the causes of reconciles. Default: requests carry no causes, which costs nothing. */
  readonly source?: string | undefined;
  /** Hears what a predicate, a handler or the queue threw; `action` says which and on what event. */
  readonly onError: EventErrorHandler;
}

/** Hears of a failure: what was being done on what event, and the key of the object, where it has one. */
export type EventErrorHandler = (error: unknown, action: string, object?: string) => void;

/** Any event, with its kind. */
export type ObjectEvent<T> =
  | { readonly type: 'create'; readonly event: CreateEvent<T> }
  | { readonly type: 'update'; readonly event: UpdateEvent<T> }
  | { readonly type: 'delete'; readonly event: DeleteEvent<T> }
  | { readonly type: 'generic'; readonly event: GenericEvent<T> };

/**
 * Passes an event through the predicates and gives it to the handler. Never throws and never rejects. It returns a
 * promise only where the handler or the queue does.
 */
export function dispatch<T>(
  { type, event }: ObjectEvent<T>,
  options: DispatchOptions<T>,
  priority?: number,
): void | Promise<void> {
  const { enqueue, onError, handler } = options;
  if (!passes()) return undefined;
  const prioritised = withDefaults();
  const failed = (error: unknown): void =>
    onError(error, `handling the ${type} event`, objectOf(event));
  try {
    // `type` and `event` belong together, which TypeScript cannot follow through an index.
    const handle = handler[type] as
      | ((event: unknown, enqueue: Enqueue) => void | Promise<void>)
      | undefined;
    const answer = handle?.call(handler, event, prioritised);
    return isPromise(answer) ? Promise.resolve(answer).catch(failed) : undefined;
  } catch (error) {
    return failed(error);
  }

  function withDefaults(): Enqueue {
    const { source } = options;
    if (source !== undefined) {
      const cause = { type, source, ...aboutObject(event) };
      const defaults = priority === undefined ? { cause } : { cause, priority };
      return (request, own) => enqueue(request, own ? { ...defaults, ...own } : defaults);
    }
    if (priority === undefined) return enqueue;
    return (request, own) => enqueue(request, { priority, ...own });
  }

  function passes(): boolean {
    return options.predicates.every((predicate) => {
      // As above: the function for a type takes the events of that type.
      const fits = predicate[type] as ((event: unknown) => boolean) | undefined;
      try {
        return answerOf(fits?.call(predicate, event));
      } catch (error) {
        onError(error, `filtering the ${type} event`, objectOf(event));
        return true;
      }
    });
  }
}

/** The key of the object that an event is about; objects from outside the cluster may have none. */
function objectOf(event: object): string | undefined {
  return aboutObject(event).object;
}

function aboutObject(event: object): Pick<ReconcileCause, 'object' | 'resourceVersion'> {
  const object: unknown = 'new' in event ? event.new : Reflect.get(event, 'object');
  if (typeof object !== 'object' || object === null) return {};
  const { namespace, name, resourceVersion } = (object as ObjectLike).metadata ?? {}; // it is only looked at, whatever it is
  return { object: namespace ? `${namespace}/${name ?? ''}` : name, resourceVersion };
}

/**
 * The informer handler that dispatches what an informer tells.
 *
 * What was there already, and updates that changed nothing, get {@link lowPriority}. An update that is really another
 * object of the same name (another uid) becomes a deletion and a creation, so that predicates do not compare the two.
 */
export function informerHandler<T extends ObjectLike>(
  options: DispatchOptions<T>,
): ResourceEventHandler<T> {
  const create = (object: T, isInInitialList: boolean): void | Promise<void> =>
    dispatch(
      { type: 'create', event: { object, isInInitialList } },
      options,
      isInInitialList ? lowPriority : undefined,
    );
  const remove = (object: T, isStateUnknown: boolean): void | Promise<void> =>
    dispatch({ type: 'delete', event: { object, isStateUnknown } }, options);
  return {
    add: create,
    update(old, current) {
      if (old.metadata?.uid !== current.metadata?.uid) {
        return allOf([remove(old, true), create(current, false)]);
      }
      const event = { old, new: current };
      const { skipOwn, enqueue } = options;
      return dispatch(
        { type: 'update', event },
        skipOwn ? { ...options, enqueue: skipOwn(event, enqueue) } : options,
        isUnchanged(old, current) ? lowPriority : undefined,
      );
    },
    delete(object) {
      if (!DeletedFinalStateUnknown.is(object)) return remove(object, false);
      return object.obj === undefined ? undefined : remove(object.obj, true);
    },
  };
}

/** Objects whose transform took the version away cannot be told apart by it: then only the very same object counts. */
function isUnchanged(old: ObjectLike, current: ObjectLike): boolean {
  const version = current.metadata?.resourceVersion ?? '';
  return old === current || (version !== '' && version === old.metadata?.resourceVersion);
}
