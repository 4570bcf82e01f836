import type { JournalLine } from './journal.ts';

/** One life of a worker process. */
export interface WorkerLife {
  /** Its name, for reports. */
  readonly name: string;
  /** What it wrote. */
  readonly lines: readonly JournalLine[];
  /** When it ended, in milliseconds of `monotonicMs`; `undefined` while it runs. A run that it did not end, ended then. */
  readonly endedAtMs?: number | undefined;
}

/** One run of one key. */
export interface Run {
  readonly key: string;
  readonly worker: string;
  readonly startMs: number;
  /** When it ended, by itself or with its process; infinite while it goes on. */
  readonly endMs: number;
  /** Whether it ended well. */
  readonly isComplete: boolean;
  /** When its signal aborted; `undefined` when it did not. */
  readonly abortedAtMs: number | undefined;
  /** Failures before it, as the queue told them. */
  readonly failures: number;
}

/** A confirmed add. */
export interface ConfirmedAdd {
  readonly key: string;
  readonly sentMs: number;
  readonly confirmedMs: number;
}

/** Two runs of one key at once. */
export interface Overlap {
  readonly key: string;
  readonly first: Run;
  readonly second: Run;
}

/** What the journals say. */
export interface Verdict {
  readonly runs: readonly Run[];
  readonly adds: readonly ConfirmedAdd[];
  /** Confirmed adds without a completed run that started after they were sent. */
  readonly lost: readonly ConfirmedAdd[];
  readonly overlaps: readonly Overlap[];
}

/** Draws the conclusions: which confirmed adds were lost, and which runs of one key were under way at once. */
export function check(
  lives: readonly WorkerLife[],
  producers: readonly (readonly JournalLine[])[],
): Verdict {
  const runs = lives.flatMap(runsOf).sort((a, b) => a.startMs - b.startMs);
  const adds = producers.flat().filter(isConfirm).map(addOf);
  return { runs, adds, lost: lostOf(adds, runs), overlaps: overlapsOf(runs) };
}

/** The runs of one life of a worker, in the order of their starts. */
export function runsOf(life: WorkerLife): Run[] {
  const under = new Map<string, JournalLine & { abortedAtMs?: number }>();
  const runs: Run[] = [];
  const end = (key: string, endMs: number, isComplete: boolean): void => {
    const start = under.get(key);
    if (start === undefined)
      throw new Error(`Cannot end a run of "${key}" on ${life.name}: none was started`);
    under.delete(key);
    const { atMs: startMs, extra: failures, abortedAtMs } = start;
    runs.push({ key, worker: life.name, startMs, endMs, isComplete, abortedAtMs, failures });
  };
  for (const line of life.lines) {
    const running = under.get(line.key);
    if (line.word === 'E' || line.word === 'F') end(line.key, line.atMs, line.word === 'E');
    else if (line.word === 'A' && running !== undefined) running.abortedAtMs = line.atMs;
    else if (line.word === 'S') {
      // Two runs in one process: the journal cannot tell their ends apart, so the first is left open, which is an overlap.
      if (running !== undefined) end(line.key, Number.POSITIVE_INFINITY, false);
      under.set(line.key, { ...line });
    }
  }
  for (const key of under.keys()) end(key, life.endedAtMs ?? Number.POSITIVE_INFINITY, false);
  return runs.sort((a, b) => a.startMs - b.startMs);
}

function isConfirm(line: JournalLine): boolean {
  return line.word === 'C';
}

function addOf({ key, atMs, extra }: JournalLine): ConfirmedAdd {
  return { key, sentMs: atMs, confirmedMs: extra };
}

function lostOf(adds: readonly ConfirmedAdd[], runs: readonly Run[]): ConfirmedAdd[] {
  const lastStart = new Map<string, number>();
  // In the order of their starts, so the last one wins.
  for (const run of runs) if (run.isComplete) lastStart.set(run.key, run.startMs);
  return adds.filter((add) => (lastStart.get(add.key) ?? Number.NEGATIVE_INFINITY) <= add.sentMs);
}

/** Compares each run with the one of its key that lasts longest of those that started before. */
function overlapsOf(runs: readonly Run[]): Overlap[] {
  const longest = new Map<string, Run>();
  const overlaps: Overlap[] = [];
  for (const second of runs) {
    const first = longest.get(second.key);
    if (first !== undefined && second.startMs < first.endMs)
      overlaps.push({ key: second.key, first, second });
    if (first === undefined || first.endMs < second.endMs) longest.set(second.key, second);
  }
  return overlaps;
}
