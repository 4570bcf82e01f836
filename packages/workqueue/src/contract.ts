/** What {@link Queue.get} resolves to: an item to work on, or the word that there will be none. */
export type GetResult<T> =
  | { readonly item: T; readonly shutdown: false }
  | { readonly item: undefined; readonly shutdown: true };

/** The same with what some queues know of the item beside. */
export type PrioritizedGetResult<T> = GetResult<T> & {
  /** The priority of the item, from queues that know priorities. */
  readonly priority?: number;
  /**
   * Aborts when the item may by now be worked on elsewhere, from queues that several processes share: what is under way is to end as soon
   * as it can. `done` is called all the same.
   */
  readonly signal?: AbortSignal;
};

/** Options of adding an item. */
export interface AddOptions {
  /** How urgent the item is: a whole number, higher goes first; default 0. Ignored by queues without priorities. */
  readonly priority?: number | undefined;
  /** Adds the item after this many milliseconds; default, zero and less: at once. */
  readonly afterMs?: number | undefined;
  /** Adds the item after the delay that the rate limiter gives it, which counts as one more failure. With `afterMs`, the shorter of both. */
  readonly rateLimited?: boolean | undefined;
}

/** Options of taking an item. */
export interface GetOptions {
  /** Ends the wait: the call rejects with the signal's reason, and takes no item. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of a shutdown that waits. */
export interface DrainOptions {
  /** Ends the wait: the call rejects with the signal's reason. The queue stays shut down. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of describing a queue. */
export interface DescribeOptions {
  /** How many items each list shows at most; default 100. */
  readonly limit?: number | undefined;
}

/** What is in a queue at one moment. The lists are cut at a limit, the counts are not. */
export interface QueueDescription<T> {
  /** Items that can be handed out, next one first as far as the queue knows. */
  readonly queued: readonly T[];
  /** Items that were handed out and are not done, longest first. */
  readonly processing: readonly T[];
  /** Items whose delay has not passed, soonest first. */
  readonly waiting: readonly { readonly item: T; readonly readyInMs: number }[];
  /** How many items are queued, being processed, and waiting for their delay. */
  readonly counts: {
    readonly queued: number;
    readonly processing: number;
    readonly waiting: number;
  };
}

/** What is in a {@link PriorityQueue} at one moment. */
export interface PriorityQueueDescription<T> extends QueueDescription<T> {
  /** How many items are queued at each priority, highest first. */
  readonly levels: readonly { readonly priority: number; readonly length: number }[];
}

/**
 * What workers and controllers need of a queue.
 *
 * {@link RateLimitingQueue} and {@link PriorityQueue} fit it and answer at once. A queue that several
 * processes share may answer later, so callers await what `add`, `done` and the rest return.
 *
 * The promises: an item is queued at most once; it is never handed to two workers at a time; what is
 * added while it is processed is handed out again after `done`; after shutdown nothing new is accepted,
 * and what is queued is still handed out.
 */
export interface Queue<T> {
  /** Says that `item` needs work. Does nothing when it is queued already, and after shutdown. */
  add(item: T, options?: AddOptions): void | Promise<void>;
  /** Adds `item` after `delayMs` milliseconds; zero and less: at once. Dropped when the queue shuts down before. */
  addAfter(item: T, delayMs: number, options?: AddOptions): void | Promise<void>;
  /** Adds `item` after the delay that the rate limiter gives it, which counts as one more failure. */
  addRateLimited(item: T, options?: AddOptions): void | Promise<void>;
  /** Lets the rate limiter forget the failures of `item`. What is queued or waiting stays. */
  forget(item: T): void | Promise<void>;
  /** How many failures of `item` the rate limiter has counted since it was last forgotten. */
  numRequeues(item: T): number;
  /** Waits for an item to work on. Call {@link Queue.done | done} for every item that it gives. */
  get(options?: GetOptions): Promise<PrioritizedGetResult<NoInfer<T>>>;
  /** Says that the work on `item` has ended, well or badly. */
  done(item: T): void | Promise<void>;
  /** How many items can be handed out. */
  readonly length: number;
  /** Whether the queue has been shut down. */
  readonly shuttingDown: boolean;
  /** Accepts nothing new from now on. What is queued is still handed out. Ends a drain that is under way. */
  shutDown(): void | Promise<void>;
  /** Shuts down, and resolves when nothing is being processed any more. */
  shutDownWithDrain(options?: DrainOptions): Promise<void>;
  /** What is in the queue at this moment, for people to look at. A queue that several processes share may not know. */
  describe?(options?: DescribeOptions): QueueDescription<T>;
  /** Takes items until shutdown. The loop body calls {@link Queue.done | done}. */
  [Symbol.asyncIterator](): AsyncIterator<T>;
}
