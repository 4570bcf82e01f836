/** A pending call of a {@link Clock}. */
export interface Timer {
  /** Takes the call back. Does nothing when it has been made or taken back already. */
  cancel(): void;
}

/** Where time comes from; the clock of `@kubeloop/ratelimiter`, its fake one included, fits. */
export interface Clock {
  /** Milliseconds since some fixed moment; never goes backwards. */
  now(): number;
  /** Calls `callback` once, `delayMs` milliseconds from now, never synchronously. */
  setTimeout(callback: () => void, delayMs: number): Timer & { unref(): void };
}

/** The longest delay that Node's own `setTimeout` takes; a longer one would fire at once. */
export const longestTimeoutMs: number = 2 ** 31 - 1;

/** The clock of the process. The globals are looked up at call time, so that any fake-timer library works. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimeout(callback, delayMs) {
    const handle = setTimeout(callback, Math.min(delayMs, longestTimeoutMs));
    return { cancel: () => clearTimeout(handle), unref: () => void handle.unref() };
  },
};
