import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

import { ItemExponentialFailureRateLimiter } from '@kubeloop/ratelimiter';
import { queueContract } from '@kubeloop/workqueue-conformance';
import { RedisQueue } from '@kubeloop/workqueue-redis';
import { afterAll, describe, test, vi } from 'vitest';

import { findRedis, redisOrSkip } from '../src/redis/redis-or-skip.ts';
import type { RedisServer } from '../src/redis/server.ts';
import { isRequired, unskippable } from '../src/testing/skip-or-fail.ts';

let server: Promise<RedisServer> | undefined;
const errors: unknown[] = [];
const isThere = isRequired || (await findRedis()) !== undefined;

vi.setConfig({ testTimeout: 120_000 });

afterAll(async () => {
  await (await server)?.[Symbol.asyncDispose]();
  assert.deepEqual(errors, []);
});

async function open(name: string): Promise<RedisQueue> {
  server ??= redisOrSkip(unskippable);
  const { url } = await server;
  // The default one lets all keys of a process have ten retries a second, which is too few for random workloads.
  const rateLimiter = new ItemExponentialFailureRateLimiter<string>({
    baseDelayMs: 5,
    maxDelayMs: 1_000_000,
  });
  return RedisQueue.open({ name, url, rateLimiter, onError: (error) => errors.push(error) });
}

queueContract({
  name: 'a shared queue on Redis',
  describe: isThere ? describe : describe.skip,
  test,
  open: () => open(`contract-${randomUUID()}`),
  openAnother: (queue) => open(queue.name),
  close: (queue) => queue.close(),
  time: { slackMs: 5000, settleMs: 60, limitMs: 20_000 },
  delayMs: 200,
  abilities: {
    countsAtOnce: false,
    priorities: true,
    handsOutAfterShutdown: false,
    keepsAfterShutdown: true,
  },
});
