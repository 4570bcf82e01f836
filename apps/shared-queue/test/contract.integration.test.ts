import { ItemExponentialFailureRateLimiter } from '@kubeloop/ratelimiter';
import { AmqpQueue } from '@kubeloop/workqueue-amqp';
import { describe, test } from 'vitest';

import { queueContract } from '@kubeloop/workqueue-conformance';
import { findInstallation, installAdvice } from '../src/broker/installation.ts';
import { sharedBrokerOrSkip } from '../src/testing/broker-or-skip.ts';
import { isRequired, unskippable } from '../src/testing/skip-or-fail.ts';

const isInstalled = (await findInstallation()) !== undefined;
if (!isInstalled) console.error(installAdvice);

let opened = 0;

async function open(name: string): Promise<AmqpQueue> {
  const broker = await sharedBrokerOrSkip(unskippable);
  return AmqpQueue.open({
    name,
    urls: broker.urls,
    partitions: 2,
    heartbeatMs: 10_000,
    takeoverGraceMs: 0,
    delayLevelsMs: [250, 1000],
    // The default one lets all keys of a process have ten retries a second, which is too few for random workloads.
    rateLimiter: new ItemExponentialFailureRateLimiter({ baseDelayMs: 5, maxDelayMs: 1_000_000 }),
  });
}

queueContract({
  name: 'a queue on a real broker, shared',
  describe,
  test: isInstalled || isRequired ? test : test.skip,
  open: async () => open(`contract-${(opened += 1)}`),
  openAnother: async (queue) => open(queue.name),
  close: async (queue) => queue.close(),
  time: { slackMs: 5000, settleMs: 300, limitMs: 20_000 },
  abilities: {
    ordersItems: false,
    countsAtOnce: false,
    collapsesAdditions: false,
    mergesDelays: false,
    handsOutAfterShutdown: false,
    keepsAfterShutdown: true,
  },
});
