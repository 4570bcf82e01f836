/**
 * Decides how long an item has to wait before it is tried again.
 *
 * Every call of {@link RateLimiter.when | when} counts as one more failure of that item, until
 * {@link RateLimiter.forget | forget}. The contract is that of `TypedRateLimiter` in client-go
 * (`util/workqueue/default_rate_limiters.go`).
 */
export interface RateLimiter<T> {
  /** Counts one more failure of `item` and says how many milliseconds it has to wait; zero means that it may go at once. */
  when(item: T): number;
  /** Ends the tracking of `item`, whether it succeeded or is given up. Does nothing for an unknown item. */
  forget(item: T): void;
  /** How many times `item` has failed since it was last forgotten; zero for an unknown item. */
  numRequeues(item: T): number;
}
