/** Options of a wait for tokens. */
export interface WaitOptions {
  /** How many tokens to take; default 1. Zero takes none, and waits only for what others have taken ahead of its time. */
  readonly n?: number | undefined;
  /** Ends the wait: the call rejects with the signal's reason, and the tokens are given back. */
  readonly signal?: AbortSignal | undefined;
  /** Refuses at once, without taking anything, when the tokens cannot be had within this many milliseconds. Default: waits as long as it takes. */
  readonly maxWaitMs?: number | undefined;
}

/** What slows down callers that have no item to tell apart, such as the requests of a client. */
export interface Throttle {
  /** Takes `n` tokens (default 1) when they are there now, and says whether it did. Never waits. */
  allow(n?: number): boolean;
  /** Resolves when the tokens may be used. Callers are served in the order in which they asked. */
  wait(options?: WaitOptions): Promise<void>;
}
