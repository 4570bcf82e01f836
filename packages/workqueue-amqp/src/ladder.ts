/** The default levels of delay: factor 4, so that a delay takes at most three hops on each level. */
export const defaultDelayLevelsMs: readonly number[] = [
  1000, 4000, 16_000, 64_000, 256_000, 1_024_000,
];

/** The longest level that is not longer than `leftMs`, so that no delay ends early; `undefined` when all are. `levelsMs` grows. */
export function levelOf(leftMs: number, levelsMs: readonly number[]): number | undefined {
  return levelsMs.findLast((levelMs) => levelMs <= leftMs);
}
