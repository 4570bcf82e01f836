import { configMaps, pods, services } from '@kubeloop/client';
import { describe, expect, test } from 'vitest';
import { electionRig, runnable, slowController } from './support/election-rig.ts';
import { forbidden } from './support/memory-client.ts';

describe('the start', () => {
  test('a controller works when the manager leads, and at once when it needs no leader election', async () => {
    const { manager, client, clock, election, log, run, stop } = electionRig();
    for (const resource of [pods, services]) client.resource(resource).add(resource.plural);
    manager
      .controller('leader')
      .for(pods)
      .reconcile(({ name }) => void log.push(name));
    manager
      .controller('everywhere')
      .for(services)
      .withOptions({ needsLeaderElection: false })
      .reconcile(({ name }) => void log.push(name));

    const ended = run();
    await clock.stepAsync(10);
    expect(log).toEqual(['entered', 'services']);
    election.win();
    await clock.stepAsync(10);

    expect(log).toEqual(['entered', 'services', 'won', 'pods']);
    stop();
    await ended;
    expect(clock.pending).toBe(0);
  });

  test('the caches are filled before the manager leads, with warm-up or without', async () => {
    const { manager, client, clock, run, stop } = electionRig();
    client.resource(pods).add('a');
    manager
      .controller('leader')
      .for(pods)
      .reconcile(() => {});

    const ended = run();
    await clock.stepAsync(10);

    expect(manager.informerFor(pods).lister.list()).toHaveLength(1);
    expect(manager.describe().controllers).toMatchObject([{ state: 'standby', queued: 0 }]);
    stop();
    await ended;
  });

  test('with warm-up the queue is filled before the manager leads, as the manager or the controller says', async () => {
    const { manager, client, clock, election, log, run, stop } = electionRig({
      controllers: { warmup: true },
    });
    for (const resource of [pods, services]) client.resource(resource).add('a');
    manager
      .controller('usual')
      .for(pods)
      .reconcile(() => void log.push('usual'));
    manager
      .controller('own')
      .for(services)
      .withOptions({ warmup: false })
      .reconcile(() => void log.push('own'));

    const ended = run();
    await clock.stepAsync(10);
    const queued = manager.describe().controllers.map((each) => each.queued);
    election.win();
    await clock.stepAsync(10);

    expect(queued).toEqual([1, 0]);
    expect(log.toSorted()).toEqual(['entered', 'own', 'usual', 'won']);
    stop();
    await ended;
  });

  test('the manager takes part in the election when its controllers are warm', async () => {
    const { manager, client, clock, log, run, stop } = electionRig({
      controllers: { warmup: true },
    });
    client.resource(pods).error = forbidden();
    manager
      .controller('pods')
      .for(pods)
      .reconcile(() => {});

    const ended = run();
    await clock.stepAsync(100);
    expect(log).toEqual([]);
    client.resource(pods).error = undefined;
    await clock.stepAsync(60_000);

    expect(log).toEqual(['entered']);
    stop();
    await ended;
  });

  test('a controller that does not get warm in time keeps the manager from nothing', async () => {
    const { manager, client, clock, logger, log, run, stop } = electionRig({
      controllers: { warmup: true },
      cacheSyncTimeoutMs: 1000,
    });
    client.resource(pods).error = forbidden();
    manager
      .controller('pods')
      .for(pods)
      .reconcile(() => {});

    const ended = run();
    await clock.stepAsync(1000);

    expect(log).toEqual(['entered']);
    expect(logger.messages('warn')).toContain(
      'The manager takes part in the leader election before all controllers are warm',
    );
    stop();
    await ended;
    expect(clock.pending).toBe(0);
  });

  test('runnables start when the manager leads, and at once when they need no leader election', async () => {
    const { manager, clock, election, log, run, stop } = electionRig();
    manager.add(runnable(log, 'janitor'));
    manager.add(runnable(log, 'server', false));

    const ended = run();
    await clock.settle();
    manager.add(runnable(log, 'late janitor'));
    await clock.settle();
    election.win();
    manager.add(runnable(log, 'later janitor'));
    await clock.settle();

    expect(log).toEqual([
      'server starts',
      'entered',
      'won',
      'janitor starts',
      'late janitor starts',
      'later janitor starts',
    ]);
    stop();
    await ended;
  });

  test('without an election everything works at once', async () => {
    const { manager, client, clock, log, run, stop } = electionRig({ leaderElection: undefined });
    client.resource(pods).add('a');
    manager.add(runnable(log, 'janitor'));
    manager
      .controller('pods')
      .for(pods)
      .withOptions({ warmup: true })
      .reconcile(({ name }) => void log.push(name));

    const ended = run();
    await clock.stepAsync(10);

    expect(log).toEqual(['janitor starts', 'a']);
    expect(manager.describe()).toMatchObject({ leadership: 'none', isReady: true });
    stop();
    await ended;
  });
});

describe('what it says of itself', () => {
  test('it waits, leads and has given the leadership away, and is ready while it waits', async () => {
    const { manager, client, clock, election, run, stop } = electionRig();
    client.resource(pods).add('a');
    manager
      .controller('pods')
      .for(pods)
      .reconcile(() => {});

    const ended = run();
    await clock.stepAsync(10);
    expect(manager.describe()).toMatchObject({
      leadership: 'waiting',
      isReady: true,
      controllers: [{ state: 'standby' }],
    });
    election.win();
    await clock.stepAsync(10);
    expect(manager.describe()).toMatchObject({
      leadership: 'leading',
      isReady: true,
      controllers: [{ state: 'running' }],
    });
    stop();
    await ended;

    expect(manager.describe()).toMatchObject({ leadership: 'released', isReady: false });
  });

  test('one whose controller is to be warm and is not is not ready, and says why', async () => {
    const { manager, client, clock, run, stop } = electionRig();
    client.resource(pods).error = forbidden();
    manager
      .controller('pods')
      .for(pods)
      .withOptions({ warmup: true })
      .reconcile(() => {});

    const ended = run();
    await clock.stepAsync(10);

    expect(manager.describe()).toMatchObject({
      leadership: 'waiting',
      isReady: false,
      notReady: ['Controller "pods" waits for source "for pods": not allowed'],
    });
    stop();
    await ended;
  });
});

describe('the stop', () => {
  test('no more keys are handed out, what runs ends, runnables end, and then the leadership is given away', async () => {
    const all = electionRig();
    const { manager, clock, election, log, run, stop } = all;
    const gate = slowController(all);
    manager.add(runnable(log, 'janitor'));
    manager.add(runnable(log, 'server', false));
    const ended = run();
    await clock.settle();
    election.win();
    await clock.stepAsync(10);
    log.length = 0;

    stop();
    await clock.stepAsync(100);
    expect(log).toEqual([]);
    gate.resolve();
    await ended;

    expect(log).toEqual(['a ends', 'janitor ends', 'released', 'server ends']);
    expect(clock.pending).toBe(0);
  });

  test('what runs for too long is aborted before the leadership is given away', async () => {
    const all = electionRig({ gracefulShutdownTimeoutMs: 200 });
    const { clock, election, log, run, stop } = all;
    slowController(all);
    const ended = run();
    await clock.settle();
    election.win();
    await clock.stepAsync(10);
    log.length = 0;

    stop();
    await clock.stepAsync(200);
    await ended;

    expect(log).toEqual(['a is aborted', 'a ends', 'released']);
  });

  test('the leadership is not given away under work that goes on', async () => {
    const { manager, client, clock, election, log, run, stop } = electionRig({
      gracefulShutdownTimeoutMs: 200,
    });
    client.resource(pods).add('a');
    manager
      .controller('pods')
      .for(pods)
      .reconcile(() => new Promise(() => {}));
    const failure = run().catch((error: unknown) => error);
    await clock.settle();
    election.win();
    await clock.stepAsync(10);

    stop();
    await clock.stepAsync(3000);
    election.lose(new Error('the work did not end'));

    expect(await failure).toMatchObject({ message: 'the work did not end' });
    expect(log).not.toContain('released');
    expect(manager.describe().leadership).toBe('lost');
  });

  test('an election that does not end is given up and named', async () => {
    const { clock, run, stop } = electionRig({ leaderElection: () => new Promise(() => {}) });
    const failure = run().catch((error: unknown) => error);
    await clock.settle();

    stop();
    await clock.stepAsync(60_000);

    expect(await failure).toMatchObject({
      message: 'Cannot stop the manager: the leader election does not end',
    });
  });

  test('a manager that waits leaves the election without having worked', async () => {
    const all = electionRig();
    const { manager, clock, log, run, stop } = all;
    slowController(all);
    manager.add(runnable(log, 'janitor'));
    const ended = run();
    await clock.stepAsync(10);

    stop();
    await ended;

    expect(log).toEqual(['entered', 'released']);
    expect(manager.describe().leadership).toBe('waiting');
  });

  test('an election that is won at the very moment of the stop begins nothing', async () => {
    const all = electionRig();
    const { manager, clock, election, log, run, stop } = all;
    slowController(all);
    manager.add(runnable(log, 'janitor'));
    const ended = run();
    await clock.stepAsync(10);

    stop();
    election.win();
    await ended;

    expect(log).toEqual(['entered', 'won', 'released']);
  });

  test('one that comes before the election is never entered', async () => {
    const { log, run, stop } = electionRig();
    stop();

    await run();

    expect(log).toEqual([]);
  });
});

test('a controller that is added to a manager that leads works at once', async () => {
  const { manager, client, clock, election, log, run, stop } = electionRig();
  client.resource(configMaps).add('a');
  const ended = run();
  await clock.settle();
  election.win();
  await clock.settle();

  manager
    .controller('late')
    .for(configMaps)
    .reconcile(({ name }) => void log.push(name));
  await clock.stepAsync(10);

  expect(log).toEqual(['entered', 'won', 'a']);
  stop();
  await ended;
});
