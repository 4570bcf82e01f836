import { type Failure, measure, type Measurement } from '../pod-informers/measure.ts';
import type { PeerProgram } from '../pod-informers/peers.ts';
import { type PodSource, startPreparedSource } from '../pod-informers/sources.ts';
import { type Figures, summaryOf } from '../pod-informers/summary.ts';

/** What one size needed: the medians of its rounds. */
export interface Point {
  /** How many objects, handlers or informers there were. */
  readonly size: number;
  readonly figures: Figures;
  /** The most connections that a process opened in a round, where they were counted. */
  readonly connections: number | undefined;
}

/** One peer through all sizes. */
export interface Line {
  readonly title: string;
  readonly points: readonly Point[];
}

/** A peer whose program depends on the size. */
export interface Grower {
  readonly title: string;
  programOf(size: number): PeerProgram;
}

/** What the three series have in common. */
export interface SeriesOptions {
  readonly growers: readonly Grower[];
  readonly sizes: readonly number[];
  /** How often each size is run. */
  roundsOf(size: number): number;
  /** Is told each finished round. */
  onRound?(line: string): void;
}

/** How many namespaces the server's pods take in turn. */
export const namespaces = 50;

/** One informer and one handler; the number of objects grows. */
export async function growObjects(options: SeriesOptions, updates: number): Promise<Line[]> {
  const collected = new Collection(options);
  for (const size of options.sizes) {
    const source = await startPreparedSource(size, ['-protobuf-only']);
    try {
      await collected.run(size, { ...source, expire: undefined }, updates);
    } finally {
      await source[Symbol.asyncDispose]();
    }
  }
  return collected.lines();
}

/** One informer over as many objects; the number of handlers grows. */
export async function growHandlers(
  options: SeriesOptions,
  objects: number,
  updates: number,
): Promise<Line[]> {
  const collected = new Collection(options);
  const source = await startPreparedSource(objects, ['-protobuf-only']);
  try {
    for (const size of options.sizes)
      await collected.run(size, { ...source, expire: undefined }, updates);
  } finally {
    await source[Symbol.asyncDispose]();
  }
  return collected.lines();
}

/**
 * The number of informers grows, each of a namespace of its own with as many objects.
 *
 * @param objects - of each namespace
 * @param updates - of each informer
 */
export async function growInformers(
  options: SeriesOptions,
  objects: number,
  updates: number,
): Promise<Line[]> {
  const collected = new Collection(options);
  const source = await startPreparedSource(objects * namespaces, ['-protobuf-only', '-tls']);
  try {
    for (const size of options.sizes) {
      const expect = (): ReturnType<PodSource['expect']> => source.expectOf(size);
      const ofSize: Countable = {
        ...source,
        expect,
        expire: undefined,
        // The server changes pods of all namespaces in turn, also of those that nobody looks at.
        async churn() {
          await source.churn(updates * namespaces);
          return expect();
        },
        count: () => source.connections(),
      };
      await collected.run(size, ofSize, updates * size);
    }
  } finally {
    await source[Symbol.asyncDispose]();
  }
  return collected.lines();
}

type Countable = PodSource & { count?(): Promise<number> };

/** Runs all peers in turn, so that what else the machine does falls on all of them, and keeps what they needed. */
class Collection {
  readonly #options: SeriesOptions;
  readonly #lines: Map<Grower, Point[]>;

  constructor(options: SeriesOptions) {
    this.#options = options;
    this.#lines = new Map(options.growers.map((grower) => [grower, []]));
  }

  lines(): Line[] {
    return [...this.#lines].map(([{ title }, points]) => ({ title, points }));
  }

  /** @throws when a peer fails, or loses something */
  async run(size: number, source: Countable, updates: number): Promise<void> {
    const measured = new Map<Grower, Measurement[]>();
    const connections = new Map<Grower, number>();
    for (let round = 1; round <= this.#options.roundsOf(size); round += 1) {
      for (const grower of this.#lines.keys()) {
        const before = await source.count?.();
        const result = sound(await measure(grower.programOf(size), source, updates), grower, size);
        const after = await source.count?.();
        measured.set(grower, [...(measured.get(grower) ?? []), result]);
        if (before !== undefined && after !== undefined)
          connections.set(grower, Math.max(connections.get(grower) ?? 0, after - before));
        const { sync, churn, resident } = result;
        this.#options.onRound?.(
          `${grower.title}, ${size}: sync ${sync.cpuMs.toFixed(0)} ms, updates ${churn.cpuMs.toFixed(0)} ms, ${(resident / 1e6).toFixed(0)} MB`,
        );
      }
    }
    for (const [grower, points] of this.#lines) {
      const { figures } = summaryOf(grower.programOf(size), measured.get(grower) ?? []);
      if (figures) points.push({ size, figures, connections: connections.get(grower) });
    }
  }
}

function sound(result: Measurement | Failure, { title }: Grower, size: number): Measurement {
  const fault = 'failure' in result ? result.failure : result.faults.join(', ');
  if ('failure' in result || fault !== '')
    throw new Error(`Cannot measure ${title} at ${size}: ${fault}`);
  return result;
}
