import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { deployments, type Resource } from '@kubeloop/client';
import { sharedControlPlaneOrSkip } from '@kubeloop/control-plane';
import { isConditionTrue } from '@kubeloop/controller';
import { expect, test, vi, type TestContext } from 'vitest';
import { cronJobs } from '../src/cron-job/cron-job.ts';
import { foos } from '../src/sample-controller/foo.ts';
import { jobTemplate } from './a-cron-job.ts';
import { onControlPlane, type Cluster, type Example } from './cluster.ts';

const patience = { timeout: 30_000, interval: 50 };

test('the program of the sample-controller works, and ends at SIGTERM', async (context) => {
  const example = { name: 'sample-controller', resource: foos };

  const code = await whileRunning(context, example, async ({ admin, namespace }) => {
    const foo = { metadata: { name: 'one', namespace }, spec: { deploymentName: 'web' } };
    await admin.resource(foos).namespace(namespace).create(objectOf(foos, foo));
    const children = admin.resource(deployments).namespace(namespace);
    await vi.waitFor(() => children.get('web'), patience);
  });

  expect(code).toBe(0);
});

test('the program of the CronJob works, and ends at SIGTERM', async (context) => {
  const example = { name: 'cron-job', resource: cronJobs };

  const code = await whileRunning(context, example, async ({ admin, namespace }) => {
    const all = admin.resource(cronJobs).namespace(namespace);
    const metadata = { name: 'hello', namespace };
    const spec = { schedule: '* * * * *', jobTemplate };
    await all.create(objectOf(cronJobs, { metadata, spec }));
    const isLookedAt = async (): Promise<boolean> =>
      isConditionTrue((await all.get('hello')).status?.conditions, 'Available');
    await expect.poll(isLookedAt, patience).toBe(true);
  });

  expect(code).toBe(0);
});

/** Starts `main.ts` of an example on the control plane, and ends it by SIGTERM after the play. Returns its exit code. */
async function whileRunning(
  context: TestContext,
  example: Example,
  play: (cluster: Cluster) => Promise<void>,
): Promise<number | null> {
  const { kubeconfig } = sharedControlPlaneOrSkip(context);
  await using cluster = await onControlPlane(context, example);
  const main = fileURLToPath(new URL(`../src/${example.name}/main.ts`, import.meta.url));
  const child = spawn(process.execPath, ['--conditions=@kubeloop/source', main], {
    env: { ...process.env, KUBECONFIG: kubeconfig, HEALTH_PORT: '0' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(child, 'exit');
  try {
    await Promise.race([play(cluster), ended]);
  } finally {
    child.kill('SIGTERM');
  }
  const [code] = (await ended) as [number | null];
  return code;
}

/** What the API server adds to an object is not there before it is created. */
function objectOf<T>({ apiVersion, kind }: Resource<T>, object: object): T {
  return { apiVersion, kind, ...object } as T;
}
