import type { Indexer, ObjectLike } from '@kubeloop/cache-store';
import type { HandlerState } from './registration.ts';

/** What can be read of an informer's cache. Objects are shared: never write to them. */
export type ReadonlyIndexer<T extends ObjectLike> = Omit<
  Indexer<T>,
  | 'add'
  | 'update'
  | 'delete'
  | 'deleteByKey'
  | 'replace'
  | 'stageReplace'
  | 'transaction'
  | 'bookmark'
>;

/** The last failure of an informer's source, and what it was doing. */
export interface SourceFailure {
  /** What was thrown. */
  readonly error: unknown;
  /** What failed, as the reflector calls it: `list`, `watch` and so on. */
  readonly phase: string;
  /** The namespace in which it failed, of an informer over several. */
  readonly namespace?: string | undefined;
}

/** What an informer over several namespaces is doing in one of them. */
export interface NamespaceState {
  /** The name of the namespace. */
  readonly namespace: string;
  /** Whether its first list has been told. */
  readonly hasSynced: boolean;
  /** The version that the cache has reached in it; empty before the first list. */
  readonly resourceVersion: string;
  /** What went wrong last at its source, until that has delivered something. */
  readonly lastFailure: SourceFailure | undefined;
}

/** What an informer is doing. */
export interface InformerState {
  /** What the informer is called in errors. */
  readonly name: string;
  /** Whether it has never run, runs now, or was stopped. */
  readonly state: 'new' | 'running' | 'stopped';
  /** Whether the first list has been told. */
  readonly hasSynced: boolean;
  /**
   * Whether the server has answered last that it knows no such kind: most often since the CustomResourceDefinition was
   * deleted, or not made yet. The cache is kept as it was; the kind is asked for again, at most a minute later each time.
   */
  readonly isGone: boolean;
  /** How many objects the cache holds. */
  readonly objects: number;
  /** How many events wait for the cache. */
  readonly queued: number;
  /** The version that the cache has reached. */
  readonly resourceVersion: string;
  /** What went wrong last at the source, until it has delivered something. */
  readonly lastFailure: SourceFailure | undefined;
  /** Each namespace, of an informer over several. */
  readonly namespaces?: readonly NamespaceState[] | undefined;
  /** The handlers, in the order in which they were added. */
  readonly handlers: readonly HandlerState[];
}
