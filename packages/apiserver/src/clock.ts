/** A timer that was started by a {@link Clock}. */
export interface ClockTimer {
  /** Stops the timer; a stopped or fired one is left alone. */
  cancel(): void;
  /** Lets the process end while the timer is armed. */
  unref(): void;
}

/** Where the server gets its timers from; `Clock` of `@kubeloop/ratelimiter` fits. */
export interface Clock {
  /** Milliseconds that only grow. */
  now(): number;
  /** Calls `callback` once after `delayMs`. */
  setTimeout(callback: () => void, delayMs: number): ClockTimer;
}

/** The clock of the process; the globals are looked up at each call, so that fake timers work. */
export const processClock: Clock = {
  now: () => performance.now(),
  setTimeout: (callback, delayMs) => {
    const timer = setTimeout(callback, delayMs);
    return { cancel: () => clearTimeout(timer), unref: () => void timer.unref() };
  },
};
