import { describe, test } from 'node:test';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { RateLimitingQueue } from '@kubeloop/workqueue';
import { queueContract } from '@kubeloop/workqueue-conformance';
import { LosesAdditionsInWork } from '../broken-queues.ts';

const clock = new FakeClock();
const isBroken = process.env['BROKEN'] === 'yes';

queueContract({
  describe,
  test,
  open: () =>
    isBroken ? new LosesAdditionsInWork({ clock }) : new RateLimitingQueue<string>({ clock }),
  time: { advance: (ms) => clock.stepAsync(ms) },
});
