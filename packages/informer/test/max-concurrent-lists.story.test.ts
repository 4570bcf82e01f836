import { ApiServer } from '@kubeloop/apiserver';
import { configMaps, KubeClient, pods, secrets } from '@kubeloop/client';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import type { ListerWatcher, ListRequest, ReflectorEvent, WatchRequest } from '@kubeloop/reflector';
import { describe, expect, test } from 'vitest';
import {
  type InformerClient,
  type InformerResource,
  NamespaceSet,
  SharedInformerFactory,
  type SharedInformerFactoryOptions,
} from '../src/index.ts';
import { type Thing, thing } from './support/scripted.ts';

/** A server whose lists are answered when the test says so. */
class SlowCluster implements InformerClient {
  /** The lists that wait for an answer, by what they are of. */
  readonly open = new Map<string, PromiseWithResolvers<void>>();
  /** All lists in the order in which they came. */
  readonly lists: string[] = [];

  resource<T>(
    kind: InformerResource<T>,
  ): ListerWatcher<T> & { namespace(name: string): ListerWatcher<T> } {
    const namespace = (name: string): ListerWatcher<Thing> =>
      this.#collection(`${kind.plural} in ${name}`);
    const all = { ...this.#collection(kind.plural), namespace };
    // The kinds of this server are all things.
    return all as unknown as ReturnType<typeof this.resource<T>>;
  }

  answer(of: string): void {
    this.open.get(of)?.resolve();
  }

  fail(of: string): void {
    this.open.get(of)?.reject(Object.assign(new Error('forbidden'), { code: 403 }));
  }

  #collection(of: string): ListerWatcher<Thing> {
    return {
      supportsWatchList: false,
      list: async ({ signal }: ListRequest) => {
        this.lists.push(of);
        const answer = Promise.withResolvers<void>();
        this.open.set(of, answer);
        const onAbort = (): void => answer.reject(signal?.reason);
        signal?.addEventListener('abort', onAbort);
        await answer.promise.finally(() => this.open.delete(of));
        return { items: [thing('a', 1)], metadata: { resourceVersion: '1' } };
      },
      watch: (request) => silence(request),
    };
  }
}

// oxlint-disable-next-line eslint/require-yield -- a watch that brings nothing
async function* silence({ signal }: WatchRequest): AsyncGenerator<ReflectorEvent<Thing>> {
  await new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
  });
}

function kind(plural: string): InformerResource<Thing> {
  const rest = { group: '', version: 'v1', apiVersion: 'v1', namespaced: true };
  return { ...rest, plural, name: plural, kind: plural };
}

const kinds = ['a', 'b', 'c', 'd'].map(kind);

interface Starting extends AsyncDisposable {
  readonly cluster: SlowCluster;
  readonly clock: FakeClock;
  readonly factory: SharedInformerFactory;
}

function setup(options: SharedInformerFactoryOptions = {}): Starting {
  const clock = new FakeClock();
  const cluster = new SlowCluster();
  const factory = new SharedInformerFactory(cluster, { clock, onError: () => {}, ...options });
  return { cluster, clock, factory, [Symbol.asyncDispose]: () => factory.shutdown() };
}

async function started(options: SharedInformerFactoryOptions = {}): Promise<Starting> {
  const starting = setup(options);
  for (const each of kinds) starting.factory.informerFor(each);
  starting.factory.start();
  await starting.clock.settle();
  return starting;
}

describe('first lists', () => {
  test('are all read at once unless a limit is set', async () => {
    await using starting = await started();

    expect(starting.cluster.lists).toEqual(['a', 'b', 'c', 'd']);
  });

  test('are read so many at a time, and the next begins when one is complete', async () => {
    await using starting = await started({ maxConcurrentLists: 2 });
    const { cluster, clock } = starting;
    const first = [...cluster.lists];

    cluster.answer('b');
    await clock.settle();
    const second = [...cluster.lists];
    cluster.answer('a');
    await clock.settle();

    expect([first, second, cluster.lists]).toEqual([
      ['a', 'b'],
      ['a', 'b', 'c'],
      ['a', 'b', 'c', 'd'],
    ]);
  });

  test('all come in the end, and then all caches have synced', async () => {
    await using starting = await started({ maxConcurrentLists: 1 });
    const { cluster, clock, factory } = starting;
    const synced = factory.waitForCacheSync();

    for (const { plural } of kinds) {
      cluster.answer(plural);
      await clock.settle();
    }

    await synced;
    expect(cluster.lists).toEqual(['a', 'b', 'c', 'd']);
  });

  test('that fail let others go first, and are tried again without waiting for a turn', async () => {
    await using starting = await started({ maxConcurrentLists: 1 });
    const { cluster, clock } = starting;

    cluster.fail('a');
    await clock.settle();
    const afterFailure = [...cluster.lists];
    await clock.stepAsync(2000);

    expect([afterFailure, cluster.lists]).toEqual([
      ['a', 'b'],
      ['a', 'b', 'a'],
    ]);
  });

  test('that are not answered keep the others waiting for 30 s at most', async () => {
    await using starting = await started({ maxConcurrentLists: 1 });
    const { cluster, clock } = starting;

    await clock.stepAsync(30_000);

    expect(cluster.lists).toEqual(['a', 'b']);
  });

  test('do not wait for handlers: one may wait for the list of another informer', async () => {
    await using starting = setup({ maxConcurrentLists: 1 });
    const { cluster, clock, factory } = starting;
    const told: string[] = [];
    const first = factory.informerFor(kind('first'));
    const second = factory.informerFor(kind('second'));
    first.addEventHandler({
      add: async () => {
        await second.waitForSync();
        told.push('first');
      },
    });
    factory.start();
    await clock.settle();

    for (const of of ['first', 'second']) {
      cluster.answer(of);
      await clock.settle();
    }

    expect(cluster.lists).toEqual(['first', 'second']);
    expect(told).toEqual(['first']);
  });

  test('of an informer over several namespaces count one by one', async () => {
    const namespaces = new NamespaceSet(['x', 'y', 'z']);
    await using starting = setup({ maxConcurrentLists: 2, namespaces });
    const { cluster, clock, factory } = starting;
    const informer = factory.informerFor(kind('pods'));
    factory.start();
    await clock.settle();
    const first = [...cluster.lists];

    for (const namespace of namespaces) {
      cluster.answer(`pods in ${namespace}`);
      await clock.settle();
    }

    expect(first).toEqual(['pods in x', 'pods in y']);
    expect(cluster.lists).toEqual(['pods in x', 'pods in y', 'pods in z']);
    expect(informer.hasSynced).toBe(true);
  });
});

describe('an informer that waits for its turn', () => {
  test('never lists when it is stopped before, and keeps nobody from stopping', async () => {
    const { cluster, clock, factory } = await started({ maxConcurrentLists: 1 });

    await factory.shutdown();

    expect(cluster.lists).toEqual(['a']);
    expect(clock.pending).toBe(0);
  });

  test('gets one after a restart, too', async () => {
    await using starting = setup({ maxConcurrentLists: 1 });
    const { cluster, clock, factory } = starting;
    for (const each of kinds.slice(0, 2)) factory.informerFor(each);
    const first = new AbortController();
    factory.start({ signal: first.signal });
    await clock.settle();
    first.abort();
    await clock.settle();

    factory.start();
    await clock.settle();
    cluster.answer('a');
    await clock.settle();

    expect(cluster.lists).toEqual(['a', 'a', 'b']);
  });
});

test('streamed lists take turns as well', async () => {
  await using server = new ApiServer();
  await server.start();
  const client = new KubeClient({ server: server.url, skipTLSVerify: true });
  const factory = new SharedInformerFactory(client, { maxConcurrentLists: 1 });
  const order: string[] = [];
  const informers = [configMaps, secrets, pods].map((each) => factory.informerFor(each));
  for (const informer of informers)
    informer.on('started', () => order.push(`${informer.name} started`));
  for (const informer of informers) informer.on('synced', () => order.push(informer.name));

  factory.start();
  await factory.waitForCacheSync({ timeoutMs: 10_000 });

  expect(order.slice(3)).toEqual(['configmaps', 'secrets', 'pods']);
  await factory.shutdown();
  await client.close();
});
