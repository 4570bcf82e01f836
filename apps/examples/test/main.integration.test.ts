import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deployments, type Resource } from '@kubeloop/client';
import { isConditionTrue } from '@kubeloop/controller';
import { expect, test, vi, type TestContext } from 'vitest';
import { cronJobs } from '../src/cron-job/cron-job.ts';
import { foos } from '../src/sample-controller/foo.ts';
import { jobTemplate } from './a-cron-job.ts';
import { onControlPlane, type Cluster, type Example } from './cluster.ts';

/** An example's `main.ts`, and what it is called with. */
interface Program extends Example {
  readonly args?: readonly string[];
}

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
  // Ports that are free.
  const args = ['--health-port=0', '--metrics-port=0'];
  const example = { name: 'cron-job', resource: cronJobs, args };

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

/** Starts a program on the control plane as the ServiceAccount of its example, and ends it by SIGTERM after the play. Returns its exit code. */
async function whileRunning(
  context: TestContext,
  { args = [], ...example }: Program,
  play: (cluster: Cluster) => Promise<void>,
): Promise<number | null> {
  await using cluster = await onControlPlane(context, example);
  const folder = await mkdtemp(join(tmpdir(), 'kubeloop-examples-'));
  const kubeconfig = join(folder, 'config');
  await writeFile(kubeconfig, cluster.kubeConfig.exportConfig());
  const main = fileURLToPath(new URL(`../src/${example.name}/main.ts`, import.meta.url));
  const child = spawn(process.execPath, ['--conditions=@kubeloop/source', main, ...args], {
    env: { ...process.env, KUBECONFIG: kubeconfig },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(child, 'exit');
  try {
    await Promise.race([play(cluster), ended]);
  } finally {
    child.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true });
  }
  return child.exitCode;
}

/** What the API server adds to an object is not there before it is created. */
function objectOf<T>({ apiVersion, kind }: Resource<T>, object: object): T {
  return { apiVersion, kind, ...object } as T;
}
