import { configMaps } from '@kubeloop/client';
import { SharedInformerFactory } from '@kubeloop/informer';
import { objectPredicate } from '@kubeloop/controller';
import { RateLimitingQueue, runWorkers } from '@kubeloop/workqueue';
import { describe, expect, test } from 'vitest';
import { Cluster } from './running.ts';
import { expectNoStrays, until } from './strays.ts';

const strays = expectNoStrays();

type ConfigMap = NonNullable<(typeof configMaps)['_type']>;

/** What a program in JavaScript can pass where a plain function is wanted. */
const rejects = (() => Promise.reject(new Error('broken callback'))) as unknown as () => never;

/** Everything that has become a process warning; a rejection that nobody handled fails the test. */
async function takeWarnings(): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, 20));
  const seen = strays.splice(0);
  expect(seen.filter((stray) => !stray.startsWith('warning'))).toEqual([]);
  return seen.join('\n');
}

describe('an async function that rejects is no unhandled rejection and stops nothing', () => {
  test('as receiver of the errors of a factory', async () => {
    await using cluster = await Cluster.start();
    const heard: string[] = [];
    await using informers = new SharedInformerFactory(cluster.client, { onError: rejects });
    const informer = informers.informerFor(configMaps);
    informer.addEventHandler({
      add: (obj) => {
        heard.push(obj.metadata?.name ?? '');
        throw new Error('first');
      },
    });
    informers.start();
    await cluster.createConfigMap('one');
    await until('it is heard', () => heard.length === 1);

    expect(await takeWarnings()).toContain('broken callback');
  });

  test('as receiver of the errors of a handler', async () => {
    await using cluster = await Cluster.start();
    const errors: string[] = [];
    await using informers = new SharedInformerFactory(cluster.client, {
      onError: (error) => errors.push(String(error)),
    });
    const informer = informers.informerFor(configMaps);
    const add = (): never => {
      throw new Error('first');
    };
    informer.addEventHandler({ add, onError: rejects });
    informers.start();
    await cluster.createConfigMap('one');
    await until('the failure of the receiver is reported', () =>
      errors.join().includes('broken callback'),
    );

    expect(await takeWarnings()).toBe('');
  });

  test('as listener of an informer', async () => {
    await using cluster = await Cluster.start();
    await using informers = new SharedInformerFactory(cluster.client);
    const informer = informers.informerFor(configMaps);
    informer.on('synced', rejects);
    informers.start();
    await informer.waitForSync();

    expect(await takeWarnings()).toContain('broken callback');
  });

  test('as receiver of the news that a cache has synced', async () => {
    await using cluster = await Cluster.start();
    await using informers = new SharedInformerFactory(cluster.client);
    informers.informerFor(configMaps);
    informers.start();
    await informers.waitForCacheSync({ onSynced: rejects });

    expect(await takeWarnings()).toContain('broken callback');
  });

  test('as receiver of the errors of workers', async () => {
    const queue = new RateLimitingQueue<string>();
    const work = (): never => {
      throw new Error('first');
    };
    queue.add('one');
    queue.shutDown();

    await expect(runWorkers(queue, { onError: rejects }, work)).rejects.toThrow('broken callback');

    expect(await takeWarnings()).toBe('');
  });

  test('as predicate: it is reported and the event passes', async () => {
    await using cluster = await Cluster.start();
    const worked: string[] = [];
    const { manager } = cluster.run((made) => {
      made
        .controller('careful')
        .for(configMaps, { predicates: [objectPredicate<ConfigMap>(rejects)] })
        .reconcile(({ name }) => void worked.push(name));
    });
    await until('the manager works', () => manager.describe().isReady);
    await cluster.createConfigMap('one');
    await until('it is reconciled', () => worked.includes('one'));

    expect(await takeWarnings()).toBe('');
    expect(cluster.entries('error')).toHaveLength(1);
    expect(String(cluster.entries('error')[0]?.fields['error'])).toContain('promise');
  });

  test('as transform: it is reported with the object', async () => {
    await using cluster = await Cluster.start();
    const reports: string[] = [];
    await using informers = new SharedInformerFactory(cluster.client, {
      onError: (error, { key }) => reports.push(`${key}: ${String(error)}`),
    });
    const informer = informers.informerFor(configMaps, { transform: rejects });
    informers.start();
    await informer.waitForSync();
    await cluster.createConfigMap('one');
    await until('it is reported', () => reports.length > 0);

    expect(await takeWarnings()).toBe('');
    expect(reports[0]).toContain('default/one');
    expect(reports[0]).toContain('promise');
  });

  test('as index function: it is reported with index and object', async () => {
    await using cluster = await Cluster.start();
    const reports: string[] = [];
    await using informers = new SharedInformerFactory(cluster.client, {
      onError: (error, { key }) => reports.push(`${key}: ${String(error)}`),
    });
    const informer = informers.informerFor(configMaps, { indexers: { byTeam: rejects } });
    informers.start();
    await informer.waitForSync();
    await cluster.createConfigMap('one');
    await until('it is reported', () => reports.length > 0);

    expect(await takeWarnings()).toBe('');
    expect(reports[0]).toContain('default/one');
    expect(reports[0]).toContain('byTeam');
  });
});
