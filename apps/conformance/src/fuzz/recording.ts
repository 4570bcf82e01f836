import { readFileSync } from 'node:fs';

/** What the program in go/fuzz wrote about one topic. */
export interface Recording {
  /** What all cases share, for example the sets of labels that selectors are matched with. */
  readonly header: Readonly<Record<string, unknown>>;
  /** Input and outcome, as the program says beside each topic. */
  readonly cases: readonly Case[];
}

/** One line of a recording. */
export type Case = readonly unknown[];

/** Where the committed recordings are. */
export const recordingsFolder: URL = new URL('../../recordings/fuzz/', import.meta.url);

/** Reads what was written about a topic, into the given folder or the committed one. */
export function readRecording(topic: string, folder: URL = recordingsFolder): Recording {
  const lines = readFileSync(new URL(`${topic}.jsonl`, folder), 'utf8')
    .trimEnd()
    .split('\n');
  const [header = '{}', ...cases] = lines;
  // Written by the program in go/fuzz.
  return {
    header: JSON.parse(header) as Recording['header'],
    cases: cases.map((line) => JSON.parse(line) as Case),
  };
}
