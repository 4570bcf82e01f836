import type { MemorySample } from './outcome.ts';

/**
 * How much a live heap may grow between the first and the last third of a phase: 20 % and 8 MiB. A list that is not
 * garbage yet is a few MiB; a leak of 100 bytes an event passes this bound after a few thousand faults only, so that
 * leaks are looked for in long runs.
 */
const heapFactor = 1.2;
const heapSlack = 8 * 1024 * 1024;

/** What the memory of a subject did over a phase. */
export interface MemoryTrend {
  readonly isFlat: boolean;
  readonly description: string;
}

/** Compares the medians of the first and the last third; the very first sample, from the warm-up, does not count. */
export function memoryTrend(samples: readonly MemorySample[]): MemoryTrend {
  const warm = samples.slice(1);
  if (warm.length < 3) return { isFlat: true, description: 'too few samples to judge' };
  const third = Math.ceil(warm.length / 3);
  const [first, last] = [warm.slice(0, third), warm.slice(-third)];
  const before = median(first.map(({ heapUsed }) => heapUsed));
  const after = median(last.map(({ heapUsed }) => heapUsed));
  const rss = [first, last].map((part) => mebibytes(median(part.map((sample) => sample.rss))));
  return {
    isFlat: after <= before * heapFactor + heapSlack,
    description: `heap ${mebibytes(before)} → ${mebibytes(after)} MiB, resident ${rss.join(' → ')} MiB`,
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 1024 / 102.4) / 10;
}
