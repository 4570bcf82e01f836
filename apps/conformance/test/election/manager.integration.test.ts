import { configMaps, KubeClient, leases, namespaces } from '@kubeloop/client';
import { sharedControlPlaneOrSkip } from '@kubeloop/control-plane';
import { Manager, type ManagerDescription } from '@kubeloop/controller';
import { LeaderElector, LeadershipLostError, LeaseLock } from '@kubeloop/leader-election';
import { expect, onTestFinished, test, type TestContext } from 'vitest';
import { until } from '../../src/until.ts';

const leaseName = 'managers';
const times = { leaseDurationMs: 3_000, renewDeadlineMs: 2_000, retryPeriodMs: 200 };

/** A replica of a controller: it adds its name to the list of those that reconciled a ConfigMap. */
class Replica {
  readonly manager: Manager;
  /** What it reconciled, and when. */
  readonly seen: { readonly name: string; readonly at: number }[] = [];
  outcome: unknown = 'running';
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  constructor(client: KubeClient, namespace: string, identity: string) {
    const lock = new LeaseLock({ client, namespace, name: leaseName, identity });
    this.manager = new Manager({
      client,
      namespace,
      leaderElection: (onStartedLeading, { signal }) =>
        new LeaderElector({
          lock,
          onStartedLeading,
          releaseOnCancel: true,
          ...times,
        }).run({ signal }),
      // Two of one process; in a cluster each is a process of its own.
      controllers: { skipNameValidation: true, warmup: true },
    });
    this.manager
      .controller('config')
      .for(configMaps)
      .reconcile(({ name }) => void this.seen.push({ name, at: performance.now() }));
    this.#running = this.manager.run({ signal: this.#stop.signal }).then(
      () => void (this.outcome = 'stopped'),
      (error: unknown) => void (this.outcome = error),
    );
  }

  get names(): string[] {
    return this.seen.map(({ name }) => name).filter((name) => name !== 'kube-root-ca.crt');
  }

  get state(): ManagerDescription {
    return this.manager.describe();
  }

  /** As SIGTERM would. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async ended(): Promise<void> {
    await this.#running;
  }
}

async function start(context: TestContext): Promise<{ client: KubeClient; namespace: string }> {
  const { server, ca, token } = sharedControlPlaneOrSkip(context);
  const client = new KubeClient({ server, ca, token });
  const created = await client
    .resource(namespaces)
    .create({ metadata: { generateName: 'managers-' } });
  const namespace = created.metadata?.name ?? '';
  onTestFinished(async () => {
    await client.resource(namespaces).delete(namespace);
    await client.close();
  });
  return { client, namespace };
}

async function untilTrue(what: string, ask: () => boolean): Promise<void> {
  await until(what, async () => (ask() ? true : undefined));
}

test('of two managers one reconciles, and the other does within a second after the first was stopped, from warm caches', async (context) => {
  const { client, namespace } = await start(context);
  const maps = client.resource(configMaps).namespace(namespace);
  for (const name of ['a', 'b']) await maps.create({ metadata: { name } });
  const first = new Replica(client, namespace, 'first');
  await untilTrue('the first leads', () => first.names.length === 2);
  const second = new Replica(client, namespace, 'second');
  onTestFinished(async () => void (await Promise.all([first.stop(), second.stop()])));
  await untilTrue('the second is warm', () => second.state.controllers[0]?.state === 'standby');

  await maps.create({ metadata: { name: 'c' } });
  await untilTrue('the first has reconciled c', () => first.names.includes('c'));
  await untilTrue('the second has c in its queue', () => {
    return (second.state.controllers[0]?.queued ?? 0) >= 3;
  });
  expect(first.state).toMatchObject({ leadership: 'leading', isReady: true });
  expect(second.state).toMatchObject({ leadership: 'waiting', isReady: true });
  expect(second.seen).toEqual([]);

  const stoppedAt = performance.now();
  await first.stop();
  await untilTrue('the second has reconciled all', () => second.names.length === 3);

  expect(first.outcome).toBe('stopped');
  expect(first.state.leadership).toBe('released');
  expect(second.state.leadership).toBe('leading');
  expect(second.names.toSorted()).toEqual(['a', 'b', 'c']);
  const tookMs = Math.max(...second.seen.map(({ at }) => at)) - stoppedAt;
  expect(tookMs).toBeGreaterThan(0);
  expect(tookMs).toBeLessThan(1_000);
  expect(Math.max(...first.seen.map(({ at }) => at))).toBeLessThan(stoppedAt);

  await second.stop();
  const { spec } = await client.resource(leases).namespace(namespace).get(leaseName);
  expect(spec?.holderIdentity).toBe('');
});

test('a manager whose Lease is taken away ends with the error of the elector and reconciles nothing more', async (context) => {
  const { client, namespace } = await start(context);
  const maps = client.resource(configMaps).namespace(namespace);
  await maps.create({ metadata: { name: 'a' } });
  const replica = new Replica(client, namespace, 'only');
  onTestFinished(() => replica.stop());
  await untilTrue('it leads', () => replica.names.includes('a'));

  await client
    .resource(leases)
    .namespace(namespace)
    .patch(leaseName, { spec: { holderIdentity: 'thief' } }, { type: 'merge' });
  await replica.ended();
  await maps.create({ metadata: { name: 'b' } });

  expect(replica.outcome).toSatisfy((error) => LeadershipLostError.is(error));
  expect(replica.outcome).toMatchObject({ reason: 'taken' });
  expect(replica.state).toMatchObject({ state: 'stopped', leadership: 'lost' });
  expect(replica.names).toEqual(['a']);
});
