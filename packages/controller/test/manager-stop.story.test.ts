import { configMaps, pods } from '@kubeloop/client';
import { describe, expect, test } from 'vitest';
import type { Runnable } from '../src/manager-options.ts';
import type { ElectionRig } from './support/election-rig.ts';
import { electionRig, runnable } from './support/election-rig.ts';

/** Server, runnables and a controller that say when they start and end. */
function everything(rig: ElectionRig): void {
  const { manager, client, log } = rig;
  client.resource(pods).add('a');
  manager.add(runnable(log, 'leader runnable'));
  manager.add(runnable(log, 'runnable', false));
  manager.add({ ...runnable(log, 'server'), isServer: true });
  manager
    .controller('pods')
    .for(pods)
    .reconcile(async () => {
      log.push('reconcile');
      await new Promise((resolve) => setImmediate(resolve));
    });
}

describe('the order', () => {
  test('servers start before all else, then what needs no leadership, then the rest; it ends backwards', async () => {
    const rig = electionRig();
    const { log, clock, client } = rig;
    everything(rig);

    const ended = rig.run();
    const begun = [...log];
    await clock.stepAsync(10);
    rig.election.win();
    await clock.stepAsync(10);
    rig.stop();
    await ended;

    expect(begun[0]).toBe('server starts');
    expect(log).toEqual([
      'server starts',
      'runnable starts',
      'entered',
      'won',
      'leader runnable starts',
      'reconcile',
      'leader runnable ends',
      'released',
      'runnable ends',
      'server ends',
    ]);
    expect(client.resource(pods).openWatches).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test('a server ends after the last connection of the caches', async () => {
    const { manager, client, run, stop, clock } = electionRig({ leaderElection: undefined });
    let watches: number | undefined;
    manager.add({
      isServer: true,
      run: async ({ signal }) => {
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        watches = client.resource(pods).openWatches;
      },
    });
    manager.informerFor(pods);
    const ended = run();
    await clock.stepAsync(10);
    expect(client.resource(pods).openWatches).toBe(1);

    stop();
    await ended;

    expect(watches).toBe(0);
  });

  test('nothing starts before a server that can be waited for can be reached', async () => {
    const rig = electionRig({ leaderElection: undefined });
    const { log, clock, manager, client } = rig;
    const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
    everything(rig);
    manager.add({ ...runnable(log, 'slow server'), isServer: true, listening: () => reached });
    const ended = rig.run();
    await clock.stepAsync(10);
    manager.informerFor(configMaps);
    manager
      .controller('late')
      .for(configMaps)
      .reconcile(() => {});
    await clock.stepAsync(10);
    expect(log).toEqual(['server starts', 'slow server starts']);
    expect(client.resource(pods).openWatches).toBe(0);

    reach();
    await clock.stepAsync(10);
    expect(log).toContain('reconcile');
    expect(manager.describe().controllers.map(({ state }) => state)).toEqual([
      'running',
      'running',
    ]);
    rig.stop();
    await ended;
    expect(log.slice(-2).toSorted()).toEqual(['server ends', 'slow server ends']);
  });

  test('nothing starts when the manager is stopped before a server can be reached', async () => {
    const rig = electionRig();
    const { log, clock, manager } = rig;
    everything(rig);
    const listening = (): Promise<void> => new Promise(() => {});
    manager.add({ ...runnable(log, 'slow server'), isServer: true, listening });
    const ended = rig.run();
    await clock.stepAsync(10);
    rig.stop();
    await ended;

    expect(log).toEqual(['server starts', 'slow server starts', 'server ends', 'slow server ends']);
    expect(clock.pending).toBe(0);
  });

  test('nothing starts when a server cannot be reached, and its failure is told once', async () => {
    const rig = electionRig();
    const { log, clock, manager, logger } = rig;
    everything(rig);
    const taken = new Error('listen EADDRINUSE');
    const { promise: tried, reject } = Promise.withResolvers<void>();
    const run = async (): Promise<void> => {
      reject(taken);
      await tried;
    };
    manager.add({ name: 'web', isServer: true, listening: () => tried, run });
    const ended = rig.run().catch((error: unknown) => error);
    await clock.stepAsync(10);

    expect(await ended).toBe(taken);
    expect(log).toEqual(['server starts', 'server ends']);
    expect(logger.messages('error')).toEqual([
      'A runnable failed and the manager stops: listen EADDRINUSE',
    ]);
  });

  test('a server that needs the leadership is none', () => {
    const { manager } = electionRig();

    expect(() => manager.add({ ...runnable([], 'web', true), isServer: true })).toThrow(
      'Cannot use runnable "web": a server starts before the leader election',
    );
    // What a program in JavaScript can pass.
    const isServer = 'yes' as unknown as boolean;
    expect(() => manager.add({ ...runnable([], 'web'), isServer })).toThrow(TypeError);
  });
});

describe('a runnable that throws', () => {
  const failing = (how: Runnable['run']): Runnable => ({ name: 'uploader', run: how });

  test.each([
    ['at once', failing(() => Promise.reject(new Error('no disk')))],
    [
      'without a promise',
      failing(() => {
        throw new Error('no disk');
      }),
    ],
  ])('%s is named, and all the others end in order', async (_how, broken) => {
    const rig = electionRig();
    const { log, clock, logger } = rig;
    everything(rig);
    rig.manager.add(broken);
    const ended = rig.run().catch((error: unknown) => error);
    await clock.stepAsync(10);

    rig.election.win();
    await clock.stepAsync(10);

    expect(await ended).toMatchObject({ message: 'no disk' });
    expect(log.slice(-4)).toEqual([
      'leader runnable ends',
      'released',
      'runnable ends',
      'server ends',
    ]);
    expect(logger.entries).toContainEqual({
      level: 'error',
      message: 'A runnable failed and the manager stops',
      fields: { runnable: 'uploader', error: expect.any(Error) as Error },
    });
  });
});

describe('the deadline of the stop', () => {
  test('is one for all: several that do not end cost no more than the slowest, and each is named', async () => {
    const { manager, clock, run, stop } = electionRig({
      leaderElection: undefined,
      gracefulShutdownTimeoutMs: 10_000,
    });
    const stuck = (name: string, more: Partial<Runnable>): void =>
      manager.add({ name, run: () => new Promise(() => {}), ...more });
    stuck('first', {});
    stuck('second', { needsLeaderElection: false });
    stuck('third', { isServer: true });
    const ended = run().catch((error: unknown) => error);
    await clock.stepAsync(10);
    const startedAt = clock.now();

    stop();
    await clock.stepAsync(17_000);

    expect(await ended).toMatchObject({
      errors: ['first', 'second', 'third'].map((name) => ({
        message: `Cannot stop the manager: ${name} does not end`,
      })),
    });
    expect(clock.now() - startedAt).toBe(17_000);
    expect(clock.pending).toBe(0);
  });

  test('is thirty seconds and a few more unless it is said', async () => {
    const { manager, clock, run, stop } = electionRig({ leaderElection: undefined });
    manager.add({ name: 'stuck', run: () => new Promise(() => {}) });
    let isEnded = false;
    const ended = run()
      .catch(() => undefined)
      .finally(() => (isEnded = true));
    await clock.stepAsync(10);

    stop();
    await clock.stepAsync(34_999);
    const before = isEnded;
    await clock.stepAsync(1);
    await ended;

    expect([before, isEnded]).toEqual([false, true]);
  });
});
