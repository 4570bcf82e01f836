import assert from 'node:assert/strict';
import type { Handle } from './handle.ts';
import type { Pace } from './pace.ts';
import { quietly } from './quietly.ts';

/** What is known of one item. */
interface Account {
  /** When the last addition was sent. */
  addedAt: number;
  /** When the last run that ended began. */
  ranAt: number;
  additions: number;
  runs: number;
  isRunning: boolean;
}

/** Who added what and who ran what, in the order of events, and what is wrong with it. */
export class Ledger {
  readonly #accounts = new Map<string, Account>();
  readonly #overlaps: string[] = [];
  #now = 0;

  /** Notes an addition, which is owed a run that begins later. */
  async added(item: string, add: () => Promise<void>): Promise<void> {
    const account = this.#accountOf(item);
    account.addedAt = this.#now += 1;
    account.additions += 1;
    await add();
  }

  /** Notes a run of `item`, which takes as long as `work`. */
  async ran(item: string, work: () => Promise<void>): Promise<void> {
    const account = this.#accountOf(item);
    const beganAt = (this.#now += 1);
    if (account.isRunning) this.#overlaps.push(item);
    account.isRunning = true;
    await work();
    account.isRunning = false;
    account.runs += 1;
    account.ranAt = Math.max(account.ranAt, beganAt);
  }

  /** The items that no completed run began for since they were last added. */
  get owed(): string[] {
    return this.#itemsWhere(({ addedAt, ranAt }) => addedAt > ranAt);
  }

  /** How often each item ran. */
  get runs(): ReadonlyMap<string, number> {
    return new Map([...this.#accounts].map(([item, { runs }]) => [item, runs]));
  }

  /** Fails if an addition was lost, an item was with two workers, or ran oftener than it was added. */
  check(): void {
    assert.deepEqual(
      {
        'with two workers at a time': [...new Set(this.#overlaps)],
        'added and not run since': this.owed,
        'run oftener than added': this.#itemsWhere(({ runs, additions }) => runs > additions),
      },
      {
        'with two workers at a time': [],
        'added and not run since': [],
        'run oftener than added': [],
      },
    );
  }

  #itemsWhere(condition: (account: Account) => boolean): string[] {
    return [...this.#accounts].flatMap(([item, account]) => (condition(account) ? [item] : []));
  }

  #accountOf(item: string): Account {
    let account = this.#accounts.get(item);
    if (account === undefined) {
      account = { addedAt: 0, ranAt: 0, additions: 0, runs: 0, isRunning: false };
      this.#accounts.set(item, account);
    }
    return account;
  }
}

/** What a worker does with an item; default: it breathes. */
export type LedgerWork = (item: string, by: Handle) => Promise<void>;

/** Lets workers work on all that these handles give until shutdown. Resolves when all have ended. May reject unseen. */
export function runCrew(
  ledger: Ledger,
  handles: readonly Handle[],
  { count, work, pace }: { count: number; work: LedgerWork; pace: Pace },
): Promise<unknown> {
  const worker = async (handle: Handle): Promise<void> => {
    // The queue itself: a drain does not wait for workers that take their time between done and get.
    const { queue } = handle;
    for await (const item of queue) {
      await ledger.ran(item, async () => {
        await pace.breathe();
        await work(item, handle);
        await pace.breathe();
      });
      await queue.done(item);
    }
  };
  const workers = handles.flatMap((handle) =>
    Array.from({ length: Math.ceil(count / handles.length) }, () => worker(handle)),
  );
  return quietly(() => Promise.all(workers));
}
