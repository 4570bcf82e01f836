/**
 * Milliseconds of the clock that all processes of this host share and that nobody can set: on Linux CLOCK_MONOTONIC, which Node reads
 * for `hrtime`.
 */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}
