/** What asked for a reconcile: a kind of event, or `requeue` for a wish of the reconciler and for a retry. */
export type CauseType = 'create' | 'update' | 'delete' | 'generic' | 'requeue';

/** One thing that asked for a reconcile. It is told for people and traces: a reconciler that decides by it misses events. */
export interface ReconcileCause {
  /** The kind of event. */
  readonly type: CauseType;
  /** The source that told of it; `undefined` for requeues and for `controller.enqueue`. */
  readonly source?: string | undefined;
  /** The key of the object that the event was about, which need not be the one that is reconciled. */
  readonly object?: string | undefined;
  /** The version of that object. */
  readonly resourceVersion?: string | undefined;
}

/** What asked for a reconcile since the one of the same key before. */
export interface ReconcileCauses {
  /**
   * The first of them, oldest first; at most 32. Empty when the one before has shown them already, as with an event that a
   * debounce held back meanwhile.
   */
  readonly list: readonly ReconcileCause[];
  /** How many there were beyond those. */
  readonly more: number;
}
