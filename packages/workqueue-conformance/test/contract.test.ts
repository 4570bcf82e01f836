import { describe, test } from 'vitest';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { DelayingQueue, PriorityQueue, RateLimitingQueue, WorkQueue } from '@kubeloop/workqueue';
import { queueContract } from '@kubeloop/workqueue-conformance';
import { weakAbilities } from './faults.ts';

const clock = new FakeClock();
const time = { advance: (ms: number) => clock.stepAsync(ms) };

queueContract({
  describe,
  test,
  name: 'WorkQueue',
  open: () => new WorkQueue<string>({ clock }),
  time,
  abilities: { delays: false, retries: false },
});

queueContract({
  describe,
  test,
  name: 'DelayingQueue',
  open: () => new DelayingQueue<string>({ clock }),
  time,
  abilities: { retries: false },
});

queueContract({
  describe,
  test,
  name: 'RateLimitingQueue',
  open: () => new RateLimitingQueue<string>({ clock }),
  time,
});

queueContract({
  describe,
  test,
  name: 'RateLimitingQueue, of which little is expected',
  open: () => new RateLimitingQueue<string>({ clock }),
  time,
  abilities: weakAbilities,
});

queueContract({
  describe,
  test,
  name: 'PriorityQueue',
  open: () => new PriorityQueue<string>({ clock }),
  time,
  abilities: { priorities: true, countsItemsInWork: true },
});
