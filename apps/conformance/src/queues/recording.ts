import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** An operation and what was answered to it. */
export interface RecordedLine {
  /** The operation, a letter. */
  readonly operation: string;
  readonly args: readonly string[];
  readonly answers: readonly string[];
}

/** A sequence of operations on one thing that was made for it. */
export interface RecordedSequence {
  /** What it was done to, and in which way: see the Go functions that record. */
  readonly kind: string;
  /** What the sequence follows from, together with its kind. */
  readonly seed: string;
  /** How the thing is to be made. */
  readonly spec: unknown;
  readonly lines: readonly RecordedLine[];
}

/** Where the recordings of this repository are. */
export const recordingsFolder: string = join(
  import.meta.dirname,
  '..',
  '..',
  'recordings',
  'queues',
);

/** The text of each recording in a folder, by the name of its file. */
export async function readRecordings(folder: string): Promise<ReadonlyMap<string, string>> {
  const names = (await readdir(folder)).toSorted();
  return new Map(
    await Promise.all(
      names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const),
    ),
  );
}

/** Reads a recording: a line `= kind seed spec` for each sequence, and a line `operation arguments > answers` for each operation. */
export function parseRecording(text: string): readonly RecordedSequence[] {
  const sequences: (RecordedSequence & { readonly lines: RecordedLine[] })[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    if (line.startsWith('= ')) {
      const [, kind = '', seed = '', ...spec] = line.split(' ');
      sequences.push({ kind, seed, spec: JSON.parse(spec.join(' ')), lines: [] });
    } else sequences.at(-1)?.lines.push(parseLine(line));
  }
  return sequences;
}

function parseLine(line: string): RecordedLine {
  const [before = '', after = ''] = line.split(' > ');
  const [operation = '', ...args] = before.split(' ');
  return { operation, args, answers: after === '' ? [] : after.split(' ') };
}

/** The line as it is in the recording. */
export function lineText(line: RecordedLine): string {
  const before = [line.operation, ...line.args].join(' ');
  return line.answers.length === 0 ? before : `${before} > ${line.answers.join(' ')}`;
}
