import type { PatchOptions, Resource, WriteOptions } from '@kubeloop/client';
import type { Draft } from './draft.ts';

/** What reads one object: a resource client, a consistent one, a lister of a namespace, or anything with a `get`. */
export interface ObjectReader<T> {
  /** The same for one namespace; without it, the reader is for the right one already. */
  namespace?(name: string): ObjectReader<T>;
  /** The object of a name; `undefined`, or an error that `isNotFound` recognises, when there is none. */
  get(
    name: string,
    options?: { readonly signal?: AbortSignal },
  ): T | undefined | Promise<T | undefined>;
}

/** The part of a resource client that writes; `client.resource(deployments)` fits. */
export interface ObjectWriter<T> extends ObjectReader<T> {
  /** What this is for. */
  readonly resource: Resource<T>;
  /** The same in one namespace. */
  namespace(name: string): ObjectWriter<T>;
  /** Creates an object. */
  create(object: T, options?: WriteOptions): Promise<T>;
  /** Replaces an object. */
  update(object: T, options?: WriteOptions): Promise<T>;
  /** Changes an object by a patch. */
  patch(name: string, patch: unknown, options: PatchOptions): Promise<T>;
  /** Changes the status alone by a patch. */
  patchStatus(name: string, patch: unknown, options: PatchOptions): Promise<T>;
}

/** The name of an object, with the namespace that it is in, if any; a request of a reconciler fits. */
export interface ObjectName {
  /** The name. */
  readonly name: string;
  /** The namespace; absent or empty for a cluster-scoped object, or when the client is for a namespace. */
  readonly namespace?: string | undefined;
}

/**
 * Makes of an object what it is to be: changes the draft, or returns another object. It is called once for each try, with
 * a new draft, so it must be ready to be called again.
 */
export type Mutate<T> = (
  draft: Draft<T>,
) => T | Draft<T> | undefined | void | Promise<T | Draft<T> | undefined | void>;

/** How {@link createOrUpdate} and {@link createOrPatch} read and write. */
export interface CreateOrUpdateOptions<T> {
  /** What the first try reads, such as a cache. Default: the client. Later tries always read with the client. */
  readonly reader?: ObjectReader<T> | undefined;
  /** How many tries there are at most. Default 5; 1 is what controller-runtime does. */
  readonly attempts?: number | undefined;
  /** Whether a patch fails with a conflict when the object is not the version that was read. Default `false`; an update always does. */
  readonly optimisticLock?: boolean | undefined;
  /** The name under which the API server notes who wrote. Default: the server's guess. */
  readonly fieldManager?: string | undefined;
  /** Ends the waiting for the API server. */
  readonly signal?: AbortSignal | undefined;
}

/** What has been done; the words of controller-runtime's `OperationResult`. */
export type WriteResult =
  | 'unchanged'
  | 'created'
  | 'updated'
  | 'updatedStatus'
  | 'updatedStatusOnly';

/** What came of a {@link createOrUpdate} or {@link createOrPatch}. */
export interface WriteOutcome<T> {
  /** What has been done. */
  readonly result: WriteResult;
  /** The object as the API server has it then, or as it was read when nothing was written. */
  readonly object: T;
}
