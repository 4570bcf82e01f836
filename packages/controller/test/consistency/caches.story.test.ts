import { configMaps } from '@kubeloop/client';
import { afterEach, describe, expect, test } from 'vitest';
import type { InformerSelection } from '../../src/informer-selection.ts';
import { configMap, hasSettled, LaggingCluster } from '../support/lagging-cluster.ts';

const running: LaggingCluster[] = [];

async function start(): Promise<LaggingCluster> {
  const cluster = new LaggingCluster();
  running.push(cluster);
  await cluster.start();
  return cluster;
}

afterEach(async () => {
  for (const cluster of running.splice(0)) await cluster.stop();
});

/** One whose cache shows only some objects. */
async function startSelecting(by: InformerSelection) {
  const cluster = new LaggingCluster();
  running.push(cluster);
  const cache = cluster.cache(by);
  await cluster.start();
  return { cluster, cache };
}

const ofWeb = { labelSelector: 'app=web' };

describe('a cache', () => {
  test('that comes after the writes has to reach them all', async () => {
    const cluster = await start();
    await cluster.resource.create(configMap('a'));
    const read = cluster.resource.list();
    expect(await hasSettled(read, cluster.clock)).toBe(false);

    await cluster.cache().deliver();
    expect(await read).toHaveLength(1);
  });

  test('that comes after very many writes has to reach them all, whatever is read', async () => {
    const cluster = await start();
    for (let n = 0; n < 40; n += 1) await cluster.resource.create(configMap(`a${n}`));
    const read = cluster.resource.get('b');
    expect(await hasSettled(read, cluster.clock)).toBe(false);

    await cluster.cache().deliver();
    expect(await read).toBeUndefined();
  });

  test('is listened to from the first own write on', async () => {
    const cluster = await start();
    const { resource } = cluster;
    const cache = cluster.cache();
    await resource.list();
    cluster.client.barrierFor([{ resource: configMaps }]);
    expect(cache.handlers).toBe(0);

    await resource.create(configMap('a'));
    await resource.create(configMap('b'));
    expect(cache.handlers).toBe(1);
  });

  test.each(['before', 'after'])(
    'of another namespace or of other labels is not waited for, read %s the write',
    async (order) => {
      const cluster = new LaggingCluster();
      running.push(cluster);
      const selections = [{ namespace: 'other' }, { labelSelector: 'app=db' }];
      for (const selection of selections) cluster.cache(selection);
      await cluster.start();
      const reads = selections.map((each) => cluster.client.resource(configMaps, each));
      if (order === 'before') for (const read of reads) await read.list();
      await cluster.resource.create(configMap('a', { app: 'web' }));

      for (const read of reads) expect(await hasSettled(read.list(), cluster.clock)).toBe(true);
    },
  );

  test('of some labels is waited for although a later write has taken the object out of it', async () => {
    const { cluster, cache } = await startSelecting(ofWeb);
    for (const app of ['web', 'db'])
      await cluster.resource.apply(configMap('a', { app }) as never, {} as never); // it has all that the server looks at
    const list = cluster.client.resource(configMaps, ofWeb).list();
    expect(await hasSettled(list, cluster.clock)).toBe(false);

    await cache.relist([], '12');
    expect(await list).toEqual([]);
  });

  test('of some labels is waited for when it shows an object while its deletion is under way', async () => {
    const { cluster, cache } = await startSelecting(ofWeb);
    const selected = cluster.client.resource(configMaps, ofWeb).namespace('ns');
    await selected.list();
    for (const isOwn of [true, false]) {
      const object = configMap('a', { app: 'web' });
      if (isOwn) await cluster.resource.create(object);
      else cluster.write(object);
      const { promise, resolve } = Promise.withResolvers<void>();
      cluster.answer = promise;
      const deletion = cluster.resource.delete('a');
      await cluster.clock.settle();
      await cache.deliver(1);
      await cluster.clock.settle();
      resolve();
      await deletion;
      const list = selected.list();
      expect(await hasSettled(list, cluster.clock)).toBe(false);

      await cache.deliver();
      expect(await list).toEqual([]);
    }
  });

  test('that showed an object is waited for when a write takes it out of its selection', async () => {
    const cluster = new LaggingCluster();
    running.push(cluster);
    const selection = { labelSelector: 'app=web', fieldSelector: 'metadata.name=a' };
    const cache = cluster.cache(selection);
    cluster.write(configMap('a', { app: 'web' }));
    await cluster.start();
    const selected = cluster.client.resource(configMaps, selection).namespace('ns');
    expect(await selected.list()).toHaveLength(1);
    await selected.update(configMap('a', { app: 'db' }) as never); // the wire type has more members
    const list = selected.list();
    expect(await hasSettled(list, cluster.clock)).toBe(false);

    await cache.relist([], '12');
    expect(await list).toEqual([]);
  });
});
