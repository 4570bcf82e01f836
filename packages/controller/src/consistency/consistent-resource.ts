import type { LabelSelector, ObjectLike } from '@kubeloop/cache-store';
import type {
  Apply,
  ApplyOptions,
  CallOptions,
  DeleteOptions,
  PatchOptions,
  Resource,
  Scale,
  Status,
  WriteOptions,
} from '@kubeloop/client';

/** How a consistent read waits. */
export interface ConsistentReadOptions {
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
  /** How long the cache may take to show own writes. Default: that of the client, 5,000. Zero means not at all. */
  readonly timeoutMs?: number | undefined;
}

/** What a consistent list selects, and how it waits. */
export interface ConsistentListOptions extends ConsistentReadOptions {
  /** Only objects whose labels fit: a text such as `app in (a,b)`, or one that was parsed. Default all. */
  readonly labelSelector?: LabelSelector | string | undefined;
}

/**
 * The objects of one resource as this process should see them: reads come from the informer's cache, without a call to the
 * API server, and wait until it shows what this process has written before; writes go to the API server.
 *
 * Writes take the arguments of a `ResourceClient`, and fail like its. A write whose answer is lost is not waited for, since
 * nobody knows whether it happened, and neither are those of another client.
 */
export interface ConsistentResource<T extends ObjectLike> {
  /** What this is for. */
  readonly resource: Resource<T>;
  /** The same in one namespace. @throws TypeError when the resource is cluster-scoped or the name is none */
  namespace(name: string): ConsistentResource<T>;
  /**
   * The object of a name, or `undefined`; once the cache shows what this process has written to it before the call. What the
   * informer does not look at, because of its namespaces or selectors, is not in the cache, and so `undefined` too.
   *
   * @throws ConsistencyTimeoutError when the cache does not in time; the signal's reason when it aborts; TypeError when the
   * resource is namespaced and no namespace was chosen
   */
  get(name: string, options?: ConsistentReadOptions): Promise<T | undefined>;
  /**
   * All objects, or those of the namespace that was chosen; once the cache shows all that this process has written to the
   * resource before the call.
   *
   * @throws ConsistencyTimeoutError when the cache does not in time; the signal's reason when it aborts; SelectorError when
   * the selector cannot be read
   */
  list(options?: ConsistentListOptions): Promise<readonly T[]>;
  /**
   * The objects that an index of the informer files under a value, all or those of the namespace that was chosen, without a
   * look at any other; waits as {@link ConsistentResource.list} does. The index is given to the informer, as in
   * `manager.informerFor(jobs, { indexers })`.
   *
   * @throws RangeError when there is no such index; what `list` throws
   */
  byIndex(index: string, value: string, options?: ConsistentReadOptions): Promise<readonly T[]>;

  /** Creates an object. */
  create(object: T, options?: WriteOptions): Promise<T>;
  /** Replaces an object. */
  update(object: T, options?: WriteOptions): Promise<T>;
  /** Changes an object by a patch. */
  patch(name: string, patch: unknown, options: PatchOptions): Promise<T>;
  /** Server-side apply. */
  apply(object: Apply<T>, options: ApplyOptions): Promise<T>;
  /** Deletes one object. */
  delete(name: string, options?: DeleteOptions): Promise<T | Status>;
  /** Replaces the status alone. */
  updateStatus(object: T, options?: WriteOptions): Promise<T>;
  /** Changes the status alone by a patch of the whole object. */
  patchStatus(name: string, patch: unknown, options: PatchOptions): Promise<T>;
  /** Server-side apply to the status alone. */
  applyStatus(object: Apply<T>, options: ApplyOptions): Promise<T>;
  /** Reads the wanted and the present number of replicas; from the API server. */
  getScale(name: string, options?: CallOptions): Promise<Scale>;
  /** Sets the wanted number of replicas. */
  updateScale(name: string, scale: Scale, options?: WriteOptions): Promise<Scale>;
  /** Changes the wanted number of replicas by a patch. */
  patchScale(name: string, patch: unknown, options: PatchOptions): Promise<Scale>;
}
