import type { Settings } from './settings.ts';
import type { TokenTable } from './tokens.ts';
import type { Connection } from './transport.ts';

/** What is pulled, and where to. */
export interface Pull {
  readonly connection: Connection;
  readonly table: TokenTable;
  readonly settings: Settings;
}

/** The longest that keys are held back for the rest of a backlog. */
const mostMs = 30_000;
/** How long a queue may have messages of which none arrives: another consumer may be fed. */
const stallMs = 1000;

/**
 * Resolves when the messages that waited in a queue have arrived, or as many as the window takes.
 *
 * A key that was added ten times before anybody consumed has ten messages in the backlog. If its work began with the first, it would
 * be done before the last arrives, and begin again.
 */
export async function pullBacklog(queue: string, pull: Pull): Promise<void> {
  const control = await pull.connection.openControl();
  try {
    const { messages } = await control.countsOf(queue);
    const progress = new Progress(pull, messages);
    do {
      // What is not counted any more may not have arrived yet.
      await pause(pull.settings);
      await control.countsOf(queue);
    } while (!progress.hasEnded());
  } finally {
    await control.close();
  }
}

/** How far a backlog has arrived. What is added meanwhile is not waited for. */
class Progress {
  readonly #pull: Pull;
  /** How many messages have arrived when the backlog has. */
  readonly #target: number;
  readonly #beganMs: number;
  #received: number;
  /** When one arrived last. */
  #receivedMs: number;

  constructor(pull: Pull, messages: number) {
    this.#pull = pull;
    this.#received = pull.table.received;
    this.#target = this.#received + messages;
    this.#beganMs = pull.settings.clock.now();
    this.#receivedMs = this.#beganMs;
  }

  hasEnded(): boolean {
    const { table, settings } = this.#pull;
    const nowMs = settings.clock.now();
    if (table.received !== this.#received) this.#receivedMs = nowMs;
    this.#received = table.received;
    if (this.#received >= this.#target || table.unacknowledged >= settings.window) return true;
    return nowMs - this.#receivedMs > stallMs || nowMs - this.#beganMs > mostMs;
  }
}

async function pause({ clock, settleMs }: Settings): Promise<void> {
  if (settleMs === 0) return;
  await new Promise<void>((resolve) => {
    clock.setTimeout(resolve, settleMs);
  });
}
