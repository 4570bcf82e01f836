import { ItemExponentialFailureRateLimiter, systemClock } from '@kubeloop/ratelimiter';
import type { Queue } from '@kubeloop/workqueue';
import { PriorityQueue } from '@kubeloop/workqueue';
import type { ControllerOptions } from './controller-options.ts';
import { guardQueueMetrics } from './guarded-queue-metrics.ts';
import { guardRateLimiter } from './guarded-rate-limiter.ts';
import type { Logger } from './logger.ts';

/** The queue of a controller, with the rate limiter that its options ask for. */
export async function makeQueue(
  { name, rateLimiter: given, newQueue, queueMetrics, clock }: ControllerOptions,
  logger: Logger,
): Promise<Queue<string>> {
  const ownLimiter = new ItemExponentialFailureRateLimiter<string>({
    baseDelayMs: 5,
    maxDelayMs: 1_000_000,
  });
  const onError = (error: unknown): void =>
    logger.error('The rate limiter threw; the default one stands in', { error });
  const rateLimiter = given ? guardRateLimiter(given, ownLimiter, onError) : ownLimiter;
  if (newQueue) return checkQueue(await newQueue(name, rateLimiter));
  const metrics = guardQueueMetrics(queueMetrics, (error) =>
    logger.error('The metrics of the queue threw', { error }),
  );
  return new PriorityQueue<string>({ name, rateLimiter, clock: clock ?? systemClock, metrics });
}

/** A queue that cannot be worked with would lose every event. */
function checkQueue(queue: Queue<string>): Queue<string> {
  const methods = [
    'add',
    'get',
    'done',
    'shutDown',
    'addAfter',
    'addRateLimited',
    'forget',
  ] as const;
  // What the function of a user answers may be anything.
  const answer = queue as Partial<Queue<string>> | undefined | null;
  const missing = methods.filter((method) => typeof answer?.[method] !== 'function');
  if (missing.length > 0)
    throw new TypeError(
      `Cannot work with what newQueue answered: it has no method ${missing.join(', ')}`,
    );
  return queue;
}
