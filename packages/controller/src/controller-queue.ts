import { ItemExponentialFailureRateLimiter, systemClock } from '@kubeloop/ratelimiter';
import type { Queue } from '@kubeloop/workqueue';
import { PriorityQueue } from '@kubeloop/workqueue';
import type { ControllerOptions } from './controller-options.ts';
import { guardRateLimiter } from './guarded-rate-limiter.ts';
import type { Logger } from './logger.ts';

/** The queue of a controller, with the rate limiter that its options ask for. */
export async function makeQueue(
  { name, rateLimiter: given, newQueue, queueMetrics: metrics, clock }: ControllerOptions,
  logger: Logger,
): Promise<Queue<string>> {
  const ownLimiter = new ItemExponentialFailureRateLimiter<string>({
    baseDelayMs: 5,
    maxDelayMs: 1_000_000,
  });
  const onError = (error: unknown): void =>
    logger.error('The rate limiter threw; the default one stands in', { error });
  const rateLimiter = given ? guardRateLimiter(given, ownLimiter, onError) : ownLimiter;
  if (newQueue) return newQueue(name, rateLimiter);
  return new PriorityQueue<string>({ name, rateLimiter, clock: clock ?? systemClock, metrics });
}
