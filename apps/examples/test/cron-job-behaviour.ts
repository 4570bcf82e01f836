import { isConflict } from '@kubeloop/client';
import { isConditionTrue, Manager } from '@kubeloop/controller';
import { expect, test, type TestContext } from 'vitest';
import { cronJobs } from '../src/cron-job/cron-job.ts';
import type { Cluster, Example } from './cluster.ts';
import { minuteMs, patience, Play, rfc3339 } from './cron-job-play.ts';
import { RecordingLogger } from './recording-logger.ts';

export const example: Example = { name: 'cron-job', resource: cronJobs };

/** What the controller does, on whatever cluster. The tests have a clock of their own; nothing waits for a minute. */
export function describesCronJobs(clusterFor: (context: TestContext) => Promise<Cluster>): void {
  const behaves = (title: string, plays: (play: Play) => Promise<void>): void =>
    test(`CronJob: ${title}`, async (context) => {
      expect.hasAssertions();
      await using cluster = await clusterFor(context);
      const logger = new RecordingLogger();
      const { client, namespace } = cluster;
      // The namespaces of the other tests are on their way out, and refuse Jobs.
      const manager = new Manager({ client, namespace, logger });
      const play = new Play(cluster, manager);
      const stop = new AbortController();
      const running = manager.run({ signal: stop.signal });
      try {
        await Promise.race([plays(play), running]);
      } finally {
        stop.abort();
        await running;
      }
      // A conflict with what the test itself writes is retried, as it should be.
      const failed = logger.entries.filter(({ level }) => level === 'error');
      expect(failed.filter(({ fields }) => !isConflict(fields['error']))).toEqual([]);
    });

  behaves(
    'each minute a Job starts, named after its run and owned by the CronJob',
    async (play) => {
      const cronJob = await play.create({ schedule: '* * * * *' });

      await play.minute();
      const [job] = await play.startedJobs(1);
      const seconds = play.time.getTime() / 1000;

      expect(job?.metadata?.name).toBe(`hello-${seconds}`);
      expect(job?.metadata?.labels).toMatchObject({ app: 'hello' });
      expect(job?.metadata?.annotations).toMatchObject({
        note: 'from the template',
        'batch.tutorial.kubebuilder.io/scheduled-at': rfc3339(play.time),
      });
      expect(job?.metadata?.ownerReferences).toMatchObject([
        { kind: 'CronJob', name: 'hello', uid: cronJob.metadata.uid, controller: true },
      ]);
      await play.minute();
      await play.startedJobs(2);
    },
  );

  behaves('the status follows the Jobs', async (play) => {
    await play.create({ schedule: '* * * * *' });
    await play.minute();
    const [job] = await play.startedJobs(1);

    await expect
      .poll(async () => (await play.read()).status, patience)
      .toMatchObject({
        active: [{ kind: 'Job', name: job?.metadata?.name, uid: job?.metadata?.uid }],
        lastScheduleTime: rfc3339(play.time),
      });
    await play.end(job, 'Failed');

    const isDegraded = async (): Promise<boolean> =>
      isConditionTrue((await play.read()).status?.conditions, 'Degraded');
    await expect.poll(isDegraded, patience).toBe(true);
    expect((await play.read()).status?.active).toBeUndefined();
  });

  behaves('the history keeps as many Jobs as its limits say', async (play) => {
    const limits = { successfulJobsHistoryLimit: 1, failedJobsHistoryLimit: 0 };
    await play.create({ schedule: '* * * * *', ...limits });
    const names: (string | undefined)[] = [];
    for (const ended of ['Complete', 'Failed', 'Complete'] as const) {
      await play.minute();
      const job = await play.activeJob();
      names.push(job.metadata?.name);
      await play.end(job, ended);
    }

    await expect.poll(() => play.jobNames(), patience).toEqual([names[2]]);
  });

  behaves('Forbid lets a run wait for the active Job', async (play) => {
    await play.create({ schedule: '* * * * *', concurrencyPolicy: 'Forbid' });
    await play.minute();
    const [first] = await play.startedJobs(1);
    await play.minute();
    await play.looked();
    expect(await play.jobNames()).toEqual([first?.metadata?.name]);

    await play.end(first, 'Complete');

    await play.startedJobs(2);
  });

  behaves('Replace deletes the active Job for the next', async (play) => {
    await play.create({ schedule: '* * * * *', concurrencyPolicy: 'Replace' });
    await play.minute();
    await play.startedJobs(1);

    await play.minute();

    const second = `hello-${play.time.getTime() / 1000}`;
    await expect.poll(() => play.jobNames(), patience).toEqual([second]);
  });

  behaves('Allow runs Jobs side by side', async (play) => {
    await play.create({ schedule: '* * * * *', concurrencyPolicy: 'Allow' });
    await play.minute();
    await play.startedJobs(1);
    await play.minute();

    const both = await play.startedJobs(2);

    await expect
      .poll(async () => (await play.read()).status?.active?.length, patience)
      .toBe(both.length);
  });

  behaves('a suspended CronJob starts nothing until it goes on', async (play) => {
    await play.create({ schedule: '* * * * *', suspend: true });
    await play.minute();
    await play.looked();
    expect(await play.jobNames()).toEqual([]);

    await play.change({ suspend: false });

    await play.startedJobs(1);
  });

  behaves('a CronJob that is being deleted starts nothing', async (play) => {
    await play.create({ schedule: '* * * * *' });
    await play.beginDeletion();

    await play.minute();
    await play.looked();

    expect(await play.jobNames()).toEqual([]);
  });

  behaves('a run beyond its starting deadline does not start', async (play) => {
    await play.create({ schedule: '0 0 1 1 *', startingDeadlineSeconds: 30 });
    const year = play.time.getUTCFullYear() + 1;
    play.time = new Date(Date.UTC(year, 0, 1, 0, 1));
    await play.looked();
    expect(await play.jobNames()).toEqual([]);

    play.time = new Date(Date.UTC(year + 1, 0, 1, 0, 0, 20));
    await play.looked();

    await play.startedJobs(1);
  });

  behaves(
    'after more than 100 missed runs none starts before there is a deadline',
    async (play) => {
      await play.create({ schedule: '* * * * *' });
      play.time = new Date(play.time.getTime() + 102 * minuteMs);
      await play.looked();
      const isDegraded = async (): Promise<boolean> =>
        isConditionTrue((await play.read()).status?.conditions, 'Degraded');
      await expect.poll(isDegraded, patience).toBe(true);
      expect(await play.jobNames()).toEqual([]);

      await play.change({ startingDeadlineSeconds: 90 });

      await play.startedJobs(1);
      await expect.poll(isDegraded, patience).toBe(false);
    },
  );
}
