import { setTimeout } from 'node:timers/promises';
import { configMaps, KubeClient, pods, services } from '@kubeloop/client';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { describe, expect, test, vi } from 'vitest';
import type { ManagerOptions } from '../src/manager-options.ts';
import { Manager } from '../src/manager.ts';
import { requestKey } from '../src/request.ts';
import { forbidden, MemoryClient } from './support/memory-client.ts';
import { recordingLogger } from './support/recording-logger.ts';

interface Rig {
  readonly manager: Manager;
  readonly client: MemoryClient;
  readonly clock: FakeClock;
  readonly log: ReturnType<typeof recordingLogger>;
  readonly stop: AbortController;
  readonly run: () => Promise<void>;
}

function rig(options: Partial<ManagerOptions> = {}): Rig {
  const client = new MemoryClient();
  const clock = new FakeClock();
  const log = recordingLogger();
  const manager = new Manager({ client: client.asClient, clock, logger: log.logger, ...options });
  const stop = new AbortController();
  return { manager, client, clock, log, stop, run: () => manager.run({ signal: stop.signal }) };
}

describe('run', () => {
  test('controllers reconcile what is there and what comes, and after the stop nothing is left', async () => {
    const { manager, client, clock, stop, run } = rig();
    const seen: string[] = [];
    client.resource(pods).add('a');
    manager
      .controller('pods')
      .for(pods)
      .reconcile((request) => void seen.push(requestKey(request)));

    const ended = run();
    await clock.stepAsync(10);
    client.resource(pods).add('b');
    await clock.stepAsync(10);

    expect(seen).toEqual(['ns/a', 'ns/b']);
    expect(manager.describe()).toMatchObject({ state: 'running', isReady: true });
    stop.abort();
    await ended;
    expect(clock.pending).toBe(0);
    expect(client.resource(pods).openWatches).toBe(0);
    expect(manager.describe()).toMatchObject({
      state: 'stopped',
      isReady: false,
      notReady: ['The manager is stopped', 'Controller "pods" is stopped'],
    });
  });

  test('a second run is refused', async () => {
    const { stop, run } = rig();
    const ended = run();

    await expect(run()).rejects.toThrow(
      'Cannot run the manager twice: it is running; make a new one',
    );

    stop.abort();
    await ended;
    await expect(run()).rejects.toThrow('it is stopped');
  });

  test('a signal that has aborted already stops it at once', async () => {
    const { manager, stop, run } = rig();
    manager
      .controller('pods')
      .for(pods)
      .reconcile(() => {});
    stop.abort();

    await run();

    expect(manager.describe().controllers).toMatchObject([{ state: 'stopped' }]);
  });

  test('a controller that is added while it runs starts at once', async () => {
    const { manager, client, clock, stop, run } = rig();
    const seen: string[] = [];
    client.resource(services).add('late');
    const ended = run();
    await clock.settle();

    manager
      .controller('services')
      .for(services)
      .reconcile(({ name }) => void seen.push(name));
    await clock.stepAsync(10);

    expect(seen).toEqual(['late']);
    stop.abort();
    await ended;
  });

  test('nothing can be added after the stop', async () => {
    const { manager, stop, run } = rig();
    stop.abort();
    await run();

    expect(() =>
      manager
        .controller('late')
        .for(pods)
        .reconcile(() => {}),
    ).toThrow('Cannot add controller "late" to the manager: it is stopped');
    expect(() => manager.add({ run: () => Promise.resolve() })).toThrow('it is stopped');
  });
});

describe('a controller whose source cannot sync', () => {
  test('it waits and is reported, the others work, and it joins when it can', async () => {
    const { manager, client, clock, log, stop, run } = rig({ cacheSyncTimeoutMs: 1000 });
    const seen: string[] = [];
    client.resource(pods).error = forbidden();
    client.resource(pods).add('pod');
    client.resource(services).add('service');
    manager
      .controller('pods')
      .for(pods)
      .reconcile(({ name }) => void seen.push(name));
    manager
      .controller('services')
      .for(services)
      .reconcile(({ name }) => void seen.push(name));

    const ended = run();
    await clock.stepAsync(1500);

    expect(seen).toEqual(['service']);
    expect(manager.describe()).toMatchObject({
      isReady: false,
      controllers: [
        {
          name: 'pods',
          state: 'waiting',
          sources: [{ name: 'for pods', isSynced: false, lastError: { code: 403 } }],
        },
        { name: 'services', state: 'running', sources: [{ isSynced: true, lastError: undefined }] },
      ],
    });
    const report = log.entries.find(({ level }) => level === 'error');
    expect(report).toMatchObject({
      message: 'The controller still waits for its sources and does not work yet',
      fields: { controller: 'pods', waitedMs: 1000, missing: ['for pods: not allowed'] },
    });

    client.resource(pods).error = undefined;
    await clock.stepAsync(120_000);

    expect(seen).toEqual(['service', 'pod']);
    expect(manager.describe().isReady).toBe(true);
    stop.abort();
    await ended;
    expect(clock.pending).toBe(0);
  });

  test('its informer tries again when the backoff of the manager says so', async () => {
    let failures = 0;
    const backoff = { next: () => (failures += 1) * 70 };
    const { manager, client, clock, stop, run } = rig({ reflector: { backoff } });
    client.resource(pods).error = forbidden();
    manager
      .controller('pods')
      .for(pods)
      .reconcile(() => {});

    const ended = run();
    await clock.stepAsync(69);
    const before = failures;
    await clock.stepAsync(1);

    expect([before, failures]).toEqual([1, 2]);
    stop.abort();
    await ended;
    expect(clock.pending).toBe(0);
  });

  test('the failures of its informer are reported as they happen', async () => {
    const { manager, client, clock, log, stop, run } = rig();
    client.resource(pods).error = forbidden();
    manager
      .controller('pods')
      .for(pods)
      .reconcile(() => {});

    const ended = run();
    await clock.stepAsync(100);

    expect(log.messages('warn')[0]).toContain('An informer failed and goes on');
    expect(manager.describe()).toMatchObject({
      isReady: false,
      notReady: ['Controller "pods" waits for source "for pods": not allowed'],
    });
    stop.abort();
    await ended;
  });
});

describe('names and settings', () => {
  test('a name can be used once', () => {
    const { manager } = rig();
    manager
      .controller('pods')
      .for(pods)
      .reconcile(() => {});

    expect(() => manager.controller('pods')).toThrow(
      'Cannot add controller "pods" to the manager: there is one of this name; choose another name',
    );
    expect(() => manager.controller('')).toThrow(TypeError);
  });

  test('of two builders of one name the second to end is refused', () => {
    const { manager } = rig();
    const [first, second] = [
      manager.controller('pods').for(pods),
      manager.controller('pods').for(pods),
    ];
    first.reconcile(() => {});

    expect(() => second.reconcile(() => {})).toThrow('there is one of this name');
  });

  test('settings of a controller win over those of the manager, and those over the defaults', async () => {
    const { manager, client, clock, stop, run } = rig({
      controllers: { maxConcurrentReconciles: 2 },
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    for (const resource of [pods, services])
      for (const name of ['a', 'b', 'c', 'd']) client.resource(resource).add(name);
    const usual = manager
      .controller('usual')
      .for(pods)
      .reconcile(() => promise);
    const own = manager
      .controller('own')
      .for(services)
      .withOptions({ maxConcurrentReconciles: 3 })
      .reconcile(() => promise);

    const ended = run();
    await clock.stepAsync(10);

    expect([usual.activeWorkers, own.activeWorkers]).toEqual([2, 3]);
    stop.abort();
    resolve();
    await ended;
  });

  test('a name cannot run in two managers at the same time, and is free again after the stop', async () => {
    const [first, second, third] = [rig(), rig(), rig()];
    for (const { manager } of [first, second, third])
      for (const name of ['a', 'b'])
        manager
          .controller(manager === second.manager && name === 'a' ? 'other' : name)
          .for(pods)
          .reconcile(() => {});
    const ended = first.run();

    await expect(second.run()).rejects.toThrow(
      'Cannot run controller "b": one of this name runs in another manager of this process; choose another name, or set skipNameValidation',
    );
    expect(second.manager.describe().state).toBe('new');
    first.stop.abort();
    await ended;
    const again = [second.run(), third.run().catch((error: unknown) => String(error))];
    second.stop.abort();

    expect(await Promise.all(again)).toEqual([
      undefined,
      expect.stringContaining('controller "b"'),
    ]);
  });

  test('a name that runs elsewhere is refused while the manager runs, and can be used all the same where that is asked for', async () => {
    const [first, second, third] = [
      rig(),
      rig(),
      rig({ controllers: { skipNameValidation: true } }),
    ];
    const add = ({ manager }: Rig, skipNameValidation?: boolean): unknown =>
      manager
        .controller('a')
        .for(pods)
        .withOptions({ skipNameValidation })
        .reconcile(() => {});
    add(first);
    const ended = [first.run(), second.run(), third.run()];

    expect(() => add(second)).toThrow('one of this name runs in another manager');
    add(second, true);
    add(third);

    for (const { stop } of [first, second, third]) stop.abort();
    await Promise.all(ended);
  });

  test('controllers share informers', () => {
    const { manager } = rig();

    expect(manager.informerFor(pods)).toBe(manager.informerFor(pods));
    expect(manager.informerFor(pods, { labelSelector: 'a=b' })).not.toBe(manager.informerFor(pods));
  });
});

describe('runnables', () => {
  test('they run from the start to the stop, and end after the controllers', async () => {
    const { manager, clock, stop, run } = rig();
    const order: string[] = [];
    manager.add({
      name: 'server',
      run: async ({ signal }) => {
        order.push('runnable starts');
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        order.push('runnable ends');
      },
    });
    const controller = manager
      .controller('pods')
      .for(pods)
      .reconcile(async () => {
        await new Promise((resolve) => setImmediate(resolve));
        order.push('reconcile ends');
      });

    const ended = run();
    await clock.stepAsync(10);
    await controller.enqueue({ namespace: '', name: 'a' });
    await Promise.resolve();
    stop.abort();
    await ended;

    expect(order).toEqual(['runnable starts', 'reconcile ends', 'runnable ends']);
  });

  test('one that fails stops the manager, and run rejects with its error', async () => {
    const { manager, clock, run } = rig();
    const error = new Error('port in use');
    manager
      .controller('pods')
      .for(pods)
      .reconcile(() => {});
    manager.add({ name: 'server', run: () => Promise.reject(error) });

    await expect(run()).rejects.toBe(error);

    expect(manager.describe().state).toBe('stopped');
    expect(clock.pending).toBe(0);
  });

  test('one that ends early stops nothing', async () => {
    const { manager, clock, stop, run } = rig();
    manager.add({ run: () => Promise.resolve() });

    const ended = run();
    await clock.settle();

    expect(manager.describe().state).toBe('running');
    stop.abort();
    await ended;
  });

  test('one that ends by the abort of its signal is no failure, one that fails at the stop is', async () => {
    const [calm, loud] = [rig(), rig()];
    const wait = async (signal: AbortSignal): Promise<void> => {
      await setTimeout(1_000_000, undefined, { signal });
    };
    calm.manager.add({ run: ({ signal }) => wait(signal) });
    loud.manager.add({
      run: async ({ signal }) => {
        await wait(signal).catch(() => undefined);
        throw new DOMException('lost', 'AbortError');
      },
    });

    const ended = [calm.run(), loud.run().catch(String)];
    calm.stop.abort();
    loud.stop.abort();

    expect(await Promise.all(ended)).toEqual([undefined, 'AbortError: lost']);
  });

  test('one that is added while the manager runs starts at once', async () => {
    const { manager, clock, stop, run } = rig();
    const ended = run();
    let isStarted = false;

    manager.add({
      run: async () => {
        isStarted = true;
        await Promise.resolve();
      },
    });
    await clock.settle();

    expect(isStarted).toBe(true);
    stop.abort();
    await ended;
  });

  test('one that does not end makes run reject and is named', async () => {
    const { manager, clock, stop, run } = rig({ gracefulShutdownTimeoutMs: 100 });
    manager.add({ name: 'stuck', run: () => new Promise(() => {}) });
    const failure = run().catch((error: unknown) => error);
    await clock.settle();

    stop.abort();
    await clock.stepAsync(60_000);

    expect(await failure).toMatchObject({ message: 'Cannot stop the manager: stuck does not end' });
  });
});

describe('the client', () => {
  test('one that was given stays open', async () => {
    const { client, stop, run } = rig();
    stop.abort();

    await run();

    expect(client.isClosed).toBe(false);
  });

  test('one that was made is closed', async () => {
    const close = vi.spyOn(KubeClient.prototype, 'close');
    const manager = new Manager({
      kubeConfig: { server: 'http://127.0.0.1:1', skipTLSVerify: true },
    });

    await manager.run({ signal: AbortSignal.abort() });

    expect(close).toHaveBeenCalledTimes(1);
    close.mockRestore();
  });

  test('there must be exactly one way to it', () => {
    const client = new MemoryClient().asClient;

    expect(() => new Manager({})).toThrow('it needs a client or a kubeConfig');
    expect(
      () => new Manager({ client, kubeConfig: { server: 'http://x', skipTLSVerify: true } }),
    ).toThrow('not both');
  });

  test.each([
    { cacheSyncTimeoutMs: -1 },
    { gracefulShutdownTimeoutMs: Number.NaN },
    { controllers: { maxConcurrentReconciles: 0 } },
  ])('the options %j are refused', (options) => {
    expect(() => rig(options)).toThrow(RangeError);
  });
});

test('controllers of one kind with different informers do not disturb each other', async () => {
  const { manager, client, clock, stop, run } = rig();
  const seen: string[] = [];
  client.resource(configMaps).add('a');
  for (const name of ['one', 'two'])
    manager
      .controller(name)
      .for(configMaps)
      .reconcile((request) => {
        seen.push(`${name} ${request.name}`);
      });

  const ended = run();
  await clock.stepAsync(10);

  expect(seen.sort()).toEqual(['one a', 'two a']);
  stop.abort();
  await ended;
});
