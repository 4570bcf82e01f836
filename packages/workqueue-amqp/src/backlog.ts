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
 * Resolves when the messages that wait in a queue have arrived, or as many as the window takes.
 *
 * A key that was added ten times before anybody consumed has ten messages in the backlog. If its work began with the first, it would
 * be done before the last arrives, and begin again.
 */
export async function pullBacklog(queue: string, pull: Pull): Promise<void> {
  const { connection, table, settings } = pull;
  const { clock, window, settleMs } = settings;
  const control = await connection.openControl();
  const beganMs = clock.now();
  let received = -1;
  let receivedMs = beganMs;
  try {
    for (;;) {
      const { messages } = await control.countsOf(queue);
      // What is not counted any more may not have arrived yet.
      if (settleMs > 0)
        await new Promise<void>((resolve) => {
          clock.setTimeout(resolve, settleMs);
        });
      if (messages === 0 || table.unacknowledged >= window) return;
      const nowMs = clock.now();
      if (table.received !== received) receivedMs = nowMs;
      received = table.received;
      if (nowMs - receivedMs > stallMs || nowMs - beganMs > mostMs) return;
    }
  } finally {
    await control.close();
  }
}
