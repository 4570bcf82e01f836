/**
 * A time or a duration in whole nanoseconds, which Go counts in. Sums of floating-point milliseconds drift apart, and two
 * ways to the same moment do not compare as equal; sums of these do.
 */
export function nanosecondsOf(ms: number): number {
  return Math.round(ms * 1e6);
}

/** Nanoseconds in seconds, rounded to the same bit as by `Duration.Seconds` of Go. */
export function secondsOf(nanoseconds: number): number {
  return Math.trunc(nanoseconds / 1e9) + (nanoseconds % 1e9) / 1e9;
}
