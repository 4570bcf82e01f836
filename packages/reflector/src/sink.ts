/**
 * What a reflector writes into. Calls never overlap: a returned promise is awaited before the next event is read,
 * which is the back-pressure on the socket.
 *
 * A failing `replace` fails the whole list, which is tried again after a backoff. A failing `add`, `update`, `delete`
 * or `bookmark` is reported and the event skipped. A failing `resync` ends the watch; a new list follows after a backoff.
 * Source: `ReflectorStore` in client-go's `tools/cache/reflector.go`.
 */
export interface ReflectorStore<T> {
  /** An object came to be. */
  add(obj: T): void | Promise<void>;
  /** An object changed. */
  update(obj: T): void | Promise<void>;
  /** An object is gone; `obj` is its last state. */
  delete(obj: T): void | Promise<void>;
  /** This is the whole collection as of `resourceVersion`; what is not in `list` is gone. */
  replace(list: readonly T[], resourceVersion: string): void | Promise<void>;
  /** The resync period has passed. */
  resync(): void | Promise<void>;
  /**
   * Makes of an object of a list, as soon as it has come, what `replace` is to be given, so that it can be made smaller, or be put out
   * of use when the store has the same one, while the rest of the list is on its way. What it throws fails the whole list.
   */
  prepare?(obj: T): T;
  /** The server has got to `resourceVersion` without an event for us. */
  bookmark?(resourceVersion: string): void | Promise<void>;
  /** Called after each applied event, in order, with the version up to which the store is now complete. */
  updateResourceVersion?(resourceVersion: string): void;
}

/** The part of {@link ReflectorStore} that events are written into. */
export type EventSink<T> = Pick<ReflectorStore<T>, 'add' | 'update' | 'delete' | 'bookmark'>;
