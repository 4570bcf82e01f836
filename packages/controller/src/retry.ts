import type { Clock } from '@kubeloop/ratelimiter';
import { Backoff } from '@kubeloop/ratelimiter';
import { untilAborted } from './deadline.ts';
import type { Logger } from './logger.ts';
import { sleep } from './sleep.ts';

/** How {@link retryUntilAborted} waits and reports. */
export interface RetryOptions<R> {
  /** What is tried, for the report: `could not <title>`. */
  readonly title: string;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Takes back what comes only after the abort. Default: there is nothing to take back. */
  readonly onLate?: ((result: R) => unknown) | undefined;
}

/**
 * Calls `action` until it succeeds, after delays from 0.8 to 30 seconds that grow. Each failure is reported. Gives
 * `undefined` when the signal aborts first, also when the action takes no notice; never rejects.
 */
export async function retryUntilAborted<R>(
  action: () => Promise<R>,
  { title, signal, logger, clock, onLate }: RetryOptions<R>,
): Promise<R | undefined> {
  const backoff = new Backoff({ initialMs: 800, maxMs: 30_000, jitter: 1, clock });
  while (!signal.aborted) {
    const answer = action();
    try {
      await untilAborted(signal, answer);
      if (!signal.aborted) return await answer;
    } catch (error) {
      if (!signal.aborted)
        logger.error(`The controller could not ${title} and will try again`, { error });
    }
    // After the abort nobody waits for the answer, and a failure is of no interest any more.
    if (signal.aborted) answer.then(onLate).catch(() => undefined);
    else await sleep(backoff.next(), clock, signal).catch(() => undefined); // only an abort ends it early
  }
  return undefined;
}
