import type { ObjectLike } from '@kubeloop/cache-store';
import { configMaps } from '@kubeloop/client';
import { afterEach, describe, expect, test } from 'vitest';
import type { Consistency } from '../../src/consistency/consistent-client.ts';
import { ConsistencyTimeoutError } from '../../src/consistency/consistency-timeout-error.ts';
import { configMap, hasSettled, LaggingCluster } from '../support/lagging-cluster.ts';

const running: LaggingCluster[] = [];

async function start(consistency?: Consistency, namespace?: string): Promise<LaggingCluster> {
  const cluster = new LaggingCluster(consistency, namespace);
  running.push(cluster);
  await cluster.start();
  return cluster;
}

afterEach(async () => {
  for (const cluster of running.splice(0)) await cluster.stop();
});

describe('a get', () => {
  test('gives what the cache holds, without a wait, while nothing was written', async () => {
    const cluster = await start();
    cluster.write(configMap('a'));
    expect(await cluster.resource.get('a')).toBeUndefined();

    await cluster.cache().deliver();
    expect((await cluster.resource.get('a'))?.metadata?.resourceVersion).toBe('11');
    expect([cluster.calls, cluster.clock.pending]).toEqual([[], 0]);
  });

  const verbs = ['create', 'update', 'apply', 'updateStatus', 'applyStatus'] as const;
  test.each(verbs)('waits until the cache holds the version of an own %s', async (verb) => {
    const { resource, clock, cache } = await startWithBoundCache();
    const object = { ...configMap('a'), metadata: { ...configMap('a').metadata, name: 'a' } };
    await resource[verb](object, { fieldManager: 'test' });
    const read = resource.get('a');
    expect(await hasSettled(read, clock)).toBe(false);

    await cache.deliver();
    expect((await read)?.metadata?.resourceVersion).toBe('11');
  });

  const patches = ['patch', 'patchStatus'] as const;
  test.each(patches)('waits until the cache holds the version of an own %s', async (verb) => {
    const { resource, clock, cache } = await startWithBoundCache();
    await resource[verb]('a', {}, { type: 'merge' });
    const read = resource.get('a');
    expect(await hasSettled(read, clock)).toBe(false);

    await cache.deliver();
    expect((await read)?.metadata?.resourceVersion).toBe('11');
  });

  test.each(['updateScale', 'patchScale'] as const)(
    'waits until the cache holds the version of an own %s',
    async (verb) => {
      const { resource, clock, cache } = await startWithBoundCache();
      await (verb === 'updateScale'
        ? resource.updateScale('a', {})
        : resource.patchScale('a', {}, { type: 'merge' }));
      const read = resource.get('a');
      expect(await hasSettled(read, clock)).toBe(false);

      await cache.deliver();
      expect((await read)?.metadata?.resourceVersion).toBe('11');
    },
  );

  test('does not wait for own writes to other keys', async () => {
    const { resource } = await startWithBoundCache();
    await resource.create(configMap('a'));

    expect(await resource.get('b')).toBeUndefined();
  });

  test('waits for the writes that were made before the call, not for later ones', async () => {
    const { resource, clock, cache } = await startWithBoundCache();
    await resource.create(configMap('a'));
    const read = resource.get('a');
    await clock.settle();
    await resource.update(configMap('a'));
    await cache.deliver(1);

    expect((await read)?.metadata?.resourceVersion).toBe('11');
  });

  test('waits for an own write that has no answer yet', async () => {
    const { cluster, resource, clock, cache } = await startWithBoundCache();
    const { promise, resolve } = Promise.withResolvers<void>();
    cluster.answer = promise;
    const write = resource.create(configMap('a'));
    const read = resource.get('a');
    const other = resource.get('b');
    expect([await hasSettled(read, clock), await hasSettled(other, clock)]).toEqual([false, true]);

    await cache.deliver();
    resolve();
    await write;
    expect((await read)?.metadata?.name).toBe('a');
  });

  test('goes on when a newer version of any object shows that the write has been passed', async () => {
    const { cluster, resource, clock, cache } = await startWithBoundCache();
    await resource.create(configMap('a'));
    const read = resource.get('a');
    await clock.settle();
    cluster.remove('a');
    await cache.relist([], '12');

    expect(await read).toBeUndefined();
  });
});

describe('a deletion', () => {
  test('is waited for until the cache has seen the object with that uid go', async () => {
    const { cluster, resource, clock, cache } = await startWithBoundCache();
    cluster.write(configMap('a'));
    await cache.deliver();
    await resource.delete('a');
    const read = resource.get('a');
    expect(await hasSettled(read, clock)).toBe(false);

    await cache.deliver();
    expect(await read).toBeUndefined();
  });

  test('of an object that the cache has not even seen come is waited for', async () => {
    const { resource, clock, cache } = await startWithBoundCache();
    await resource.create(configMap('a'));
    await resource.delete('a');
    const read = resource.get('a');
    await cache.deliver(1);
    expect(await hasSettled(read, clock)).toBe(false);

    await cache.deliver();
    expect(await read).toBeUndefined();
  });

  test('whose event comes before its answer is not waited for', async () => {
    const { cluster, resource, clock, cache } = await startWithBoundCache();
    cluster.write(configMap('a'));
    await cache.deliver();
    const { promise, resolve } = Promise.withResolvers<void>();
    cluster.answer = promise;
    const deletion = resource.delete('a');
    await clock.settle();
    await cache.deliver();
    await clock.settle();
    resolve();
    await deletion;

    expect(await hasSettled(resource.get('a'), clock)).toBe(true);
  });

  test('that fails is not waited for', async () => {
    const { resource, clock } = await startWithBoundCache();
    await expect(resource.delete('a')).rejects.toThrow('not found');

    expect(await hasSettled(resource.list(), clock)).toBe(true);
  });

  test('that leaves the object there for its finalizers is waited for by its version', async () => {
    const { cluster, resource, clock, cache } = await startWithBoundCache();
    cluster.write({ metadata: { name: 'a', finalizers: ['x/y'] } });
    await cache.deliver();
    await resource.delete('a');
    const read = resource.get('a');
    expect(await hasSettled(read, clock)).toBe(false);

    await cache.deliver();
    expect((await read)?.metadata?.resourceVersion).toBe('12');
  });

  test.each(['that the cache shows', 'that the cache has not seen come'])(
    'by the end of the last finalizer, of an object %s, is waited for',
    async (what) => {
      const { resource, clock, cache } = await startWithBoundCache();
      await resource.create({ metadata: { name: 'a', finalizers: ['x/y'] } });
      await resource.delete('a');
      if (what === 'that the cache shows') await cache.deliver();
      await resource.update({ metadata: { name: 'a' } });
      const read = resource.get('a');
      expect(await hasSettled(read, clock)).toBe(false);
      if (what !== 'that the cache shows') await cache.deliver(2);
      expect(await hasSettled(read, clock)).toBe(false);

      await cache.deliver();
      expect(await read).toBeUndefined();
    },
  );

  test('by the end of the last finalizer is not waited for when its event comes before its answer', async () => {
    const { cluster, resource, clock, cache } = await startWithBoundCache();
    await resource.create({ metadata: { name: 'a', finalizers: ['x/y'] } });
    await resource.delete('a');
    await cache.deliver();
    const { promise, resolve } = Promise.withResolvers<void>();
    cluster.answer = promise;
    const update = resource.update({ metadata: { name: 'a' } });
    await clock.settle();
    await cache.deliver();
    await clock.settle();
    resolve();
    await update;

    expect(await hasSettled(resource.get('a'), clock)).toBe(true);
  });

  test('that was missed is found by a new list', async () => {
    const { cluster, resource, clock, cache } = await startWithBoundCache();
    cluster.write(configMap('a'));
    await cache.deliver();
    await resource.delete('a');
    const read = resource.get('a');
    await clock.settle();
    await cache.relist([], '20');

    expect(await read).toBeUndefined();
  });

  test('of an object that came and went between two lists is not waited for', async () => {
    const { resource, clock, cache } = await startWithBoundCache();
    await resource.create(configMap('a'));
    await resource.delete('a');
    await cache.relist([], '20');

    expect(await hasSettled(resource.list(), clock)).toBe(true);
  });

  test('is waited for when a list is older than the object that it was for', async () => {
    const { resource, clock, cache } = await startWithBoundCache();
    await resource.create(configMap('a'));
    await resource.delete('a');
    await cache.relist([], '11');
    await cache.bookmark('12');

    expect(await hasSettled(resource.list(), clock)).toBe(false);
  });

  test('whose list comes before its answer is not waited for', async () => {
    const { cluster, resource, clock, cache } = await startWithBoundCache();
    cluster.write(configMap('a'));
    const { promise, resolve } = Promise.withResolvers<void>();
    cluster.answer = promise;
    const deletion = resource.delete('a');
    await clock.settle();
    await cache.relist([], '20');
    resolve();
    await deletion;

    expect(await hasSettled(resource.list(), clock)).toBe(true);
  });

  test('that was missed is found by a new list with another object of the name', async () => {
    const { cluster, resource, clock, cache } = await startWithBoundCache();
    cluster.write(configMap('a'));
    await cache.deliver();
    await resource.delete('a');
    const next = cluster.write(configMap('a'));
    await cache.relist([next], '20');

    expect(await hasSettled(resource.list(), clock)).toBe(true);
  });

  test('before the first list of the cache is not waited for', async () => {
    const cluster = new LaggingCluster();
    running.push(cluster);
    cluster.write(configMap('a'));
    const barrier = cluster.client.barrierFor([{ resource: configMaps }]);
    await cluster.resource.delete('a');
    await cluster.start();

    expect(barrier?.wait({ signal: AbortSignal.timeout(1000) })).toBeUndefined();
  });
});

describe('a list', () => {
  test('waits for all own writes of the kind, and selects', async () => {
    const { resource, clock, cache } = await startWithBoundCache();
    await resource.create(configMap('a', { app: 'web' }));
    await resource.create(configMap('b'));
    const list = resource.list({ labelSelector: 'app=web' });
    await cache.deliver(1);
    expect(await hasSettled(list, clock)).toBe(false);

    await cache.deliver();
    expect((await list).map(({ metadata }) => metadata?.name)).toEqual(['a']);
  });

  test('of all namespaces has the objects of each', async () => {
    const { cluster, cache } = await startWithBoundCache();
    cluster.write(configMap('a'));
    cluster.write({ metadata: { name: 'b', namespace: 'other' } });
    await cache.deliver();
    await cluster.clock.settle();

    expect(await cluster.client.resource(configMaps).list()).toHaveLength(2);
    expect(await cluster.client.resource(configMaps).namespace('ns').list()).toHaveLength(1);
  });
});

describe('a read of an index', () => {
  const indexers = { app: (object: ObjectLike) => [object.metadata?.labels?.['app'] ?? 'none'] };

  test('waits for all own writes of the kind', async () => {
    const { resource, clock, cache } = await startWithBoundCache();
    cache.informer.addIndexers(indexers);
    await resource.create(configMap('a', { app: 'web' }));
    await resource.create(configMap('b', { app: 'db' }));
    const read = resource.byIndex('app', 'web');
    await cache.deliver(1);
    expect(await hasSettled(read, clock)).toBe(false);

    await cache.deliver();
    expect((await read).map(({ metadata }) => metadata?.name)).toEqual(['a']);
  });

  test('has the objects of all namespaces, or of the one that was chosen', async () => {
    const { cluster, cache } = await startWithBoundCache();
    cache.informer.addIndexers(indexers);
    cluster.write(configMap('a', { app: 'web' }));
    cluster.write({ metadata: { name: 'b', namespace: 'other', labels: { app: 'web' } } });
    await cache.deliver();
    const all = cluster.client.resource(configMaps);

    expect(await all.byIndex('app', 'web')).toHaveLength(2);
    expect(await all.namespace('other').byIndex('app', 'web')).toMatchObject([
      { metadata: { name: 'b' } },
    ]);
    expect(await all.byIndex('app', 'db')).toEqual([]);
  });

  test('that does not exist is refused', async () => {
    const { resource } = await startWithBoundCache();

    await expect(resource.byIndex('app', 'web')).rejects.toThrow(RangeError);
  });

  test('ends with an error that names it when own writes do not show in time', async () => {
    const { resource, clock, cache } = await startWithBoundCache();
    cache.informer.addIndexers(indexers);
    await resource.create(configMap('a'));
    const failure = resource.byIndex('app', 'web', { timeoutMs: 20 }).catch(String);

    await clock.stepAsync(20);

    expect(await failure).toContain('Cannot read index "app" of configmaps: own writes did not');
  });
});

describe('a wait', () => {
  test('ends with an error that says what is missing', async () => {
    const { resource, clock } = await startWithBoundCache();
    await resource.create(configMap('a'));
    const read = resource.get('a');
    const failure = read.catch((error: unknown) => error);
    await clock.stepAsync(4999);
    expect(await hasSettled(read, clock)).toBe(false);
    await clock.stepAsync(1);

    const error = await failure;
    expect(ConsistencyTimeoutError.is(error)).toBe(true);
    expect(error).toHaveProperty(
      'message',
      'Cannot read "ns/a" of configmaps: own writes did not show in the cache within 5000 ms; that of configmaps is at version 10 and lacks version 11',
    );
    expect(clock.pending).toBe(0);
  });

  test('for a deletion ends with an error that names its uid', async () => {
    const { cluster, resource, clock, cache } = await startWithBoundCache();
    cluster.write(configMap('a'));
    await cache.deliver();
    await resource.delete('a');
    const failure = resource.list({ timeoutMs: 10 }).catch((error: unknown) => error);
    await clock.stepAsync(10);

    expect(await failure).toHaveProperty(
      'message',
      'Cannot list configmaps: own writes did not show in the cache within 10 ms; that of configmaps is at version 11 and lacks the deletion of uid-11',
    );
  });

  test('ends with the reason of its signal', async () => {
    const { resource, clock } = await startWithBoundCache();
    await resource.create(configMap('a'));
    const stop = new AbortController();
    const read = resource.get('a', { signal: stop.signal });
    await clock.settle();
    stop.abort(new Error('enough'));

    await expect(read).rejects.toThrow('enough');
    expect(clock.pending).toBe(0);
    await expect(resource.get('a', { signal: stop.signal })).rejects.toThrow('enough');
  });

  test('for a write that the cache never shows is given up after five minutes', async () => {
    const { resource, clock } = await startWithBoundCache();
    await resource.create(configMap('a'));
    await clock.stepAsync(300_001);

    expect(await hasSettled(resource.get('a'), clock)).toBe(true);
  });

  test('for a cache that does not run ends with an error', async () => {
    const cluster = new LaggingCluster();
    const failure = cluster.resource.get('a').catch((error: unknown) => error);
    await cluster.clock.stepAsync(5000);

    expect(ConsistencyTimeoutError.is(await failure)).toBe(true);
  });

  test('that is no duration is refused', async () => {
    const { resource } = await start();

    await expect(resource.get('a', { timeoutMs: -1 })).rejects.toThrow(RangeError);
  });
});

test('nothing is waited for when consistency is off', async () => {
  const cluster = await start('off');
  await cluster.resource.create(configMap('a'));

  expect(await cluster.resource.get('a')).toBeUndefined();
  expect(cluster.client.barrierFor([{ resource: configMaps }])).toBeUndefined();
});

test('a dry run is no write', async () => {
  const { resource } = await startWithBoundCache();
  await resource.create(configMap('a'), { dryRun: true });

  expect(await resource.get('a')).toBeUndefined();
});

test('a get without a namespace of a resource that has them is refused', async () => {
  const { client } = await start();

  await expect(client.resource(configMaps).get('a')).rejects.toThrow(
    'Cannot get "a" of configmaps: it has namespaces; choose one with namespace(name)',
  );
});

async function startWithBoundCache() {
  const cluster = await start();
  await cluster.resource.list();
  const { resource, clock } = cluster;
  return { cluster, resource, clock, cache: cluster.cache() };
}
