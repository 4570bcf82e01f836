import { appendFileSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** File of one JSON line for each story that was told, in `temp/`, which git ignores. */
export const figuresFile: string = fileURLToPath(
  new URL('../../temp/figures.jsonl', import.meta.url),
);

/** What one test measured. */
export interface Figures {
  /** Name of the story: `kill workers`. */
  readonly story: string;
  /** Of everything that was drawn, to be given as `KUBELOOP_SEED` to see it again. */
  readonly seed: number;
  /** What was counted and timed; times end in `Ms`, `S` or say their unit. */
  readonly [figure: string]: number | string | boolean | undefined;
}

/** Prints what a test measured, and appends it to {@link figuresFile}. */
export function recordFigures(figures: Figures): void {
  const rounded = Object.entries(figures).map(([name, value]) => [name, round(value)]);
  const line = JSON.stringify({ at: new Date().toISOString(), ...Object.fromEntries(rounded) });
  mkdirSync(fileURLToPath(new URL('../../temp', import.meta.url)), { recursive: true });
  appendFileSync(figuresFile, `${line}\n`);
  console.log(line);
}

/** The value below which a share of the numbers lies: 0.5 the median, 1 the greatest. Zero of none. */
export function percentile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

function round(value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 100) / 100 : value;
}
