import type { Status } from './status.ts';

/** What every call takes. */
export interface CallOptions {
  /** Ends the call at once, its socket and its waits included; the call rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /**
   * How often a call is tried again when the server answers 429 or 5xx with a `Retry-After` header, or when a
   * reading call's connection is reset before an answer. Zero means never. Default: the client's own `maxRetries`.
   */
  readonly maxRetries?: number | undefined;
}

/** Which objects a list or a watch covers. Empty strings count as not given. */
export interface SelectionOptions extends CallOptions {
  /** Labels that objects must have, such as `app=web,tier!=cache`. */
  readonly labelSelector?: string | undefined;
  /** Fields that objects must have, such as `spec.nodeName=a`. */
  readonly fieldSelector?: string | undefined;
  /** The version to read at or to watch from; `0` means any that the server has in its cache. */
  readonly resourceVersion?: string | undefined;
  /** How `resourceVersion` is meant; not allowed without it for lists. */
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan' | undefined;
  /** After how many seconds the server ends the call. */
  readonly timeoutSeconds?: number | undefined;
  /**
   * Leaves `metadata.managedFields` out of the objects, of which they are often a third. The server sends them all the same; in
   * protobuf they are skipped. Default false.
   */
  readonly omitManagedFields?: boolean | undefined;
}

/** What a list takes. */
export interface ListOptions extends SelectionOptions {
  /** How many objects a page may have; zero or none means all. `listAll` uses it as its page size, 500 by default. */
  readonly limit?: number | undefined;
  /** The token of the page before. */
  readonly continue?: string | undefined;
}

/** What a watch takes. */
export interface WatchOptions extends SelectionOptions {
  /** Asks for bookmarks: events that carry nothing but a newer resourceVersion. */
  readonly allowWatchBookmarks?: boolean | undefined;
  /** Asks the server to send what exists first, as `ADDED` events up to a marked bookmark (KEP-3157); needs bookmarks and `resourceVersionMatch: 'NotOlderThan'`. */
  readonly sendInitialEvents?: boolean | undefined;
  /**
   * Ends the watch with a {@link WatchIdleError} when the server has sent no byte for so many milliseconds while
   * the consumer was waiting: that is how a half-open connection is found. Zero or none: never.
   */
  readonly idleTimeoutMs?: number | undefined;
}

/** One page of a list. */
export interface ObjectList<T> {
  /** The list's group and version. */
  readonly apiVersion?: string | undefined;
  /** The list's kind, such as `PodList`. */
  readonly kind?: string | undefined;
  /** What the server says about the page. */
  readonly metadata: {
    /** The version that the list shows; a watch goes on from here. Empty when the server gave none. */
    readonly resourceVersion: string;
    /** The token of the next page; none when this is the last. */
    readonly continue?: string | undefined;
    /** How many objects follow on later pages, when the server knows. */
    readonly remainingItemCount?: number | undefined;
  };
  /** The objects, in the server's order. */
  readonly items: readonly T[];
}

/** The object of a `BOOKMARK` event. */
export interface Bookmark {
  /** The group and version of the watched objects. */
  readonly apiVersion?: string | undefined;
  /** The kind of the watched objects. */
  readonly kind?: string | undefined;
  /** Where the watch stands. */
  readonly metadata: {
    /** All changes up to here have been sent. */
    readonly resourceVersion: string;
    /** `k8s.io/initial-events-end: "true"` marks the end of the initial events. */
    readonly annotations?: Readonly<Record<string, string>> | undefined;
  };
}

/** One event of a watch. */
export type WatchEvent<T> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  | { readonly type: 'BOOKMARK'; readonly object: Bookmark }
  | { readonly type: 'ERROR'; readonly object: Status };

/** What a reading call for one object takes. */
export interface GetOptions extends CallOptions {
  /** `0` lets the server answer from its cache; none asks for the newest. */
  readonly resourceVersion?: string | undefined;
}

/** What every writing call takes. */
export interface WriteOptions extends CallOptions {
  /** Lets the server check and default everything and store nothing. */
  readonly dryRun?: boolean | undefined;
  /** The name under which the server records who set which field. */
  readonly fieldManager?: string | undefined;
  /** What the server does about unknown and repeated fields; its default is `Warn`. */
  readonly fieldValidation?: 'Ignore' | 'Warn' | 'Strict' | undefined;
}

/** What a patch takes. */
export interface PatchOptions extends WriteOptions {
  /** `json`: RFC 6902 operations. `merge`: RFC 7386. `strategic`: merge with the kind's list rules; built-in kinds only. */
  readonly type: 'json' | 'merge' | 'strategic';
}

/** What a server-side apply takes. */
export interface ApplyOptions extends WriteOptions {
  /** The name under which the fields are owned. Required by the server. */
  readonly fieldManager: string;
  /** Takes over fields that other managers own instead of failing with a conflict. */
  readonly force?: boolean | undefined;
}

/** What a deletion takes. */
export interface DeleteOptions extends CallOptions {
  /** What happens to dependents; the server's default is `Background` for most kinds. */
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan' | undefined;
  /** Deletes only that very object or version; anything else is a conflict. */
  readonly preconditions?:
    | { readonly uid?: string | undefined; readonly resourceVersion?: string | undefined }
    | undefined;
  /** How long the object may take to end, in seconds; zero means at once. */
  readonly gracePeriodSeconds?: number | undefined;
  /** Lets the server check everything and delete nothing. */
  readonly dryRun?: boolean | undefined;
}

/** The `autoscaling/v1` Scale of a workload. */
export interface Scale {
  /** `autoscaling/v1`. */
  readonly apiVersion?: string | undefined;
  /** `Scale`. */
  readonly kind?: string | undefined;
  /** The workload's name, namespace and version. */
  readonly metadata?:
    | {
        readonly name?: string | undefined;
        readonly namespace?: string | undefined;
        readonly uid?: string | undefined;
        readonly resourceVersion?: string | undefined;
      }
    | undefined;
  /** How many replicas are wanted. */
  readonly spec?: { readonly replicas?: number | undefined } | undefined;
  /** How many replicas there are, and which. */
  readonly status?:
    | { readonly replicas: number; readonly selector?: string | undefined }
    | undefined;
}
