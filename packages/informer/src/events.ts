import type { DeletedFinalStateUnknown } from '@kubeloop/cache-store';

/**
 * What a user of an informer is told about.
 *
 * Per key the calls form a legal sequence: one `add`, any number of `update`, one `delete`, and so on from the start.
 * They never overlap, and those of one key arrive in the order in which the server made the changes. Objects are shared
 * with the cache and with other handlers: never write to them.
 *
 * A member that returns a promise gets a buffer of its own, see {@link HandlerOptions.bufferSize}. One that throws or
 * rejects is reported and counted; the event is not repeated, and neither other handlers nor `hasSynced` wait for it.
 */
export interface ResourceEventHandler<T> {
  /**
   * An object is there that was not there before.
   *
   * @param isInInitialList - whether it comes from the first list, or from the cache for a handler that was added late
   */
  add?(obj: T, isInInitialList: boolean): void | Promise<void>;
  /**
   * An object changed, or a resync is due: then both are the same object.
   *
   * The two may differ in `metadata.uid`: an object that was deleted and created again while the connection was down
   * shows as an update, as in client-go. Compare the uids where that matters.
   */
  update?(oldObj: T, newObj: T): void | Promise<void>;
  /**
   * An object is gone. It is its last state, or a tombstone with the last known one when the deletion itself was missed.
   */
  delete?(obj: T | DeletedFinalStateUnknown<T>): void | Promise<void>;
  /** Takes the failures of this handler's own members. Default: they go where the informer's other failures go. */
  onError?(error: unknown, context: HandlerErrorContext): void;
}

/** Which call of which handler failed. */
export interface HandlerErrorContext {
  /** The name of the informer. */
  readonly informer: string;
  /** The name of the handler. */
  readonly handler: string;
  /** The member that failed. */
  readonly event: 'add' | 'update' | 'delete';
  /** The key of the object: `namespace/name`, or `name` without a namespace. */
  readonly key: string;
}

/** One call that handlers are owed. */
export type Notification<T> =
  | {
      readonly type: 'add';
      readonly key: string;
      readonly obj: T;
      readonly isInInitialList: boolean;
    }
  | {
      readonly type: 'update';
      readonly key: string;
      readonly oldObj: T;
      readonly newObj: T;
      /** Nothing changed: only handlers whose resync is due want to know. */
      readonly isSync: boolean;
    }
  | {
      readonly type: 'delete';
      readonly key: string;
      readonly obj: T | DeletedFinalStateUnknown<T>;
    };

/** @throws TypeError when it is no handler */
export function checkHandler(handler: unknown): void {
  if (typeof handler !== 'object' || handler === null)
    throw new TypeError(
      'Cannot add a handler: it must be an object with add, update or delete; it is none',
    );
  for (const [name, member] of ['add', 'update', 'delete', 'onError'].map(
    (event) => [event, Reflect.get(handler, event)] as const,
  ))
    if (member !== undefined && typeof member !== 'function')
      throw new TypeError(`Cannot add a handler: its member "${name}" is not a function`);
}
