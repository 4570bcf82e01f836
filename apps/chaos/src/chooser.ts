import type { Fault, FaultParameters } from './faults/fault.ts';
import type { Random } from './random.ts';

/** One fault of a run. */
export interface PlannedFault {
  readonly fault: Fault;
  readonly parameters: FaultParameters;
  /** Another one that is made at the same time, to be judged together. */
  readonly alongside?: PlannedFault;
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
const longestMs = 2000;
/** How many in a hundred faults have another one alongside. */
const pairsInHundred = 15;

/**
 * Draws the faults of a phase; the same random draws make the same faults.
 *
 * Kinds come in proportion to their weights, and each kind of the phase comes at least once where `count` allows.
 * Some faults come in pairs, of which the second is one of those that may go alongside another.
 */
export function chooseFaults({ random, catalogue, phase, count }: ChooseOptions): PlannedFault[] {
  const kinds = catalogue.filter(({ phases }) => phases?.includes(phase) !== false);
  const total = kinds.reduce((sum, { weight }) => sum + weight, 0);
  const first = random.shuffled(kinds).slice(0, count);
  const others = Array.from({ length: count - first.length }, () => weighted(kinds, random, total));
  const companions = kinds.filter(({ mayGoAlongside }) => mayGoAlongside === true);
  return random.shuffled([...first, ...others]).map((fault) => {
    const planned = { fault, parameters: parametersFrom(random) };
    if (companions.length === 0 || random.integer(0, 99) >= pairsInHundred) return planned;
    const parameters = parametersFrom(random);
    return { ...planned, alongside: { fault: random.pick(companions), parameters } };
  });
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
