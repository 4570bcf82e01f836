import { describe, test } from 'vitest';
import { systemClock } from '@kubeloop/ratelimiter';
import { RateLimitingQueue } from '@kubeloop/workqueue';
import { queueContract } from '@kubeloop/workqueue-conformance';
import { sharedAbilities, SharedQueue } from './shared-queue.ts';

// Short delays and pauses, since these queues are in this process: what is wrong is found on fake time, this is about waiting.
const time = { slackMs: 10_000, settleMs: 10 };

queueContract({
  describe,
  test,
  name: 'RateLimitingQueue',
  open: () => new RateLimitingQueue<string>(),
  time,
  delayMs: 20,
});

queueContract({
  describe,
  test,
  name: 'a shared queue',
  open: () => new SharedQueue({ clock: systemClock, isSlow: true }),
  openAnother: (queue) => queue.another(),
  time,
  delayMs: 20,
  abilities: sharedAbilities,
});
