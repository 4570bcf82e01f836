import type { Fault, FaultParameters } from './faults/fault.ts';
import type { Random } from './random.ts';

/** One fault of a run. */
export interface PlannedFault {
  readonly fault: Fault;
  readonly parameters: FaultParameters;
}

/** What {@link chooseFaults} needs. */
export interface ChooseOptions {
  readonly random: Random;
  readonly catalogue: readonly Fault[];
  /** The phase the faults are for. */
  readonly phase: string;
  readonly count: number;
}

const shortestMs = 200;
const longestMs = 1200;

/**
 * Draws the faults of a phase; the same random draws make the same faults.
 *
 * Kinds come in proportion to their weights, and each kind of the phase comes at least once where `count` allows.
 */
export function chooseFaults({ random, catalogue, phase, count }: ChooseOptions): PlannedFault[] {
  const kinds = catalogue.filter(({ phases }) => phases?.includes(phase) !== false);
  const total = kinds.reduce((sum, { weight }) => sum + weight, 0);
  const first = random.shuffled(kinds).slice(0, count);
  const others = Array.from({ length: count - first.length }, () => weighted(kinds, random, total));
  return random
    .shuffled([...first, ...others])
    .map((fault) => ({ fault, parameters: parametersFrom(random) }));
}

/** The same, one by one and without an end, for runs that are limited by time. */
export function* endlessFaults(
  options: Omit<ChooseOptions, 'count'>,
): Generator<PlannedFault, never> {
  for (;;) yield* chooseFaults({ ...options, count: 50 });
}

function weighted(kinds: readonly Fault[], random: Random, total: number): Fault {
  let left = random.integer(1, total);
  for (const fault of kinds) {
    left -= fault.weight;
    if (left <= 0) return fault;
  }
  return random.pick(kinds);
}

function parametersFrom(random: Random): FaultParameters {
  return {
    durationMs: random.integer(shortestMs, longestMs),
    scope: random.integer(0, 2) === 0 ? 'one' : 'all',
    direction: random.pick(['both', 'both', 'up', 'down']),
    amount: random.integer(0, 99),
  };
}
