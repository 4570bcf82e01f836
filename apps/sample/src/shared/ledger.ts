import type { Message } from './messages.ts';

/** A run of a key by a worker. */
export interface DemoRun {
  readonly key: string;
  readonly worker: string;
  readonly fromMs: number;
  toMs: number | undefined;
}

/** Who works on what, and who owns which partitions, as far as the processes have said. */
export class Ledger {
  /** All runs, in the order in which they began. */
  readonly runs: DemoRun[] = [];
  readonly #owned = new Map<string, readonly number[]>();

  /** Writes down what a process said. */
  hear(worker: string, message: Message): void {
    if (message.event === 'owns') this.#owned.set(worker, message.partitions);
    if (message.event === 'begin') {
      const { key, at } = message;
      this.runs.push({ key, worker, fromMs: at, toMs: undefined });
    }
    if (message.event === 'end') {
      const run = this.runs.find(
        (each) => each.key === message.key && each.worker === worker && each.toMs === undefined,
      );
      if (run !== undefined) run.toMs = message.at;
    }
  }

  /** Ends all that a killed worker had under way, and returns it. */
  bury(worker: string, atMs: number): DemoRun[] {
    this.#owned.delete(worker);
    const cut = this.runs.filter((run) => run.worker === worker && run.toMs === undefined);
    for (const run of cut) run.toMs = atMs;
    return cut;
  }

  /** How many keys a worker has under way that it began after a moment. */
  begunAfter(worker: string, atMs: number): number {
    return this.runs.filter(
      (run) => run.worker === worker && run.toMs === undefined && run.fromMs > atMs,
    ).length;
  }

  /** Which partitions a worker owns. */
  owned(worker: string): readonly number[] {
    return this.#owned.get(worker) ?? [];
  }

  /** How many keys were under way in two processes at the same time. */
  get overlaps(): number {
    const isDuring = (a: DemoRun, b: DemoRun): boolean =>
      a !== b && a.key === b.key && a.fromMs <= b.fromMs && b.fromMs < (a.toMs ?? Infinity);
    return this.runs.filter((run) => this.runs.some((other) => isDuring(other, run))).length;
  }
}
