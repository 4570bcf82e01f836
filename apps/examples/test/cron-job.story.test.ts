import { jobs } from '@kubeloop/client';
import { Manager, quietLogger } from '@kubeloop/controller';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { expect, test } from 'vitest';
import { cronJobController } from '../src/cron-job/controller.ts';
import { cronJobs, type CronJob } from '../src/cron-job/cron-job.ts';
import { jobTemplate } from './a-cron-job.ts';
import { inProcess } from './cluster.ts';
import { describesCronJobs, example } from './cron-job-behaviour.ts';
import { patience } from './cron-job-play.ts';

describesCronJobs(() => inProcess(example));

test('the controller looks at a CronJob by itself when the next run is due', async () => {
  await using cluster = await inProcess(example);
  const { client, namespace } = cluster;
  const clock = new FakeClock();
  const manager = new Manager({ client, namespace, clock, logger: quietLogger });
  const start = Date.now();
  const controller = cronJobController(manager, { now: () => new Date(start + clock.now()) });
  const stop = new AbortController();
  const running = manager.run({ signal: stop.signal });
  const { apiVersion, kind } = cronJobs;
  const spec = { schedule: '* * * * *', jobTemplate };
  // Uid and creation time come from the API server.
  const cronJob = { apiVersion, kind, metadata: { name: 'hello', namespace }, spec } as CronJob;
  await client.resource(cronJobs).namespace(namespace).create(cronJob);
  await expect
    .poll(() => controller.counters.reconciles.requeue_after, patience)
    .toBeGreaterThan(0);

  await clock.stepAsync(61_000);

  const started = async (): Promise<number> =>
    (await client.resource(jobs).namespace(namespace).list()).items.length;
  await expect.poll(started, patience).toBe(1);
  stop.abort();
  await running;
});
