import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { describe, expect, test } from 'vitest';
import { SharedInformerFactory } from '../src/index.ts';
import { FakeCluster, pods } from './support/fake-cluster.ts';

function setup(): { cluster: FakeCluster; clock: FakeClock; factory: SharedInformerFactory } {
  const clock = new FakeClock();
  const cluster = new FakeCluster();
  const factory = new SharedInformerFactory(cluster, { clock, onError: () => {} });
  return { cluster, clock, factory };
}

describe('a lease', () => {
  test('makes the informer run at once, and shares it with all others', async () => {
    const { cluster, clock, factory } = setup();

    const first = factory.acquire(pods);
    const second = factory.acquire(pods);
    await clock.settle();

    expect(second.informer).toBe(first.informer);
    expect(cluster.requests).toEqual(['list pods', 'watch pods']);
    await factory.shutdown();
  });

  test('keeps the informer running until the last one is released, each counting once', async () => {
    const { cluster, clock, factory } = setup();
    const first = factory.acquire(pods);
    const second = factory.acquire(pods);
    await first.informer.waitForSync();

    await first.release();
    await first.release();
    const between = [cluster.openWatches, second.informer.isRunning, first.isReleased];
    await second.release();

    expect(between).toEqual([1, true, true]);
    expect([cluster.openWatches, clock.pending, second.informer.isStopped]).toEqual([0, 0, true]);
  });

  test('after the last release is one of a new informer with a fresh list', async () => {
    const { cluster, factory } = setup();
    const first = factory.acquire(pods);
    await first.informer.waitForSync();
    await first.release();

    const second = factory.acquire(pods);
    const atFirst = second.informer.lister.list();
    await second.informer.waitForSync();

    expect(second.informer).not.toBe(first.informer);
    expect([atFirst.length, second.informer.lister.list().length]).toEqual([0, 1]);
    expect(cluster.requests.filter((request) => request === 'list pods')).toHaveLength(2);
    await second.release();
  });

  test('takes its handlers along, and leaves those of others', async () => {
    const { clock, factory } = setup();
    const mine = factory.acquire(pods);
    const theirs = factory.acquire(pods);
    mine.addEventHandler({}, { name: 'mine' });
    theirs.addEventHandler({}, { name: 'theirs' });
    await clock.settle();

    await mine.release();

    expect(theirs.informer.describe().handlers.map(({ name }) => name)).toEqual(['theirs']);
    expect(() => mine.addEventHandler({})).toThrow('the lease is released');
    await theirs.release();
  });

  test('is released at the end of the block that holds it', async () => {
    const { cluster, clock, factory } = setup();
    {
      await using lease = factory.acquire(pods);
      await clock.settle();
      expect([lease.informer.hasSynced, cluster.openWatches]).toEqual([true, 1]);
    }

    expect(cluster.openWatches).toBe(0);
  });

  test('counts beside those who only asked for the informer', async () => {
    const { factory } = setup();
    const informer = factory.informerFor(pods);
    const lease = factory.acquire(pods);
    await informer.waitForSync();

    await lease.release();
    const between = informer.isRunning;
    await factory.release(informer);

    expect([between, informer.isRunning]).toEqual([true, false]);
  });

  test('runs an informer again whose run was stopped', async () => {
    const { factory } = setup();
    const informer = factory.informerFor(pods);
    const abort = new AbortController();
    factory.start({ signal: abort.signal });
    await factory.waitForCacheSync();
    abort.abort();

    const lease = factory.acquire(pods);
    await factory.waitForCacheSync();

    expect([lease.informer === informer, informer.isRunning]).toEqual([true, true]);
    await factory.shutdown();
  });

  test('is refused by a factory that is shut down', async () => {
    const { factory } = setup();
    await factory.shutdown();

    expect(() => factory.acquire(pods)).toThrow('the factory is shut down');
  });
});
