import { closeSync, existsSync, openSync, readFileSync, writeSync } from 'node:fs';

import { monotonicMs } from './monotonic.ts';

/**
 * What a line says: a run starts (`S`), ends well (`E`), ends in a failure (`F`), is told to stop by its signal (`A`), its conditional
 * write landed (`W`) or was refused as stale (`V`), the process was asked to end (`T`), or an add was confirmed (`C`) or refused (`X`).
 */
export type JournalWord = 'A' | 'C' | 'E' | 'F' | 'S' | 'T' | 'V' | 'W' | 'X';

/** One line of a journal. */
export interface JournalLine {
  readonly word: JournalWord;
  readonly key: string;
  /** When, in milliseconds of `monotonicMs`; for `C` and `X`, when the add was called. */
  readonly atMs: number;
  /** A number that belongs to the word: for `C`, when the confirm arrived; for `S`, the failures so far. */
  readonly extra: number;
}

/** Appends lines to a file, each in one system call that has returned before the next thing happens, so that no kill loses one. */
export class Journal {
  readonly #file: number;

  /** Opens the file, and makes it when it is missing. */
  constructor(path: string) {
    this.#file = openSync(path, 'a');
  }

  /** Writes a line; `atMs` is now unless said otherwise. */
  write(
    word: JournalWord,
    key: string,
    options: { readonly atMs?: number; readonly extra?: number } = {},
  ): void {
    const { atMs = monotonicMs(), extra = 0 } = options;
    writeSync(this.#file, `${word} ${key} ${atMs} ${extra}\n`);
  }

  /** Writes many lines in one system call, for those who know what happened long before. */
  writeAll(lines: readonly JournalLine[]): void {
    const text = lines.map(({ word, key, atMs, extra }) => `${word} ${key} ${atMs} ${extra}\n`);
    writeSync(this.#file, text.join(''));
  }

  /** Closes the file. */
  close(): void {
    closeSync(this.#file);
  }
}

/** Reads a journal. A last line without its end, of a writer killed while it wrote, is left out; a missing file is empty. */
export function readJournal(path: string): JournalLine[] {
  if (!existsSync(path)) return [];
  return parseJournal(readFileSync(path, 'utf8'));
}

/** As {@link readJournal}, of text. Throws an `Error` for a line that is none. */
export function parseJournal(text: string): JournalLine[] {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole.split('\n').filter(Boolean).map(parseLine);
}

function parseLine(line: string): JournalLine {
  const [word = '', key = '', atMs = '', extra = '0'] = line.split(' ');
  if (!isWord(word) || key === '' || !Number.isFinite(Number.parseFloat(atMs)))
    throw new Error(`Cannot read the journal line "${line}"`);
  return { word, key, atMs: Number(atMs), extra: Number(extra) };
}

function isWord(text: string): text is JournalWord {
  return text.length === 1 && 'ACEFSTVWX'.includes(text);
}
