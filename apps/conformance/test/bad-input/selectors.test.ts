import { Indexer, Lister, parseFieldSelector, parseLabelSelector } from '@kubeloop/cache-store';
import { configMaps, secrets } from '@kubeloop/client';
import { SharedInformer, SharedInformerFactory } from '@kubeloop/informer';
import { labelSelectorPredicate, Manager } from '@kubeloop/controller';
import { describe, expect, test } from 'vitest';
import { Cluster, namespace } from './running.ts';
import { errorOf, expectNoStrays, until } from './strays.ts';

expectNoStrays();

const badLabels = ['app in (', 'app in a', '!!app', 'app=a=b', 'app,,tier', '-app=a'];
const badFields = ['metadata.name', 'metadata.name in (a)'];

describe('a call to the server', () => {
  test.each(badLabels)('with the label selector %j names it', async (labelSelector) => {
    await using cluster = await Cluster.start();
    const maps = cluster.client.resource(configMaps).namespace(namespace);

    const errors = await Promise.all([
      errorOf(() => maps.list({ labelSelector })),
      errorOf(() => maps.listAll({ labelSelector })[Symbol.asyncIterator]().next()),
      errorOf(() => maps.watch({ labelSelector })[Symbol.asyncIterator]().next()),
      errorOf(() => maps.deleteCollection({ labelSelector })),
    ]);

    for (const error of errors) {
      expect(error.message).toMatch(/configmaps/);
      expect(error.message).toContain(labelSelector);
    }
  });

  test.each([...badFields, 'spec.nowhere=a'])(
    'with the field selector %j names it',
    async (fieldSelector) => {
      await using cluster = await Cluster.start();
      const maps = cluster.client.resource(configMaps).namespace(namespace);

      const errors = await Promise.all([
        errorOf(() => maps.list({ fieldSelector })),
        errorOf(() => maps.watch({ fieldSelector })[Symbol.asyncIterator]().next()),
      ]);

      for (const error of errors) expect(error.message).toContain(fieldSelector.replace(/=.*/, ''));
    },
  );

  test('with a selector that is no text is refused before it is sent', async () => {
    await using cluster = await Cluster.start();
    // What a program in JavaScript can pass.
    const labelSelector = { app: 'web' } as unknown as string;

    const error = await errorOf(() => cluster.client.resource(configMaps).list({ labelSelector }));

    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toContain('labelSelector');
  });
});

describe('a cache', () => {
  test.each(badLabels)('refuses the label selector %j and says where it is wrong', (text) => {
    const lister = new Lister(new Indexer());

    for (const list of [
      () => lister.list(text),
      () => lister.byNamespace(namespace).list(text),
      () => parseLabelSelector(text),
      () => labelSelectorPredicate(text),
    ])
      expect(list).toThrow(expect.objectContaining({ name: 'SelectorError' }));
    expect(() => lister.list(text)).toThrow(JSON.stringify(text));
  });

  test.each(badFields)('refuses the field selector %j and says where it is wrong', (text) => {
    expect(() => parseFieldSelector(text)).toThrow(JSON.stringify(text));
  });
});

describe('an informer', () => {
  test.each(badLabels)(
    'refuses the label selector %j when it is asked for',
    async (labelSelector) => {
      await using cluster = await Cluster.start();
      await using informers = new SharedInformerFactory(cluster.client);

      const error = await errorOf(() => informers.informerFor(configMaps, { labelSelector }));

      expect(error.message).toContain(labelSelector);
    },
  );

  test('refuses a field selector that cannot be read when it is asked for', async () => {
    await using cluster = await Cluster.start();
    await using informers = new SharedInformerFactory(cluster.client);
    const fieldSelector = 'metadata.name';

    const error = await errorOf(() => informers.informerFor(configMaps, { fieldSelector }));

    expect(error.message).toContain(fieldSelector);
  });

  test('says which selector its server refuses, and others go on', async () => {
    await using cluster = await Cluster.start();
    await using informers = new SharedInformerFactory(cluster.client, { onError: () => {} });
    const fieldSelector = 'spec.nowhere=a';
    const refused = informers.informerFor(configMaps, { fieldSelector });
    const other = informers.informerFor(secrets);
    informers.start();
    await until(
      'one works and one fails',
      () => other.hasSynced && refused.lastFailure !== undefined,
    );

    const error = await errorOf(() => informers.waitForCacheSync({ timeoutMs: 1 }));

    expect(error.message).toContain('"configmaps where spec.nowhere=a"');
    expect(error.message).toContain('spec.nowhere');
    expect(error.message).not.toContain('secrets');
  });

  test('refuses what is no source of objects', () => {
    // What a program in JavaScript can pass.
    const listerWatcher = {} as never;

    expect(() => new SharedInformer({ listerWatcher })).toThrow('listerWatcher');
  });
});

describe('a controller', () => {
  const kubeConfig = { server: 'https://127.0.0.1:1' };

  test.each(badLabels)('refuses to watch with the label selector %j', async (labelSelector) => {
    const manager = new Manager({ kubeConfig });

    const error = await errorOf(() =>
      manager
        .controller('picky')
        .for(configMaps, { labelSelector })
        .reconcile(() => {}),
    );

    expect(error.message).toContain(labelSelector);
  });

  test('whose selector the server refuses says so, and others go on', async () => {
    await using cluster = await Cluster.start();
    const worked: string[] = [];
    const { manager } = cluster.run(
      (made) => {
        made
          .controller('picky')
          .for(configMaps, { fieldSelector: 'spec.nowhere=a' })
          .reconcile(() => {});
        made
          .controller('free')
          .for(configMaps)
          .reconcile(({ name }) => void worked.push(name));
      },
      { cacheSyncTimeoutMs: 50 },
    );
    await cluster.createConfigMap('first');
    await until('the other controller works', () => worked.includes('first'));
    await until('the log says what is missing', () =>
      cluster.entries('error').some(({ fields }) => 'missing' in fields),
    );

    const report = cluster.entries('error').find(({ fields }) => 'missing' in fields);
    expect(report?.fields).toMatchObject({ controller: 'picky' });
    expect(String(report?.fields['missing'])).toContain('spec.nowhere');
    expect(manager.describe().controllers.map(({ state }) => state)).toEqual([
      'waiting',
      'running',
    ]);
  });

  test('refuses what is no resource', () => {
    const manager = new Manager({ kubeConfig });
    // What a program in JavaScript can pass.
    const resource = { kind: 'Widget' } as never;

    const build = (): unknown => manager.controller('odd').for(resource);

    expect(build).toThrow('Cannot reconcile {"kind":"Widget"} in controller "odd"');
  });

  test('refuses a namespace for a kind that has none', () => {
    const informers = new SharedInformerFactory({ resource: () => expect.unreachable() });
    const nodes = { ...configMaps, plural: 'nodes', name: 'nodes', namespaced: false };

    expect(() => informers.informerFor(nodes, { namespace: 'shop' })).toThrow(
      'Cannot watch "nodes" in namespace "shop"',
    );
  });
});
