import type { Clock } from '@kubeloop/ratelimiter';
import { Backoff } from '@kubeloop/ratelimiter';
import type { Logger } from './logger.ts';
import { sleep } from './sleep.ts';

/** How {@link retryUntilAborted} waits and reports. */
export interface RetryOptions {
  /** What is tried, for the report: `could not <title>`. */
  readonly title: string;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly clock: Clock;
}

/**
 * Calls `action` until it succeeds, after delays from 0.8 to 30 seconds that grow. Each failure is reported. Gives
 * `undefined` when the signal aborts first; never rejects.
 */
export async function retryUntilAborted<R>(
  action: () => Promise<R>,
  { title, signal, logger, clock }: RetryOptions,
): Promise<R | undefined> {
  const backoff = new Backoff({ initialMs: 800, maxMs: 30_000, jitter: 1, clock });
  while (!signal.aborted) {
    try {
      return await action();
    } catch (error) {
      if (signal.aborted) return undefined;
      logger.error(`The controller could not ${title} and will try again`, { error });
    }
    await sleep(backoff.next(), clock, signal).catch(() => undefined); // only an abort ends it early
  }
  return undefined;
}
