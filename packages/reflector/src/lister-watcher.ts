/** What is asked of one page of a list. An empty value is left out, never sent as an empty string. */
export interface ListRequest {
  /** Only objects whose labels match, in the wire's text form. */
  readonly labelSelector?: string;
  /** Only objects whose fields match, in the wire's text form. */
  readonly fieldSelector?: string;
  /** How many objects one page may hold. Left out: all of them. */
  readonly limit?: number;
  /** The token of the page before. */
  readonly continue?: string;
  /** `"0"`: any version the server has cached; another number: that version or a later one; left out: the newest. */
  readonly resourceVersion?: string;
  /** Set to `Exact` only by the check of streaming lists, which is off by default. */
  readonly resourceVersionMatch?: 'Exact';
  /** Leave `metadata.managedFields` out of the objects, if that can be done. */
  readonly omitManagedFields?: boolean;
  /** Aborts the request. The lister must then end soon; what it answers is ignored. */
  readonly signal?: AbortSignal;
}

/** What is asked of one watch. */
export interface WatchRequest {
  /** Only objects whose labels match, in the wire's text form. */
  readonly labelSelector?: string;
  /** Only objects whose fields match, in the wire's text form. */
  readonly fieldSelector?: string;
  /** Events after this version. Left out: from any version, after made-up ADDED events of all that exists. */
  readonly resourceVersion?: string;
  /** Set together with `sendInitialEvents`, as the API server demands. */
  readonly resourceVersionMatch?: 'NotOlderThan';
  /** Always true: the reflector wants to know how far the server has got. */
  readonly allowWatchBookmarks?: boolean;
  /** Ask for a streaming list: ADDED for each object, then a bookmark that says that these were all (KEP-3157). */
  readonly sendInitialEvents?: boolean;
  /** Leave `metadata.managedFields` out of the objects, if that can be done. */
  readonly omitManagedFields?: boolean;
  /** When the server ends the watch by itself. */
  readonly timeoutSeconds?: number;
  /** Always 0: the reflector itself tries again, and says so. */
  readonly maxRetries?: number;
  /** Aborts the watch and must close its connection. */
  readonly signal?: AbortSignal;
}

/** One page of a list, or all of it. */
export interface ListPage<T> {
  /** Looked at only to refuse answers in table format. */
  readonly apiVersion?: string | undefined;
  /** Looked at only to refuse answers in table format. */
  readonly kind?: string | undefined;
  /** The objects of this page. */
  readonly items: readonly T[];
  /** Version and paging. */
  readonly metadata?:
    | {
        /** The version that the list shows. */
        readonly resourceVersion?: string | undefined;
        /** The token of the next page; empty or missing on the last. */
        readonly continue?: string | undefined;
      }
    | undefined;
}

/** The object of a BOOKMARK event: nothing but a version and, at the end of a streaming list, a note. */
export interface BookmarkLike {
  /** Where the watch stands. */
  readonly metadata?:
    | {
        /** Everything up to here has been sent. */
        readonly resourceVersion?: string | undefined;
        /** `k8s.io/initial-events-end: "true"` ends a streaming list. */
        readonly annotations?: Readonly<Record<string, string>> | undefined;
      }
    | undefined;
}

/** The object of an ERROR event, and what the API server says with any failed request. */
export interface StatusLike {
  /** The HTTP code. */
  readonly code?: number | undefined;
  /** Why, for machines. */
  readonly reason?: string | undefined;
  /** Why, for people. */
  readonly message?: string | undefined;
  /** When to come back, and what led to the failure. */
  readonly details?:
    | {
        readonly retryAfterSeconds?: number | undefined;
        readonly causes?:
          | readonly {
              readonly reason?: string | undefined;
              readonly message?: string | undefined;
            }[]
          | undefined;
      }
    | undefined;
}

/** One event of a watch. */
export type ReflectorEvent<T> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  | { readonly type: 'BOOKMARK'; readonly object: BookmarkLike }
  | { readonly type: 'ERROR'; readonly object: StatusLike };

/** How events are read: one by one or, which is cheaper, all those together that have come. Only one of the two is called. */
export interface EventIterator<T> extends AsyncIterator<ReflectorEvent<T>, unknown> {
  /** All events that have come, in order, at least one; `undefined` when the watch has ended. */
  nextBatch?(): Promise<readonly ReflectorEvent<T>[] | undefined>;
}

/**
 * Where a reflector reads from: one collection of an API server. `ResourceClient` of `@kubeloop/client` fits.
 *
 * Promises a lister-watcher must keep: an aborted `signal` ends what it was passed to and frees its connection;
 * a failed request rejects with an error that carries `code` and `reason` of the API server's Status, or with
 * the network's own error (its `code` on the error or on its `cause`); a watch that the server ends, ends the iteration.
 */
export interface ListerWatcher<T> {
  /** Reads one page, or everything when the request has no limit. */
  list(options: ListRequest): Promise<ListPage<T>>;
  /** Opens one watch. A failure to open may be thrown here or by the first read; its iterator may be an {@link EventIterator}. */
  watch(options: WatchRequest): AsyncIterable<ReflectorEvent<T>>;
  /** Whether streaming lists may be tried. No statement means yes; fakes that cannot stream say `false`. */
  readonly supportsWatchList?: boolean | undefined;
  /** What is read, for names in messages and for the check of kinds. */
  readonly resource?:
    | {
        readonly name?: string | undefined;
        readonly apiVersion?: string | undefined;
        readonly kind?: string | undefined;
      }
    | undefined;
}
