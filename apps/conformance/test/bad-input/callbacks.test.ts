import { Indexer } from '@kubeloop/cache-store';
import { configMaps } from '@kubeloop/client';
import {
  type InformerForOptions,
  type SharedInformer,
  SharedInformerFactory,
} from '@kubeloop/informer';
import { ChannelSource, objectPredicate, type Manager } from '@kubeloop/controller';
import { describe, expect, test } from 'vitest';
import { Cluster, errorText, namespace } from './running.ts';
import { errorOf, expectNoStrays, until } from './strays.ts';

const strays = expectNoStrays();

type ConfigMap = NonNullable<(typeof configMaps)['_type']>;

const broken = (): never => {
  throw new Error('broken callback');
};

const throwers = [
  ['throws', broken],
  ['rejects', () => Promise.reject(new Error('broken callback'))],
  [
    'rejects later',
    async (): Promise<void> => {
      await Promise.resolve();
      broken();
    },
  ],
] as const;

/** A running informer of ConfigMaps and what it has reported. */
async function informing(
  cluster: Cluster,
  prepare: (informer: SharedInformer<ConfigMap>) => void = () => {},
  options: InformerForOptions<ConfigMap> = {},
): Promise<AsyncDisposable & { informer: SharedInformer<ConfigMap>; reports: [Error, object][] }> {
  const reports: [Error, object][] = [];
  const informers = new SharedInformerFactory(cluster.client, {
    // Only errors are thrown in here.
    onError: (error, context) => reports.push([error as Error, context]),
  });
  const informer = informers.informerFor<ConfigMap>(configMaps, options);
  prepare(informer);
  informers.start();
  await Promise.resolve();
  return { informer, reports, [Symbol.asyncDispose]: () => informers.shutdown() };
}

describe.each(throwers)('a handler that %s', (_how, handle) => {
  test('is reported with informer, handler, event and key; its neighbour hears everything', async () => {
    await using cluster = await Cluster.start();
    await cluster.createConfigMap('early');
    const heard: string[] = [];
    await using running = await informing(cluster, (informer) => {
      informer.addEventHandler({ add: handle, delete: handle }, { name: 'careless' });
      informer.addEventHandler({ add: (obj) => void heard.push(obj.metadata?.name ?? '') });
    });
    await running.informer.waitForSync();
    await cluster.createConfigMap('late');
    await cluster.admin.resource(configMaps).namespace(namespace).delete('early');

    await until('all is reported', () => running.reports.length === 3);

    expect(heard).toEqual(['early', 'late']);
    expect(running.reports.map(([{ message }]) => message)).toEqual(
      Array.from({ length: 3 }, () => 'broken callback'),
    );
    const common = { informer: 'configmaps', part: 'handler', handler: 'careless' };
    expect(running.reports.map(([, context]) => context)).toEqual([
      { ...common, event: 'add', key: 'default/early' },
      { ...common, event: 'add', key: 'default/late' },
      { ...common, event: 'delete', key: 'default/early' },
    ]);
    expect(running.informer.describe().handlers).toMatchObject([
      { name: 'careless', errors: 3, hasSynced: true },
      { errors: 0 },
    ]);
  });

  test('of an informer that nobody listens to becomes one process warning that names it', async () => {
    await using cluster = await Cluster.start();
    await using informers = new SharedInformerFactory(cluster.client);
    const informer = informers.informerFor(configMaps);
    informer.addEventHandler({ add: handle }, { name: 'careless' });
    informers.start();
    await informer.waitForSync();

    await cluster.createConfigMap('one');
    await until('there is a warning', () => strays.length > 0);

    const warnings = strays.splice(0);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('"configmaps"');
    expect(warnings[0]).toContain('"careless"');
    expect(warnings[0]).toContain('"default/one"');
    expect(warnings[0]).toContain('broken callback');
  });
});

test('a handler that throws undefined is reported all the same', async () => {
  await using cluster = await Cluster.start();
  await using running = await informing(cluster, (informer) => {
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- that is the point
    informer.addEventHandler({ add: () => Promise.reject(undefined) });
  });

  await cluster.createConfigMap('one');
  await until('it is reported', () => running.reports.length === 1);

  expect(running.reports[0]?.[1]).toMatchObject({ part: 'handler', key: 'default/one' });
});

test('a receiver of errors that throws becomes a process warning and stops nothing', async () => {
  await using cluster = await Cluster.start();
  const heard: string[] = [];
  await using informers = new SharedInformerFactory(cluster.client, { onError: broken });
  const informer = informers.informerFor(configMaps);
  informer.addEventHandler({ add: () => Promise.reject(new Error('first')) });
  informer.addEventHandler({ add: (obj) => void heard.push(obj.metadata?.name ?? '') });
  informers.start();
  await informer.waitForSync();

  await cluster.createConfigMap('one');
  await until('the neighbour has heard of it', () => heard.length === 1);
  await until('there are warnings', () => strays.length > 1);

  expect(strays.splice(0).join('\n')).toMatch(/broken callback[^]*first|first[^]*broken callback/);
});

test('a transform that throws on one event is reported with the key, and later events arrive', async () => {
  await using cluster = await Cluster.start();
  const transform = (obj: ConfigMap): ConfigMap => (obj.metadata?.name === 'bad' ? broken() : obj);
  await using running = await informing(cluster, () => {}, { transform });
  await running.informer.waitForSync();

  await cluster.createConfigMap('bad');
  await cluster.createConfigMap('good');
  await until('the good one is there', () => running.informer.indexer.size > 0);

  expect(running.informer.lister.list().map(({ metadata }) => metadata?.name)).toContain('good');
  expect(running.informer.lister.byNamespace(namespace).get('bad')).toBeUndefined();
  expect(running.reports).toEqual([
    [
      expect.objectContaining({ message: 'broken callback' }),
      { informer: 'configmaps', part: 'transform', key: 'default/bad' },
    ],
  ]);
});

test('a transform that throws on the first list names the object, and other informers sync', async () => {
  await using cluster = await Cluster.start();
  await cluster.createConfigMap('bad');
  await using informers = new SharedInformerFactory(cluster.client, { onError: () => {} });
  const informer = informers.informerFor(configMaps, { transform: broken });
  const other = informers.informerFor(configMaps, { namespace });
  informers.start();
  await other.waitForSync();
  await until('it is reported', () => informer.lastFailure !== undefined);

  const error = await errorOf(() => informers.waitForCacheSync({ timeoutMs: 1 }));

  expect(error.message).toContain('broken callback');
  expect(error.message).toContain('default/bad');
  expect(other.lister.list()).toHaveLength(1);
});

test('a transform that returns nothing is an error that says what it must return', async () => {
  await using cluster = await Cluster.start();
  // What a program in JavaScript can pass.
  const transform = (() => undefined) as never;
  await using running = await informing(cluster, () => {}, { transform });
  await running.informer.waitForSync();

  await cluster.createConfigMap('one');
  await until('it is reported', () => running.reports.length > 0);

  expect(running.reports[0]?.[0].message).toContain('"default/one"');
  expect(running.reports[0]?.[0].message).toContain('must return an object, not undefined');
});

test('an index function that throws names index and object, and the other objects arrive', async () => {
  await using cluster = await Cluster.start();
  const byTeam = (obj: ConfigMap): string[] => (obj.metadata?.name === 'bad' ? broken() : ['red']);
  await using running = await informing(cluster, (informer) => informer.addIndexers({ byTeam }));
  await running.informer.waitForSync();

  await cluster.createConfigMap('bad');
  await cluster.createConfigMap('good');
  await until(
    'the good one is there',
    () => running.informer.indexer.byIndex('byTeam', 'red').length > 0,
  );
  await until('it is reported', () => running.reports.length > 0);

  const [error, context] = running.reports[0] ?? [];
  expect(error?.message).toContain('byTeam');
  expect(error?.message).toContain('default/bad');
  expect(error?.message).toContain('broken callback');
  expect(context).toMatchObject({ part: 'store', key: 'default/bad' });
});

test('an index function that throws on the first list names index and object', async () => {
  await using cluster = await Cluster.start();
  await cluster.createConfigMap('bad');
  await using running = await informing(cluster, (informer) =>
    informer.addIndexers({ byTeam: broken }),
  );
  await until('it is reported', () => running.reports.length > 0);

  expect(running.reports[0]?.[0].message).toContain('byTeam');
  expect(running.reports[0]?.[0].message).toContain('default/bad');
  expect(running.reports[0]?.[0].message).toContain('broken callback');
});

test('an index that is added late and throws is refused, and the cache stays as it was', () => {
  const indexer = new Indexer<ConfigMap>();
  indexer.add({ metadata: { name: 'one', namespace } });

  expect(() => indexer.addIndexers({ byTeam: broken })).toThrow(
    /byTeam.*default\/one|default\/one.*byTeam/,
  );
  expect(indexer.hasIndex('byTeam')).toBe(false);
  expect(() => indexer.byIndex('byTeam', 'red')).toThrow('"byTeam"');
  expect(indexer.list()).toHaveLength(1);
});

describe('in a controller', () => {
  const builds: readonly (readonly [
    string,
    string,
    (manager: Manager, done: (name: string) => void) => void,
  ])[] = [
    [
      'a predicate that throws',
      'filtering the create event',
      (manager, done) =>
        void manager
          .controller('careful')
          .for(configMaps, { predicates: [objectPredicate<ConfigMap>(broken)] })
          .reconcile(({ name }) => done(name)),
    ],
    [
      'a map function that throws',
      'handling the create event',
      (manager, done) =>
        void manager
          .controller('careful')
          .for(configMaps)
          .watches(configMaps, broken, { namespace })
          .reconcile(({ name }) => done(name)),
    ],
    [
      'a map function that rejects',
      'handling the create event',
      (manager, done) =>
        void manager
          .controller('careful')
          .for(configMaps)
          .watches(configMaps, () => Promise.reject(new Error('broken callback')), { namespace })
          .reconcile(({ name }) => done(name)),
    ],
    [
      'an event handler that throws',
      'handling the create event',
      (manager, done) =>
        void manager
          .controller('careful')
          .for(configMaps)
          .watches(configMaps, { create: broken }, { namespace })
          .reconcile(({ name }) => done(name)),
    ],
    [
      'a map function that gives a request without a name',
      'handling the create event',
      (manager, done) =>
        void manager
          .controller('careful')
          .for(configMaps)
          .watches(configMaps, () => [{ namespace, name: '' }], { namespace })
          .reconcile(({ name }) => done(name)),
    ],
    [
      'a map function that gives something else than requests',
      'handling the create event',
      (manager, done) =>
        void manager
          .controller('careful')
          .for(configMaps)
          .watches(configMaps, () => 5 as never, { namespace })
          .reconcile(({ name }) => done(name)),
    ],
  ];
  test.each(builds)(
    '%s is reported with controller and source, and reconciles go on',
    async (_title, doing, build) => {
      await using cluster = await Cluster.start();
      const worked: string[] = [];
      const { manager } = cluster.run((made) => build(made, (name) => void worked.push(name)));
      await until('the manager works', () => manager.describe().isReady);

      await cluster.createConfigMap('one');
      await cluster.createConfigMap('two');
      await until('both are reconciled', () => new Set(worked).size === 2);
      await until('both failures are reported', () => cluster.entries('error').length >= 2);

      expect(cluster.entries('error')).toHaveLength(2);
      for (const entry of cluster.entries('error')) {
        expect(entry.message).toBe(`A predicate or event handler threw while ${doing}`);
        expect(entry.fields).toMatchObject({ controller: 'careful' });
        expect(String(entry.fields['source'])).toContain('configmaps');
      }
      expect(manager.describe().controllers[0]?.counters.handlerErrors).toBe(2);
    },
  );

  test('the report of a callback that throws names the object', async () => {
    await using cluster = await Cluster.start();
    const { manager } = cluster.run((made) => {
      made
        .controller('careful')
        .for(configMaps, { predicates: [objectPredicate<ConfigMap>(broken)] })
        .reconcile(() => {});
    });
    await until('the manager works', () => manager.describe().isReady);

    await cluster.createConfigMap('culprit');
    await until('it is reported', () => cluster.entries('error').length > 0);

    const [entry] = cluster.entries('error');
    expect(`${entry?.message} ${JSON.stringify(entry?.fields)}`).toContain('culprit');
  });

  test('a channel that throws is reported, and other sources go on', async () => {
    await using cluster = await Cluster.start();
    const worked: string[] = [];
    async function* channel(): AsyncGenerator<string> {
      yield 'one';
      await Promise.resolve();
      broken();
    }
    cluster.run((made) => {
      made
        .controller('hooked')
        .for(configMaps)
        .watchesSource(
          new ChannelSource({
            name: 'hook',
            channel: channel(),
            handler: (name: string) => [{ namespace, name }],
          }),
        )
        .reconcile(({ name }) => void worked.push(name));
    });
    await cluster.createConfigMap('two');
    await until('both are reconciled', () => worked.includes('one') && worked.includes('two'));

    expect(cluster.entries('error').map(errorText)).toEqual(['broken callback']);
    expect(cluster.entries('error')[0]?.fields).toMatchObject({
      controller: 'hooked',
      source: 'hook',
    });
  });

  test('a logger that throws becomes process warnings and stops nothing', async () => {
    await using cluster = await Cluster.start();
    const worked: string[] = [];
    const logger = { debug: broken, info: broken, warn: broken, error: broken, child: broken };
    cluster.run(
      (made) => {
        made
          .controller('mute')
          .for(configMaps)
          .reconcile(({ name }) => void worked.push(name));
      },
      { logger },
    );

    await cluster.createConfigMap('one');
    await until('it is reconciled', () => worked.includes('one'));
    await until('there are warnings', () => strays.length > 0);

    for (const warning of strays.splice(0)) expect(warning).toContain('The logger threw on');
  });

  test('a logger that rejects stops nothing and is no unhandled rejection', async () => {
    await using cluster = await Cluster.start();
    const worked: string[] = [];
    const rejects = (): never => Promise.reject(new Error('broken callback')) as never;
    const logger = {
      debug: rejects,
      info: rejects,
      warn: rejects,
      error: rejects,
      child: () => logger,
    };
    const { manager } = cluster.run(
      (made) => {
        made
          .controller('mute')
          .for(configMaps)
          .reconcile(({ name }) => void worked.push(name));
      },
      { logger },
    );
    await until('the manager works', () => manager.describe().isReady);
    await cluster.createConfigMap('one');
    await until('it is reconciled', () => worked.includes('one'));

    const unhandled = strays.filter((stray) => stray.startsWith('rejection'));
    strays.length = 0;
    expect(unhandled).toEqual([]);
  });
});
