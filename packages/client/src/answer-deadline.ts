import type { Clock } from '@kubeloop/ratelimiter';
import type { Answer } from './answer.ts';
import { lateEnd } from './transport-errors.ts';

/**
 * Destroys the body of an answer that takes longer from its first byte to its last, however often some of it arrives.
 *
 * @param timeoutMs - zero means that it may take for ever
 */
export function limitDuration(answer: Answer, clock: Clock, timeoutMs: number): void {
  if (timeoutMs === 0) return;
  const timer = clock.setTimeout(() => {
    answer.body.destroy(lateEnd(timeoutMs));
  }, timeoutMs);
  answer.body.once('close', () => timer.cancel());
}
