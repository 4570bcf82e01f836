/** Why a list was made. */
export type ListReason =
  | 'initial'
  | 'restart'
  | 'expired'
  | 'too-large-version'
  | 'list-failed'
  | 'watch-failed'
  | 'short-watch'
  | 'store-failed'
  | 'periodic';

/** What one list came to. */
export interface ListMeasurement {
  /** Why it was made. */
  readonly reason: ListReason;
  /** Whether the objects were streamed or came in pages. */
  readonly mode: 'streamed' | 'paged';
  /** How many objects it brought. */
  readonly items: number;
  /** From the first request to the last object. */
  readonly durationMs: number;
}

/** What one watch came to. */
export interface WatchMeasurement {
  /** How many events it brought. */
  readonly events: number;
  /** From opening to the end. */
  readonly durationMs: number;
  /** Whether it ended within a second without any event. */
  readonly isShort: boolean;
  /** How long nothing had come when it ended. */
  readonly idleMs: number;
}

/**
 * What a reflector counts. Every member may be left out; a throwing one is reported and changes nothing.
 * The meanings are those of client-go's `MetricsProvider` for reflectors (`lists_total`, `list_duration_seconds`,
 * `items_per_list`, `watches_total`, `short_watches_total`, `watch_duration_seconds`, `items_per_watch`, `last_resource_version`).
 */
export interface ReflectorMetrics {
  /** A list was handed to the store. */
  listed?(list: ListMeasurement): void;
  /** A watch was asked for. */
  watchOpened?(): void;
  /** A watch came to its end. */
  watchEnded?(watch: WatchMeasurement): void;
  /** The version up to which the store is complete. */
  resourceVersion?(resourceVersion: string): void;
}
