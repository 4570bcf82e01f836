import { setTimeout as sleep } from 'node:timers/promises';

/** How {@link waitUntil} waits. */
export interface WaitUntilOptions {
  /** What is waited for, for the message: `the port opens`. */
  readonly what: string;
  /** How long at most, in milliseconds. */
  readonly timeoutMs: number;
  /** Pause between two looks, in milliseconds; default 50. */
  readonly intervalMs?: number;
  /** Words about the state of things, added to the message when the time is over. */
  readonly detail?: () => string;
}

/**
 * Looks again and again until the answer is neither `undefined` nor `false`, and returns it. Throws an `Error` when the time is over,
 * and whatever the look throws.
 */
export async function waitUntil<T>(
  options: WaitUntilOptions,
  look: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const deadline = performance.now() + options.timeoutMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (performance.now() > deadline) {
      const detail = options.detail === undefined ? '' : `. ${options.detail()}`;
      throw new Error(
        `Cannot wait longer than ${options.timeoutMs} ms until ${options.what}${detail}`,
      );
    }
    await sleep(options.intervalMs ?? 50);
  }
}
