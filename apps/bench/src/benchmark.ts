import type { Statistic } from './statistics.ts';

/** How long and how large a run is. */
export interface Limits {
  /** Smaller sizes and fewer rounds, to see that everything works. */
  readonly quick: boolean;
  /** How long the rounds of one benchmark may take together, in milliseconds. */
  readonly budgetMs: number;
}

/** Something that is measured, here and, under the same id, in `go/`. */
export interface Benchmark {
  readonly id: string;
  /** Yields samples in nanoseconds per operation; `undefined` when it is left out of a quick run. */
  readonly sample: (limits: Limits) => Promise<readonly number[] | undefined>;
  /** The lines of the table which it fills. */
  readonly lines: readonly BenchmarkLine[];
}

/** One line of the table. */
export interface BenchmarkLine {
  readonly title: string;
  /** What one operation is. */
  readonly per: string;
  readonly statistic: Statistic;
}

/** The time in nanoseconds from some fixed moment. */
export function nowNs(): number {
  return performance.now() * 1e6;
}

/**
 * Runs a round, which does some operations and returns how many nanoseconds they took, until the time is up. The first
 * quarter of the rounds warms up and does not count.
 */
export async function sampleRounds(
  limits: Limits,
  operations: number,
  round: () => number | Promise<number>,
): Promise<readonly number[]> {
  const samples: number[] = [];
  const started = performance.now();
  while (samples.length < 3 || performance.now() - started < limits.budgetMs)
    samples.push((await round()) / operations);
  return samples.slice(Math.floor(samples.length / 4));
}

/** Keys as a controller has them. */
export function makeKeys(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `default/object-${i}`);
}
