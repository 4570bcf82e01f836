/** What the reflector takes as a backoff. */
interface DelaySource {
  next(): number;
}

const firstMs = 100;
const longestMs = 1000;
/** A failure that comes later than this after the last one is a first one again. */
const forgetAfterMs = 3000;

/** Delays that fit between two faults: 100 ms, doubled up to one second. Stateful: the failures of all who use it count together. */
export function shortBackoff(now: () => number = Date.now): DelaySource {
  let delayMs = firstMs;
  let lastAt = -Infinity;
  return {
    next() {
      const at = now();
      delayMs = at - lastAt > forgetAfterMs ? firstMs : Math.min(longestMs, delayMs * 2);
      lastAt = at;
      return delayMs;
    },
  };
}
