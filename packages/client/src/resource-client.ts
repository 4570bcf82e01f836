import type {
  ApplyOptions,
  CallOptions,
  DeleteOptions,
  GetOptions,
  ListOptions,
  ObjectList,
  PatchOptions,
  Scale,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from './api.ts';
import type { Apply } from './apply-object.ts';
import type { Resource } from './resource.ts';
import type { Status } from './status.ts';

/**
 * The calls for one resource, in all namespaces or, after {@link ResourceClient.namespace}, in one.
 *
 * Every call fails with an {@link ApiStatusError} when the server answers with a failure, with a
 * {@link ConnectionError} when it cannot be reached or the connection breaks, with the signal's reason
 * when that aborts, with an `Error` that says what came when an answer that says success is not what was asked for
 * (a login page, another kind, no list), and with a `TypeError` or `RangeError`, before anything is sent, when the arguments are wrong.
 */
export interface ResourceClient<T> {
  /** What this client is for. */
  readonly resource: Resource<T>;
  /** The same calls in one namespace. @throws TypeError when the resource is cluster-scoped */
  namespace(name: string): ResourceClient<T>;

  /** Reads one object. */
  get(name: string, options?: GetOptions): Promise<T>;
  /**
   * Reads one page, or everything when no `limit` is given. The answer is parsed object by object as it arrives, so
   * the event loop is not held however long it is. Items carry `apiVersion` and `kind`, as the events of a watch do.
   */
  list(options?: ListOptions): Promise<ObjectList<T>>;
  /**
   * Reads everything, page by page, each object once. The next page is asked for when the one before has been taken.
   * A page that takes too long to be taken expires: the iteration then throws, and {@link isGone} recognises the error.
   */
  listAll(options?: ListOptions): AsyncIterable<T>;
  /**
   * Watches for changes over one connection. Nothing is sent before the first event is asked for; each iteration
   * opens a connection of its own. The socket is read only as fast as events are taken. When the server ends the watch the
   * iteration ends; leaving the loop closes the connection. A server that refuses makes the first `next()` reject;
   * `ERROR` events are handed out as they come.
   */
  watch(options?: WatchOptions): AsyncIterable<WatchEvent<T>>;

  /** Creates an object; without a namespace of its own, this client takes the object's. */
  create(obj: T, options?: WriteOptions): Promise<T>;
  /** Replaces an object; with a `resourceVersion` in it, only that very version. */
  update(obj: T, options?: WriteOptions): Promise<T>;
  /** Changes an object by a patch. */
  patch(name: string, patch: unknown, options: PatchOptions): Promise<T>;
  /**
   * Server-side apply: creates the object or changes the fields that are given, and owns them under `fieldManager`. Fails
   * when others own fields that it would change, which {@link isApplyConflict} recognises, unless `force` takes them.
   */
  apply(obj: Apply<T>, options: ApplyOptions): Promise<T>;
  /** Deletes one object. Resolves with the object while it is still ending, else with a Status. */
  delete(name: string, options?: DeleteOptions): Promise<T | Status>;
  /** Deletes every object that is selected. In a namespaced resource a namespace must be chosen. */
  deleteCollection(options?: DeleteOptions & ListOptions): Promise<void>;

  /** Replaces the status alone. */
  updateStatus(obj: T, options?: WriteOptions): Promise<T>;
  /** Changes the status alone by a patch of the whole object. */
  patchStatus(name: string, patch: unknown, options: PatchOptions): Promise<T>;
  /** Server-side apply to the status alone. */
  applyStatus(obj: Apply<T>, options: ApplyOptions): Promise<T>;

  /** Reads the wanted and the present number of replicas. */
  getScale(name: string, options?: CallOptions): Promise<Scale>;
  /** Sets the wanted number of replicas. */
  updateScale(name: string, scale: Scale, options?: WriteOptions): Promise<Scale>;
  /** Changes the wanted number of replicas by a patch. */
  patchScale(name: string, patch: unknown, options: PatchOptions): Promise<Scale>;
}
