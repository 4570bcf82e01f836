import { ApiServer } from '@kubeloop/apiserver';
import { KubeClient, leases } from '@kubeloop/client';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { LeaderElector } from '../src/leader-elector.ts';
import { LeaseLock } from '../src/lease-lock.ts';

let server: ApiServer;
let client: KubeClient;
/** It stands still unless a test moves it: nobody who waits comes to its next try. */
let clock: FakeClock;

beforeEach(async () => {
  const deny = [{ resources: ['leases'], verbs: ['watch'] }];
  server = new ApiServer({
    tokens: { all: { user: 'all' }, 'no-watch': { user: 'no-watch', deny } },
  });
  await server.start();
  client = new KubeClient({ server: server.url, skipTLSVerify: true, token: 'all' });
  clock = new FakeClock();
});

afterEach(async () => {
  await client.close();
  await server.close();
});

/** An elector with the default times. */
class Replica {
  readonly elector: LeaderElector;
  readonly errors: unknown[] = [];
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  constructor(identity: string, through: KubeClient = client) {
    this.elector = new LeaderElector({
      lock: new LeaseLock({ client: through, namespace: 'default', name: 'shop', identity }),
      clock,
      releaseOnCancel: true,
      onStartedLeading: () => {},
      onError: (error) => this.errors.push(error),
    });
    this.#running = this.elector.run({ signal: this.#stop.signal });
    onTestFinished(() => this.stop());
  }

  stop(): Promise<void> {
    this.#stop.abort();
    return this.#running;
  }

  async leads(): Promise<void> {
    await vi.waitUntil(() => this.elector.isLeader, { timeout: 5_000, interval: 1 });
  }

  async waits(): Promise<void> {
    const knows = (): boolean => this.elector.leader !== undefined && clock.pending > 0;
    await vi.waitUntil(knows, { timeout: 5_000, interval: 1 });
  }
}

async function untilWatches(count: number): Promise<void> {
  await vi.waitUntil(() => server.openWatches === count, { timeout: 5_000, interval: 1 });
}

async function leaderAndReplica(): Promise<[Replica, Replica]> {
  const first = new Replica('first');
  await first.leads();
  const second = new Replica('second');
  await second.waits();
  return [first, second];
}

test('a replica leads after another was stopped without any time passing on its clock', async () => {
  const [first, second] = await leaderAndReplica();
  await untilWatches(1);

  await first.stop();
  await second.leads();

  expect(clock.now()).toBe(0);
  await untilWatches(0);
  expect(second.errors).toEqual([]);
});

test('of five replicas one after another leads as those before it are stopped', async () => {
  const replicas = ['a', 'b', 'c', 'd', 'e'].map((identity) => new Replica(identity));
  const leader = (): Replica | undefined => replicas.find(({ elector }) => elector.isLeader);
  const order = new Set<Replica>();
  // At the start four may lose the race before they have seen who won it, and look again at their next try.
  await vi.waitUntil(leader, { timeout: 5_000, interval: 1 });
  while (server.openWatches < 4) await clock.stepAsync(2_400);

  for (const _ of replicas) {
    await vi.waitUntil(leader, { timeout: 5_000, interval: 1 });
    const current = leader();
    if (!current) break;
    order.add(current);
    await current.stop();
  }

  expect(order.size).toBe(5);
  expect(replicas.flatMap(({ errors }) => errors)).toEqual([]);
  await untilWatches(0);
});

test('a deletion of the Lease wakes nobody: its holder still leads', async () => {
  const [first, second] = await leaderAndReplica();
  await untilWatches(1);
  const shop = client.resource(leases).namespace('default');

  await shop.delete('shop');
  const created = await shop.create({ metadata: { name: 'shop' }, spec: { holderIdentity: 'x' } });
  // The watch has shown the deletion by the time it shows this.
  await shop.update({ ...created, spec: { holderIdentity: '' } });
  await second.leads();

  const { spec } = await shop.get('shop');
  expect(spec).toMatchObject({ holderIdentity: 'second', leaseTransitions: 1 });
  expect(first.elector.leader).toBe('first');
});

test('watches that the server ends, or cannot go on with, are opened again', async () => {
  const [first, second] = await leaderAndReplica();
  await untilWatches(1);

  for (const end of [() => server.endWatches(), () => server.compact()]) {
    end();
    server.endWatches();
    await untilWatches(0);
    // Both renew and look: no more than that happens in this time.
    await clock.stepAsync(4_400);
    await untilWatches(1);
  }
  await first.stop();
  await second.leads();

  expect(second.errors).toEqual([]);
});

test('without the permission to watch a replica complains once and leads after its next try', async () => {
  const first = new Replica('first');
  await first.leads();
  const poor = new KubeClient({ server: server.url, skipTLSVerify: true, token: 'no-watch' });
  onTestFinished(() => poor.close());
  const second = new Replica('second', poor);
  await second.waits();
  await vi.waitUntil(() => second.errors.length > 0, { timeout: 5_000, interval: 1 });

  await first.stop();
  const before = second.elector.isLeader;
  await clock.stepAsync(4_400);
  await second.leads();

  expect(before).toBe(false);
  expect(second.errors).toMatchObject([{ code: 403 }]);
});

test('a replica that is stopped while it waits leaves no watch behind', async () => {
  const [, second] = await leaderAndReplica();
  await untilWatches(1);

  await second.stop();
  await untilWatches(0);

  expect(second.errors).toEqual([]);
});
