import { getEventListeners } from 'node:events';
import type { ObjectLike } from '@kubeloop/cache-store';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { describe, expect, test, vi } from 'vitest';
import { CacheSyncError, SharedInformerFactory } from '../src/index.ts';
import { FakeCluster, pods, webApps } from './support/fake-cluster.ts';

function setup(cluster: FakeCluster = new FakeCluster()): {
  cluster: FakeCluster;
  clock: FakeClock;
  factory: SharedInformerFactory;
} {
  const clock = new FakeClock();
  const factory = new SharedInformerFactory(cluster, { clock, onError: () => {} });
  return { cluster, clock, factory };
}

describe('sharing', () => {
  test('there is one informer for a kind, namespace and selector, however often it is asked for', () => {
    const { factory } = setup();

    const first = factory.informerFor(pods);

    expect(factory.informerFor(pods)).toBe(first);
    expect(factory.informerFor(pods, { namespace: '' })).toBe(first);
    expect(factory.informerFor(pods, { namespace: 'a' })).not.toBe(first);
    expect(factory.informerFor(pods, { labelSelector: 'app=a' })).not.toBe(first);
    expect(factory.informerFor(webApps)).not.toBe(first);
  });

  test('other wishes for the same informer are refused, no wish is not', () => {
    const { factory } = setup();
    const transform = (obj: ObjectLike): ObjectLike => obj;
    const informer = factory.informerFor(pods, { transform, resyncPeriodMs: 5000 });

    expect(factory.informerFor(pods)).toBe(informer);
    expect(factory.informerFor(pods, { transform })).toBe(informer);
    expect(() => factory.informerFor(pods, { transform: (obj) => obj })).toThrow(
      'Cannot share informer "pods": it was made with another transform',
    );
    expect(() => factory.informerFor(pods, { resyncPeriodMs: 6000 })).toThrow(
      'another resync period, 5000 ms',
    );
  });

  test('a namespace of the factory means nothing to a kind without any, one that is asked for is refused', () => {
    const { cluster } = setup();
    const factory = new SharedInformerFactory(cluster, { namespace: 'n' });
    const nodes = { ...pods, plural: 'nodes', name: 'nodes', kind: 'Node', namespaced: false };

    expect(factory.informerFor(nodes).name).toBe('nodes');
    expect(() => factory.informerFor(nodes, { namespace: 'a' })).toThrow(
      'Cannot watch "nodes" in namespace "a": its objects have no namespace',
    );
  });

  test('indices can be asked for again and again, but not two of one name', () => {
    const { factory } = setup();
    const byUid = (obj: ObjectLike): string[] => [obj.metadata?.uid ?? ''];

    const informer = factory.informerFor(pods, { indexers: { byUid } });
    factory.informerFor(pods, { indexers: { byUid } });

    expect(Object.keys(informer.indexer.indexers)).toEqual(['namespace', 'byUid']);
    expect(() => factory.informerFor(pods, { indexers: { byUid: () => [] } })).toThrow('byUid');
  });

  test('list and watch ask for the same namespace and selectors', async () => {
    const { cluster, clock } = setup();
    const factory = new SharedInformerFactory(cluster, {
      clock,
      namespace: 'n',
      tweakListOptions: (asked) => ({ ...asked, labelSelector: `${asked.labelSelector},tier=x` }),
    });
    factory.informerFor(pods, { labelSelector: 'app=a', fieldSelector: 'spec.nodeName=b' });

    factory.start();
    await factory.waitForCacheSync();

    const asked = 'pods in n where app=a,tier=x, spec.nodeName=b';
    expect(cluster.requests).toEqual([`list ${asked}`, `watch ${asked}`]);
    await factory.shutdown();
  });
});

describe('starting and stopping', () => {
  test('nothing is asked of the server before the start', async () => {
    const { cluster, clock, factory } = setup();

    factory.informerFor(pods);
    await clock.settle();

    expect(cluster.requests).toEqual([]);
  });

  test('starting again changes nothing but for informers that were asked for since', async () => {
    const { cluster, factory } = setup();
    const informer = factory.informerFor(pods);
    factory.start();
    await factory.waitForCacheSync();

    factory.start();
    const later = factory.informerFor(webApps);
    factory.start();
    await factory.waitForCacheSync();

    expect([informer.hasSynced, later.hasSynced]).toEqual([true, true]);
    expect(cluster.requests.filter((request) => request.startsWith('list'))).toHaveLength(2);
    await factory.shutdown();
  });

  test('a shutdown leaves no connection and no timer, and can be repeated', async () => {
    const { cluster, clock, factory } = setup();
    factory.informerFor(pods);
    factory.informerFor(webApps);
    factory.start();
    await factory.waitForCacheSync();

    await factory.shutdown();
    await factory.shutdown();

    expect([cluster.openWatches, clock.pending]).toEqual([0, 0]);
    expect(() => factory.start()).toThrow('the factory is shut down');
  });

  test('informers end with the signal they were started with, and run again with another', async () => {
    const { cluster, clock, factory } = setup();
    const informer = factory.informerFor(pods);
    const abort = new AbortController();
    factory.start({ signal: abort.signal });
    await factory.waitForCacheSync();

    abort.abort();
    await clock.settle();
    const between = [informer.isStopped, cluster.openWatches];
    factory.start();
    await factory.waitForCacheSync();

    expect(between).toEqual([true, 0]);
    expect(informer.isRunning).toBe(true);
    await factory.shutdown();
  });

  test('a start right after the signal waits for the old run to end, and the caches for the new one', async () => {
    const { cluster, factory } = setup();
    const informer = factory.informerFor(pods);
    const abort = new AbortController();
    factory.start({ signal: abort.signal });
    await factory.waitForCacheSync();

    abort.abort();
    factory.start();
    factory.start();
    await factory.waitForCacheSync();

    expect([informer.isRunning, informer.hasSynced]).toEqual([true, true]);
    expect(cluster.requests.filter((request) => request.startsWith('list'))).toHaveLength(2);
    await factory.shutdown();
    expect([cluster.openWatches, getEventListeners(abort.signal, 'abort')]).toEqual([0, []]);
  });

  test('an informer ends when the last of those who asked for it gives it back', async () => {
    const { cluster, factory } = setup();
    const informer = factory.informerFor(pods);
    factory.informerFor(pods);
    factory.start();
    await factory.waitForCacheSync();

    await factory.release(informer);
    const stillOpen = cluster.openWatches;
    await factory.release(informer);
    await factory.release(informer);

    expect([stillOpen, cluster.openWatches]).toEqual([1, 0]);
    expect(factory.informerFor(pods)).not.toBe(informer);
  });
});

describe('waiting for caches', () => {
  test('when the time is up the error names who is missing and why', async () => {
    const cluster = new FakeCluster({
      pods: Object.assign(new Error('pods is forbidden'), { code: 403 }),
      'webapps.example.com': Object.assign(new Error('page not found'), { code: 404 }),
    });
    const { clock, factory } = setup(cluster);
    factory.informerFor(pods);
    factory.informerFor(webApps);
    factory.informerFor(pods, { namespace: 'fine' });
    factory.start();

    const waited = factory.waitForCacheSync({ timeoutMs: 5000 }).catch((error: unknown) => error);
    await clock.stepAsync(5000);
    const error = await waited;

    expect(CacheSyncError.is(error)).toBe(true);
    expect(String(error)).toBe(
      'CacheSyncError: Cannot sync 2 of 3 caches, 5000 ms are over: ' +
        '"pods" (forbidden; list and watch must be granted: pods is forbidden), ' +
        '"webapps.example.com" (unknown to the server; is the CustomResourceDefinition installed?: page not found)',
    );
    await factory.shutdown();
    expect(clock.pending).toBe(0);
  });

  test('an aborted wait says who is missing and carries the reason', async () => {
    const { factory } = setup(new FakeCluster({ pods: 'hang' }));
    factory.informerFor(pods);
    factory.start();
    const reason = new Error('enough');

    const waited = factory.waitForCacheSync({ signal: AbortSignal.abort(reason) });

    await expect(waited).rejects.toMatchObject({
      cause: reason,
      message: 'Cannot sync 1 of 1 caches, the wait was aborted: "pods" (no error so far)',
    });
    await factory.shutdown();
  });

  test('each cache is named as soon as it has synced, and a callback that throws is no failure', async () => {
    const { factory } = setup();
    factory.informerFor(pods);
    factory.informerFor(webApps);
    factory.start();
    const warning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const synced: string[] = [];

    await factory.waitForCacheSync({
      onSynced: (name) => {
        synced.push(name);
        throw new Error('boom');
      },
    });

    expect(synced).toEqual(['pods', 'webapps.example.com']);
    expect(warning).toHaveBeenCalledTimes(2);
    warning.mockRestore();
    await factory.shutdown();
  });

  test('an informer that is stopped ends the wait', async () => {
    const { factory } = setup(new FakeCluster({ pods: 'hang' }));
    factory.informerFor(pods);
    factory.start();

    const waited = factory.waitForCacheSync();
    const outcome = waited.catch(String);
    await factory.shutdown();

    expect(await outcome).toContain(
      'Cannot sync 1 of 1 caches, one was stopped: "pods" (stopped, no error so far)',
    );
  });

  test('waiting without a start is refused', async () => {
    const { factory } = setup();
    factory.informerFor(pods);

    await expect(factory.waitForCacheSync()).rejects.toThrow('call start() first');
  });
});
