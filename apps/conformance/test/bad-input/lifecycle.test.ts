import { ApiServer } from '@kubeloop/apiserver';
import { configMaps, KubeClient, secrets } from '@kubeloop/client';
import { SharedInformerFactory } from '@kubeloop/informer';
import { Manager } from '@kubeloop/controller';
import { describe, expect, test } from 'vitest';
import { Cluster, namespace, recordingLogger } from './running.ts';
import { errorOf, expectNoStrays, until } from './strays.ts';

expectNoStrays();

const nowhere = { server: 'https://127.0.0.1:1' };

describe('a manager', () => {
  test('refuses a second controller of one name and keeps the first', async () => {
    await using cluster = await Cluster.start();
    const worked: string[] = [];
    const { manager } = cluster.run((made) => {
      const early = made.controller('twin').for(secrets);
      made
        .controller('twin')
        .for(configMaps)
        .reconcile(({ name }) => void worked.push(name));
      expect(() => made.controller('twin')).toThrow(
        'Cannot add controller "twin" to the manager: there is one of this name; choose another name',
      );
      expect(() => early.reconcile(() => {})).toThrow('Cannot add controller "twin"');
    });

    await cluster.createConfigMap('one');
    await until('the first works', () => worked.includes('one'));

    expect(manager.describe().controllers).toHaveLength(1);
  });

  test.each([undefined, '', 5])('refuses %j as name of a controller', (name) => {
    const manager = new Manager({ kubeConfig: nowhere });

    // What a program in JavaScript can pass.
    expect(() => manager.controller(name as string)).toThrow('without a name');
  });

  test('refuses to run twice at a time, and the first run goes on', async () => {
    await using cluster = await Cluster.start();
    const worked: string[] = [];
    const { manager } = cluster.run((made) => {
      made
        .controller('copier')
        .for(configMaps)
        .reconcile(({ name }) => void worked.push(name));
    });

    const error = await errorOf(() => manager.run({ signal: new AbortController().signal }));

    expect(error.message).toBe('Cannot run the manager twice: it is running; make a new one');
    await cluster.createConfigMap('one');
    await until('the first run works', () => worked.includes('one'));
  });

  test('refuses to run again after its stop', async () => {
    await using cluster = await Cluster.start();
    const { manager, stop } = cluster.run(() => {});
    await stop();

    const error = await errorOf(() => manager.run({ signal: new AbortController().signal }));

    expect(error.message).toBe('Cannot run the manager twice: it is stopped; make a new one');
  });

  test.each([undefined, {}, { signal: 'stop' }])(
    'refuses to run with %j and starts nothing',
    async (options) => {
      await using cluster = await Cluster.start();
      const manager = new Manager({ client: cluster.client });
      manager
        .controller('copier')
        .for(configMaps)
        .reconcile(() => {});

      // What a program in JavaScript can pass.
      const error = await errorOf(() => manager.run(options as { signal: AbortSignal }));

      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toMatch(/^Cannot run the manager/);
      expect(error.message).toContain('signal');
      expect(manager.describe().state).toBe('new');
      const stop = new AbortController();
      const running = manager.run({ signal: stop.signal });
      stop.abort();
      await running;
    },
  );

  test('whose signal has aborted before starts nothing and ends at once', async () => {
    await using cluster = await Cluster.start();
    const manager = new Manager({ client: cluster.client });
    manager
      .controller('copier')
      .for(configMaps)
      .reconcile(() => expect.unreachable());
    await cluster.createConfigMap('one');

    await manager.run({ signal: AbortSignal.abort() });

    expect(manager.describe().state).toBe('stopped');
    expect(manager.describe().controllers[0]?.state).toBe('stopped');
    await until('no watch is left', () => cluster.server.openWatches === 0);
  });

  test('refuses controllers and runnables after its stop', async () => {
    await using cluster = await Cluster.start();
    const { manager, stop } = cluster.run(() => {});
    await stop();

    expect(() =>
      manager
        .controller('late')
        .for(configMaps)
        .reconcile(() => {}),
    ).toThrow('Cannot add controller "late" to the manager: it is stopped');
    expect(() => manager.add({ name: 'late', run: () => Promise.resolve() })).toThrow(
      'Cannot add runnable "late" to the manager: it is stopped',
    );
  });

  test('ends with what a runnable threw, and names it in the log', async () => {
    await using cluster = await Cluster.start();
    const manager = new Manager({ client: cluster.client, logger: recordingLogger(cluster.log) });
    manager.add({
      name: 'web server',
      run: () => {
        throw new Error('the port is taken');
      },
    });

    const error = await errorOf(() => manager.run({ signal: new AbortController().signal }));

    expect(error.message).toBe('the port is taken');
    expect(cluster.entries('error')[0]?.fields).toMatchObject({ runnable: 'web server' });
    expect(manager.describe().state).toBe('stopped');
  });

  test('refuses a runnable that cannot run', () => {
    const manager = new Manager({ kubeConfig: nowhere });

    // What a program in JavaScript can pass.
    expect(() => manager.add({ name: 'web server' } as never)).toThrow('runnable "web server"');
  });

  test('whose client is closed under it says so, and its stop ends well', async () => {
    await using cluster = await Cluster.start();
    const { manager, stop } = cluster.run((made) => {
      made
        .controller('copier')
        .for(configMaps)
        .reconcile(() => {});
    });
    await until('the manager works', () => manager.describe().isReady);

    await cluster.client.close();
    await until('the log says so', () =>
      cluster.log.some(({ fields }) => String(fields['error']).includes('is closed')),
    );

    expect(await stop()).toBeUndefined();
  });
});

describe('a builder', () => {
  const builder = (): ReturnType<Manager['controller']> =>
    new Manager({ kubeConfig: nowhere }).controller('copier');

  test('refuses to be for two kinds', () => {
    expect(() => builder().for(configMaps).for(secrets)).toThrow(
      'Cannot add for("secrets") to controller "copier": it is for "configmaps" already; use owns or watches',
    );
  });

  test('refuses to be for nothing', () => {
    expect(() => builder().reconcile(() => {})).toThrow(
      'Cannot build controller "copier": it is for nothing; call for(resource) once',
    );
  });

  test('refuses to be changed or built again after it is built', () => {
    const built = builder().for(configMaps);
    built.reconcile(() => {});

    for (const change of [
      () => built.owns(secrets),
      () => built.withOptions({}),
      () => built.reconcile(() => {}),
    ])
      expect(change).toThrow('Cannot change controller "copier": it is built already');
  });

  test('refuses a map function that is none', () => {
    // What a program in JavaScript can pass.
    expect(() => builder().watches(secrets, 'owner' as never)).toThrow(
      'Cannot use owner as the map function of "secrets": it must be a function',
    );
  });

  test('refuses a predicate that is none', () => {
    // What a program in JavaScript can pass: most often the function itself.
    const predicates = [() => true] as never;

    expect(() => builder().for(configMaps, { predicates })).toThrow('predicate');
  });

  test('refuses a source that is none', () => {
    // What a program in JavaScript can pass.
    expect(() => builder().watchesSource({} as never)).toThrow('source');
  });

  test('refuses a rate limiter that is none', () => {
    // What a program in JavaScript can pass.
    expect(() => builder().withOptions({ rateLimiter: {} as never })).toThrow('rateLimiter');
  });
});

describe('a controller', () => {
  test('refuses requests before its start', () => {
    const controller = new Manager({ kubeConfig: nowhere })
      .controller('copier')
      .for(configMaps)
      .reconcile(() => {});

    expect(() => controller.enqueue({ namespace, name: 'one' })).toThrow(
      'Cannot enqueue "default/one" in controller "copier": it has not started',
    );
  });

  test('refuses requests without a name, and ignores requests after its stop', async () => {
    await using cluster = await Cluster.start();
    const { manager, stop } = cluster.run(() => {});
    const controller = manager
      .controller('copier')
      .for(configMaps)
      .reconcile(() => {});
    await until('it works', () => controller.state === 'running');

    expect(() => controller.enqueue({ namespace, name: '' })).toThrow('needs a namespace');
    await stop();

    await controller.enqueue({ namespace, name: 'one' });
    expect(controller.describe()).toMatchObject({ state: 'stopped', queued: 0 });
  });
});

describe('an informer', () => {
  test('refuses handlers after its stop, and keeps its cache', async () => {
    await using cluster = await Cluster.start();
    await cluster.createConfigMap('one');
    const informers = new SharedInformerFactory(cluster.client);
    const informer = informers.informerFor(configMaps);
    informers.start();
    await informer.waitForSync();
    await informers.shutdown();

    expect(() => informer.addEventHandler({ add: () => {} })).toThrow(
      'Cannot add a handler to informer "configmaps": it is stopped; add it before or while the informer runs',
    );
    expect(informer.lister.list()).toHaveLength(1);
  });

  test.each([undefined, null, () => {}, { add: 5 }])('refuses %o as handler', (handler) => {
    const informer = new SharedInformerFactory(new KubeClient(nowhere)).informerFor(configMaps);

    // What a program in JavaScript can pass.
    expect(() => informer.addEventHandler(handler as never)).toThrow('Cannot add a handler');
  });

  test('refuses to run twice at a time, and the first run goes on', async () => {
    await using cluster = await Cluster.start();
    await using informers = new SharedInformerFactory(cluster.client);
    const informer = informers.informerFor(configMaps);
    informers.start();

    const error = await errorOf(() => informer.run({ signal: new AbortController().signal }));

    expect(error.message).toBe('Cannot run informer "configmaps": it runs already');
    await informer.waitForSync();
  });

  test.each([undefined, {}])('refuses to run with %j and can be run later', async (options) => {
    await using cluster = await Cluster.start();
    const informer = new SharedInformerFactory(cluster.client).informerFor(configMaps);

    // What a program in JavaScript can pass.
    const error = await errorOf(() => informer.run(options as { signal: AbortSignal }));

    expect(error.message).toContain('Cannot run informer "configmaps"');
    expect(error.message).toContain('signal');
    expect(informer.isRunning).toBe(false);
    await informer.run({ signal: AbortSignal.abort() });
  });

  test('whose signal has aborted before ends at once, and those who wait are told', async () => {
    await using cluster = await Cluster.start();
    await using informers = new SharedInformerFactory(cluster.client);
    const informer = informers.informerFor(configMaps);
    const registration = informer.addEventHandler({ add: () => {} });
    const waiting = Promise.all([
      errorOf(() => informer.waitForSync()),
      errorOf(() => registration.synced()),
    ]);

    await informer.run({ signal: AbortSignal.abort() });

    for (const { message } of await waiting) expect(message).toContain('"configmaps"');
    expect(informer.isStopped).toBe(true);
  });

  test('that is stopped while others wait for it tells them', async () => {
    await using cluster = await Cluster.start();
    cluster.deny.push({});
    const informers = new SharedInformerFactory(cluster.client, { onError: () => {} });
    const informer = informers.informerFor(configMaps);
    informers.start();
    const waiting = errorOf(() => informers.waitForCacheSync());
    await until('it has failed', () => informer.lastFailure !== undefined);

    await informers.shutdown();

    expect((await waiting).message).toContain('"configmaps" (stopped, forbidden');
  });

  test('is not started by a factory that is shut down', async () => {
    await using cluster = await Cluster.start();
    const informers = new SharedInformerFactory(cluster.client);
    informers.informerFor(configMaps);
    await informers.shutdown();

    expect(() => informers.start()).toThrow('Cannot start informers: the factory is shut down');
    await informers.shutdown();
  });

  test('is not waited for when nothing was started', async () => {
    await using cluster = await Cluster.start();
    await using informers = new SharedInformerFactory(cluster.client);
    informers.informerFor(configMaps);

    const error = await errorOf(() => informers.waitForCacheSync());

    expect(error.message).toContain('nothing is started; call start() first');
  });

  test.each([Number.NaN, -1, Infinity])('refuses a period of %d ms by name', async (bad) => {
    await using cluster = await Cluster.start();
    await using informers = new SharedInformerFactory(cluster.client);
    const informer = informers.informerFor(configMaps);

    expect(() => informer.addEventHandler({}, { resyncPeriodMs: bad })).toThrow('resyncPeriodMs');
    expect(() => informers.informerFor(secrets, { resyncPeriodMs: bad })).toThrow('resyncPeriodMs');
    expect(() => new SharedInformerFactory(cluster.client, { resyncPeriodMs: bad })).toThrow(
      'resyncPeriodMs',
    );
    informers.start();
    const error = await errorOf(() => informers.waitForCacheSync({ timeoutMs: bad }));
    expect(error.message).toContain('timeoutMs');
  });
});

describe('a client', () => {
  test('that is closed refuses calls by name, and may be closed again', async () => {
    const client = new KubeClient(nowhere);
    await client.close();
    await client.close();

    const error = await errorOf(() => client.resource(configMaps).list());

    expect(error.message).toBe(
      'Cannot list configmaps: the client of server https://127.0.0.1:1 is closed',
    );
  });

  test('rejects a call whose signal has aborted before with its reason, and sends nothing', async () => {
    await using cluster = await Cluster.start();
    const signal = AbortSignal.abort(new Error('changed my mind'));
    const before = cluster.server.resourceVersion;
    const maps = cluster.client.resource(configMaps).namespace(namespace);

    const errors = await Promise.all([
      errorOf(() => maps.create({ metadata: { name: 'one' } }, { signal })),
      errorOf(() => maps.list({ signal })),
      errorOf(() => maps.watch({ signal })[Symbol.asyncIterator]().next()),
    ]);

    expect(errors.map(({ message }) => message)).toEqual(Array(3).fill('changed my mind'));
    expect(cluster.server.resourceVersion).toBe(before);
  });

  test('names an object that cannot be sent', async () => {
    await using cluster = await Cluster.start();
    const maps = cluster.client.resource(configMaps).namespace(namespace);
    // What a program in JavaScript can pass: JSON has no such numbers.
    const data = { count: 1n } as never;

    const error = await errorOf(() => maps.create({ metadata: { name: 'one' }, data }));

    expect(error.message).toContain('Cannot create configmaps "one"');
  });

  test.each(['', 'a/b', '..', undefined])('refuses %j as name of an object', async (name) => {
    await using cluster = await Cluster.start();
    const maps = cluster.client.resource(configMaps).namespace(namespace);

    // What a program in JavaScript can pass.
    const error = await errorOf(() => maps.get(name as string));

    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toContain('as name');
  });

  test('refuses to read one object of a kind in namespaces without one', async () => {
    const client = new KubeClient(nowhere);

    const error = await errorOf(() => client.resource(configMaps).get('one'));

    expect(error.message).toContain('choose one with namespace(name)');
  });
});

describe('an API server for tests', () => {
  test('refuses to start twice', async () => {
    await using server = new ApiServer();
    await server.start();

    const error = await errorOf(() => server.start());

    expect(error.message).toContain('Cannot start the API server: it is already started');
  });

  test('names the port that is taken', async () => {
    await using first = new ApiServer();
    await first.start();
    const port = Number(new URL(first.url).port);
    await using second = new ApiServer({ port });

    const error = await errorOf(() => second.start());

    expect(error.message).toContain(String(port));
  });

  test('has no URL before its start and says what to do', () => {
    expect(() => new ApiServer().url).toThrow('await start() first');
  });
});
