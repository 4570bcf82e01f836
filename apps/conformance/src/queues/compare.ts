import { BackoffPlayer } from './backoff-player.ts';
import { BucketPlayer } from './bucket-player.ts';
import { LimiterPlayer } from './limiter-player.ts';
import type { NoteDifference, Player } from './player.ts';
import { QueuePlayer } from './queue-player.ts';
import { lineText, type RecordedLine, type RecordedSequence } from './recording.ts';
import { wantedDifferences } from './wanted-differences.ts';

/** What came of playing a recording. */
export interface Comparison {
  readonly sequences: number;
  /** How many operations were answered as recorded. */
  readonly operations: number;
  /** How often each wanted difference occurred. */
  readonly wanted: ReadonlyMap<string, number>;
  /** A text for each sequence that has a difference nobody wants. */
  readonly differences: readonly string[];
}

/** Plays sequences on our packages and compares every answer. */
export async function compare(sequences: readonly RecordedSequence[]): Promise<Comparison> {
  const wanted = new Map<string, number>();
  const note: NoteDifference = (id) => void wanted.set(id, (wanted.get(id) ?? 0) + 1);
  const differences: string[] = [];
  let operations = 0;
  for (const sequence of sequences) {
    const played = await playSequence(sequence, note);
    operations += played.operations;
    if (played.difference !== undefined) differences.push(played.difference);
  }
  return { sequences: sequences.length, operations, wanted, differences };
}

interface Played {
  readonly operations: number;
  readonly difference?: string;
}

async function playSequence(sequence: RecordedSequence, note: NoteDifference): Promise<Played> {
  const player = playerOf(sequence, note);
  /** What we answered, and client-go is yet to answer. */
  const early = new Set<string>();
  for (const [index, line] of sequence.lines.entries()) {
    const expected = line.answers.filter((answer) => !early.delete(answer));
    const actual = await player.play(line.operation, line.args);
    if (areSame(expected, actual)) continue;
    const past = sequence.lines.slice(0, index);
    const step = { line, expected, actual, past };
    const difference = wantedDifferences.find(
      ({ kinds, isIt }) => kinds.includes(sequence.kind) && isIt?.(step) !== undefined,
    );
    if (difference === undefined)
      return { operations: index, difference: describeDifference(sequence, past, step) };
    note(difference.id);
    const verdict = difference.isIt?.(step);
    if (verdict === 'stop') return { operations: index };
    if (verdict === 'earlier')
      for (const answer of actual) if (!expected.includes(answer)) early.add(answer);
  }
  return { operations: sequence.lines.length };
}

function playerOf({ kind, spec }: RecordedSequence, note: NoteDifference): Player {
  if (kind === 'limiter') return new LimiterPlayer(spec);
  if (kind.startsWith('token-bucket')) return new BucketPlayer(spec);
  if (kind === 'item-backoff') return new BackoffPlayer(spec);
  return new QueuePlayer(kind, spec, note);
}

/** Whether the answers are the same. Times at which something returned (`@`, in milliseconds) may differ by rounding. */
function areSame(expected: readonly string[], actual: readonly string[]): boolean {
  return (
    expected.length === actual.length &&
    expected.every((answer, index) => {
      const other = actual[index] ?? '';
      // Numbers are the same to the last bit, but Go writes small ones differently.
      if (answer === other || Number(answer) === Number(other)) return true;
      const [what, after] = answer.split('@');
      const [otherWhat, otherAfter] = other.split('@');
      return what === otherWhat && Math.abs(Number(after) - Number(otherAfter)) < 1.5e-6;
    })
  );
}

function describeDifference(
  { kind, seed, spec }: RecordedSequence,
  past: readonly RecordedLine[],
  step: { readonly line: RecordedLine; readonly actual: readonly string[] },
): string {
  return [
    `A sequence of kind ${kind} with the seed ${seed} and ${JSON.stringify(spec)} differs after`,
    ...past.map((line) => `  ${lineText(line)}`),
    `expected: ${lineText(step.line)}`,
    `actual:   ${lineText({ ...step.line, answers: step.actual })}`,
  ].join('\n');
}
