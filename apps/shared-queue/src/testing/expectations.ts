import { expect } from 'vitest';

import type { Verdict } from '../rig/checker.ts';

/** Asserts what nearly every story must end with: nothing lost, no key twice at once, nothing left at the broker. */
export function expectNothingAmiss(verdict: Verdict, left: number): void {
  expect({
    lost: verdict.lost.slice(0, 5),
    overlaps: verdict.overlaps.slice(0, 5),
    left,
  }).toEqual({ lost: [], overlaps: [], left: 0 });
}

/** The figures of every story. */
export function verdictFigures(
  verdict: Verdict,
  left: number,
): {
  readonly adds: number;
  readonly runs: number;
  readonly lost: number;
  readonly overlaps: number;
  readonly left: number;
} {
  return {
    adds: verdict.adds.length,
    runs: verdict.runs.length,
    lost: verdict.lost.length,
    overlaps: verdict.overlaps.length,
    left,
  };
}
