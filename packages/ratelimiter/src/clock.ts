/** A pending call of a {@link Clock}. */
export interface Timer {
  /** Takes the call back. Does nothing when it has been made or taken back already. */
  cancel(): void;
  /** Lets the process end although this timer is pending. */
  unref(): void;
}

/** Where time comes from. Pass a fake one in tests, so that time moves only when the test moves it. */
export interface Clock {
  /** Milliseconds since some fixed moment; never goes backwards. */
  now(): number;
  /** Calls `callback` once, `delayMs` milliseconds from now, never synchronously. Zero or less means as soon as possible. */
  setTimeout(callback: () => void, delayMs: number): Timer;
}

/** The longest delay that Node's own `setTimeout` takes; a longer one would fire at once. */
const longestTimeoutMs = 2 ** 31 - 1;

/**
 * The clock of the process: `performance.now` and `setTimeout`.
 *
 * Both are looked up at call time, so that libraries which replace the globals with fake ones work.
 * Delays beyond 2³¹−1 ms (24.8 days) are kept. Node counts timers in whole milliseconds, so a call may
 * come up to one millisecond before its time by `now()`: who must not be early looks at `now()` again.
 */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimeout(callback, delayMs) {
    let isReferenced = true;
    let handle: NodeJS.Timeout;
    const arm = (remainingMs: number): void => {
      // Node drops fractions, which would fire early.
      const sliceMs = Math.min(Math.ceil(remainingMs), longestTimeoutMs);
      handle = setTimeout(() => {
        if (remainingMs > sliceMs) arm(remainingMs - sliceMs);
        else callback();
      }, sliceMs);
      if (!isReferenced) handle.unref();
    };
    // Node warns of delays below zero.
    arm(Math.max(0, delayMs));
    return {
      cancel: () => clearTimeout(handle),
      unref: () => {
        isReferenced = false;
        handle.unref();
      },
    };
  },
};
