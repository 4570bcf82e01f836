import { describe, test } from 'vitest';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { queueContract } from '@kubeloop/workqueue-conformance';
import { sharedAbilities, SharedQueue } from './shared-queue.ts';

const clock = new FakeClock();

for (const isSlow of [false, true])
  queueContract({
    describe,
    test,
    name: isSlow ? 'a shared queue that answers later' : 'a shared queue',
    open: () => new SharedQueue({ clock, isSlow }),
    openAnother: (queue) => queue.another(),
    time: { advance: (ms) => clock.stepAsync(ms) },
    abilities: sharedAbilities,
  });
