import { isApplyConflict, isConflict } from '@kubeloop/client';
import type { Clock } from '@kubeloop/ratelimiter';
import { systemClock } from '@kubeloop/ratelimiter';
import { checkFunction, checkGiven } from './option-checks.ts';
import { sleep } from './sleep.ts';

/** How {@link retryOnConflict} retries. The defaults are those of client-go's `retry.DefaultRetry`. */
export interface RetryOnConflictOptions {
  /** How many times the function is called at most. Default 5. */
  readonly attempts?: number | undefined;
  /** The delay before the second call. Default 10. */
  readonly initialMs?: number | undefined;
  /** What each delay is multiplied by to give the next one. Default 1. */
  readonly factor?: number | undefined;
  /** The largest share of a delay that is added to it at random. Default 0.1. */
  readonly jitter?: number | undefined;
  /** Ends the waiting. */
  readonly signal?: AbortSignal | undefined;
  /** Default: the clock of the process. */
  readonly clock?: Clock | undefined;
  /** Numbers from 0 up to but not including 1. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/**
 * Calls `change` again while it fails because somebody else has written the object meanwhile (409 Conflict). `change`
 * must read the object anew each time: an old resource version will fail for ever. Any other error, and the conflict of
 * the last call, is thrown on; so is at once the conflict of a server-side apply with other managers, which meets the same
 * apply each time (client-go's `retry.RetryOnConflict` tries that again too).
 *
 * @throws TypeError when `change` is no function; RangeError when a number is out of range
 */
export async function retryOnConflict<R>(
  change: () => Promise<R>,
  options: RetryOnConflictOptions = {},
): Promise<R> {
  checkFunction('the change to be tried', change);
  checkGiven('Cannot retry on conflict', options);
  const { attempts = 5, initialMs = 10, factor = 1, jitter = 0.1, signal } = options;
  if (!Number.isInteger(attempts) || attempts < 1)
    throw new RangeError(`Cannot retry with ${attempts} attempts: at least one is needed`);
  for (const [name, value] of Object.entries({ initialMs, factor, jitter }))
    if (!Number.isFinite(value) || value < 0)
      throw new RangeError(`Cannot retry with ${name} ${value}: it must be a number from 0 up`);
  const random = options.random ?? Math.random;
  for (let attempt = 1, delayMs = initialMs; ; attempt += 1, delayMs *= factor) {
    signal?.throwIfAborted();
    try {
      return await change();
    } catch (error) {
      if (!isConflict(error) || isApplyConflict(error) || attempt >= attempts) throw error;
    }
    await sleep(delayMs * (1 + jitter * random()), options.clock ?? systemClock, signal);
  }
}
