import type { Clock } from '@kubeloop/ratelimiter';
import type { Answer } from './answer.ts';

/** An answer was not complete in time. The code makes it a failure of the network, which it most often is. */
class LateAnswerError extends Error {
  readonly code: string = 'ETIMEDOUT';
}

/**
 * Destroys the body of an answer that takes longer from its first byte to its last, however often some of it arrives.
 *
 * @param timeoutMs - zero means that it may take for ever
 */
export function limitDuration(answer: Answer, clock: Clock, timeoutMs: number): void {
  if (timeoutMs === 0) return;
  const timer = clock.setTimeout(() => {
    answer.body.destroy(new LateAnswerError(`it was not complete within ${timeoutMs} ms`));
  }, timeoutMs);
  answer.body.once('close', () => timer.cancel());
}
