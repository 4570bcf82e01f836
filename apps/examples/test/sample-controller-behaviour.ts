import { deployments, events, pods } from '@kubeloop/client';
import { Manager } from '@kubeloop/controller';
import { expect, test, vi, type TestContext } from 'vitest';
import { runByHand } from '../src/sample-controller/by-hand.ts';
import { fooController } from '../src/sample-controller/controller.ts';
import { foos, type Foo } from '../src/sample-controller/foo.ts';
import type { Cluster, Example } from './cluster.ts';
import { RecordingLogger } from './recording-logger.ts';

/** One run of the controller on a cluster. */
interface Play extends Cluster {
  readonly logger: RecordingLogger;
}

const variants = {
  async manager({ client }: Cluster, logger: RecordingLogger, signal: AbortSignal) {
    const manager = new Manager({ client, logger });
    fooController(manager);
    await manager.run({ signal });
  },
  async 'by hand'({ client }: Cluster, logger: RecordingLogger, signal: AbortSignal) {
    await runByHand({ client, logger, signal });
  },
};

export const example: Example = { name: 'sample-controller', resource: foos };

const patience = { timeout: 20_000, interval: 20 };

/** What both variants do, on whatever cluster. */
export function describesSampleController(
  clusterFor: (context: TestContext) => Promise<Cluster>,
): void {
  for (const [name, run] of Object.entries(variants)) {
    const behaves = (title: string, play: (play: Play) => Promise<void>): void =>
      test(`${name}: ${title}`, async (context) => {
        expect.hasAssertions();
        await using cluster = await clusterFor(context);
        const logger = new RecordingLogger();
        const stop = new AbortController();
        const running = run(cluster, logger, stop.signal);
        try {
          await Promise.race([play({ ...cluster, logger }), running]);
        } finally {
          stop.abort();
          await running;
        }
      });
    describesDeployments(behaves);
    describesRefusals(behaves);
  }
}

type Behaves = (title: string, play: (play: Play) => Promise<void>) => void;

function describesDeployments(behaves: Behaves): void {
  behaves('a Foo gets a Deployment of its name and size, which it controls', async (play) => {
    const foo = await create(play, 'one', { deploymentName: 'web', replicas: 2 });

    const deployment = await vi.waitFor(() => deploymentOf(play, 'web'), patience);

    const labels = { app: 'nginx', controller: 'one' };
    expect(deployment.spec?.replicas).toBe(2);
    expect(deployment.spec?.selector).toEqual({ matchLabels: labels });
    expect(deployment.spec?.template.metadata?.labels).toEqual(labels);
    expect(deployment.spec?.template.spec?.containers).toMatchObject([
      { name: 'nginx', image: 'nginx:latest' },
    ]);
    expect(deployment.metadata?.ownerReferences).toMatchObject([
      { kind: 'Foo', name: 'one', uid: foo.metadata.uid, controller: true },
    ]);
  });

  behaves('an event tells that a Foo is synced', async (play) => {
    await create(play, 'one', { deploymentName: 'web', replicas: 1 });

    await expect
      .poll(() => toldOf(play), patience)
      .toContainEqual({
        type: 'Normal',
        reason: 'Synced',
        note: 'Foo synced successfully',
        regarding: 'Foo one',
      });
  });

  behaves(
    'the Deployment is scaled with the Foo, and back when somebody else does',
    async (play) => {
      await create(play, 'one', { deploymentName: 'web', replicas: 1 });
      await vi.waitFor(() => deploymentOf(play, 'web'), patience);

      await ours(play).patch('one', { spec: { replicas: 3 } }, { type: 'merge' });
      await expect.poll(() => sizeOf(play, 'web'), patience).toBe(3);

      await theirs(play).patch('web', { spec: { replicas: 7 } }, { type: 'merge' });
      await expect.poll(() => sizeOf(play, 'web'), patience).toBe(3);
    },
  );

  behaves(
    'a Deployment without size in its Foo keeps the size that somebody gives it',
    async (play) => {
      await create(play, 'one', { deploymentName: 'web' });
      await vi.waitFor(() => deploymentOf(play, 'web'), patience);
      await theirs(play).patch('web', { spec: { replicas: 4 } }, { type: 'merge' });

      // A second Foo that is done proves that the first has been looked at again.
      await create(play, 'two', { deploymentName: 'other', replicas: 1 });
      await vi.waitFor(() => deploymentOf(play, 'other'), patience);

      expect(await sizeOf(play, 'web')).toBe(4);
    },
  );

  behaves('the status of a Foo follows the pods that are available', async (play) => {
    await create(play, 'one', { deploymentName: 'web', replicas: 2 });
    await vi.waitFor(() => deploymentOf(play, 'web'), patience);

    await makeAvailable(play, 'web', 2);

    const available = async (): Promise<number | undefined> =>
      (await ours(play).get('one')).status?.availableReplicas;
    await expect.poll(available, patience).toBe(2);
  });

  behaves('a Deployment that somebody deletes is made again', async (play) => {
    await create(play, 'one', { deploymentName: 'web', replicas: 1 });
    const first = await vi.waitFor(() => deploymentOf(play, 'web'), patience);

    await theirs(play).delete('web', { propagationPolicy: 'Background' });

    const uid = async (): Promise<string | undefined> =>
      (await deploymentOf(play, 'web')).metadata?.uid;
    await vi.waitFor(async () => expect(await uid()).not.toBe(first.metadata?.uid), patience);
  });
}

function describesRefusals(behaves: Behaves): void {
  behaves('a Deployment of somebody else is left alone, and an event warns of it', async (play) => {
    const labels = { app: 'theirs' };
    const container = { name: 'theirs', image: 'theirs' };
    const theirSpec = {
      replicas: 5,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    };
    await theirs(play).create({ metadata: { name: 'web' }, spec: theirSpec });
    await create(play, 'one', { deploymentName: 'web', replicas: 1 });

    await expect
      .poll(() => toldOf(play), patience)
      .toContainEqual({
        type: 'Warning',
        reason: 'ErrResourceExists',
        note: 'Resource "web" already exists and is not managed by Foo',
        regarding: 'Foo one',
      });
    expect(await sizeOf(play, 'web')).toBe(5);

    // The failure is retried: once the name is free the Foo takes it.
    await theirs(play).delete('web', { propagationPolicy: 'Background' });
    await expect.poll(() => sizeOf(play, 'web').catch(() => 0), patience).toBe(1);
  });

  behaves('a Foo without a Deployment name is reported once and not retried', async (play) => {
    await create(play, 'one', {});
    const complaints = (): readonly string[] =>
      play.logger.messages('error').filter((message) => message.includes('deploymentName'));
    await expect.poll(complaints, patience).toHaveLength(1);

    // By the time another Foo has failed and succeeded, a retry after 5 ms would have come.
    await create(play, 'two', { deploymentName: 'other', replicas: 1 });
    await vi.waitFor(() => deploymentOf(play, 'other'), patience);
    expect(complaints()).toHaveLength(1);

    await ours(play).patch('one', { spec: { deploymentName: 'web' } }, { type: 'merge' });
    await vi.waitFor(() => deploymentOf(play, 'web'), patience);
  });
}

function ours({ admin, namespace }: Cluster) {
  return admin.resource(foos).namespace(namespace);
}

function theirs({ admin, namespace }: Cluster) {
  return admin.resource(deployments).namespace(namespace);
}

async function create(play: Play, name: string, spec: Foo['spec']): Promise<Foo> {
  const { namespace } = play;
  return ours(play).create({
    apiVersion: 'samplecontroller.k8s.io/v1alpha1',
    kind: 'Foo',
    metadata: { name, namespace },
    spec,
  });
}

async function deploymentOf(play: Play, name: string) {
  return theirs(play).get(name);
}

async function sizeOf(play: Play, name: string): Promise<number | undefined> {
  return (await deploymentOf(play, name)).spec?.replicas;
}

async function toldOf({ admin, namespace }: Play): Promise<readonly object[]> {
  const { items } = await admin.resource(events).namespace(namespace).list();
  return items.map(({ type, reason, note, regarding }) => ({
    type,
    reason,
    note,
    regarding: `${regarding?.kind} ${regarding?.name}`,
  }));
}

/** There is no kubelet: the test says that the pods are ready, or where there are no pods, that the Deployment has them. */
async function makeAvailable(play: Play, name: string, count: number): Promise<void> {
  if (!play.isReal) {
    const status = { availableReplicas: count };
    await theirs(play).patchStatus(name, { status }, { type: 'merge' });
    return;
  }
  const all = play.admin.resource(pods).namespace(play.namespace);
  await expect.poll(async () => (await all.list()).items.length, patience).toBe(count);
  const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
  for (const pod of (await all.list()).items)
    await all.patchStatus(pod.metadata?.name ?? '', { status }, { type: 'merge' });
}
