import { setTimeout as wait } from 'node:timers/promises';

/** How long a chapter may take to come true. A real cluster may have to fetch an image first. */
export const patienceMs = 120_000;
const lookEveryMs = 20;

/**
 * Waits until something is true.
 *
 * @throws Error when it has not come true in time, with what was waited for; the signal's reason when that aborts
 */
export async function until(
  what: string,
  holds: () => boolean,
  signal: AbortSignal,
): Promise<void> {
  const deadlineMs = performance.now() + patienceMs;
  while (!holds()) {
    if (performance.now() > deadlineMs)
      throw new Error(`Gave up after ${patienceMs / 1000} s: it has not come true that ${what}`);
    await wait(lookEveryMs, undefined, { signal });
  }
}
