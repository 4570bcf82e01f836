import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks again and again until the answer is not `undefined`, and returns it.
 * Throws an `Error` with the given words after the given time, 10 s by default.
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  timeoutMs = 10_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline)
      throw new Error(`It took more than ${timeoutMs} ms until ${what}`);
    await sleep(10);
  }
}
