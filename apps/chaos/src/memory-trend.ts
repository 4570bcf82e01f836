import type { MemorySample } from './outcome.ts';

/**
 * How much the medians may grow between the first and the last third of a phase: the live heap by 20 % and 8 MiB, the
 * resident memory, which V8 gives back as it likes, by 25 % and 64 MiB. A leak of 100 bytes an event passes these bounds
 * after a hundred thousand events only, so small leaks are looked for in long runs.
 */
const bounds = {
  heapUsed: { factor: 1.2, slack: 8 * 1024 * 1024 },
  rss: { factor: 1.25, slack: 64 * 1024 * 1024 },
} as const;

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
  const heap = trendOf('heapUsed', first, last);
  const resident = trendOf('rss', first, last);
  return {
    isFlat: heap.isFlat && resident.isFlat,
    description: `heap ${heap.words}, resident ${resident.words}`,
  };
}

function trendOf(
  name: keyof typeof bounds,
  first: readonly MemorySample[],
  last: readonly MemorySample[],
): { readonly isFlat: boolean; readonly words: string } {
  const before = median(first.map((sample) => sample[name]));
  const after = median(last.map((sample) => sample[name]));
  const { factor, slack } = bounds[name];
  return {
    isFlat: after <= before * factor + slack,
    words: `${mebibytes(before)} → ${mebibytes(after)} MiB`,
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 1024 / 102.4) / 10;
}
