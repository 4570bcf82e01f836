import { pods } from '@kubeloop/client';
import { describe, expect, test } from 'vitest';
import { electionRig, runnable, slowController } from './support/election-rig.ts';

describe('a leadership that is lost', () => {
  test('aborts what runs at once, and run rejects with the error of the election', async () => {
    const all = electionRig();
    const { manager, clock, election, log, run } = all;
    slowController(all);
    manager.add(runnable(log, 'janitor'));
    manager.add(runnable(log, 'server', false));
    const failure = run().catch((error: unknown) => error);
    await clock.settle();
    election.win();
    await clock.stepAsync(10);
    log.length = 0;
    const lost = new Error('lost the lease');

    election.lose(lost);
    const atOnce = [...log];

    expect(await failure).toBe(lost);
    expect(atOnce).toEqual(['lost', 'a is aborted']);
    expect(log.slice(2, -1).toSorted()).toEqual(['a ends', 'janitor ends']);
    expect(log.at(-1)).toBe('server ends');
    expect(manager.describe()).toMatchObject({ state: 'stopped', leadership: 'lost' });
    expect(clock.pending).toBe(0);
  });

  test('lets nothing begin any more, whatever is in the queue or comes', async () => {
    const all = electionRig();
    const { client, clock, election, log, run } = all;
    slowController(all);
    const failure = run().catch(() => undefined);
    await clock.settle();
    election.win();
    await clock.stepAsync(10);

    election.lose(new Error('lost the lease'));
    client.resource(pods).add('c');
    await failure;
    await clock.stepAsync(60_000);

    expect(log.filter((entry) => entry.endsWith('begins'))).toEqual(['a begins']);
  });

  test('is noticed right before a reconcile when its signal is late, as in a process that was paused', async () => {
    const { manager, client, clock, election, run } = electionRig();
    const begun: string[] = [];
    const lost = new Error('lost the lease');
    client.resource(pods).add('a');
    manager
      .controller('pods')
      .for(pods)
      .reconcile(({ name }) => void begun.push(name));
    const failure = run().catch((error: unknown) => error);
    await clock.settle();
    election.win();
    await clock.stepAsync(10);
    election.isLeader = () => {
      election.lose(lost);
      return false;
    };

    client.resource(pods).add('b');
    await clock.stepAsync(10);

    expect(begun).toEqual(['a']);
    expect(await failure).toBe(lost);
    expect(manager.describe()).toMatchObject({ state: 'stopped', leadership: 'lost' });
  });

  test('may be said by the election when it is asked, without a signal: nothing begins any more', async () => {
    const { manager, client, clock, election, run } = electionRig();
    let begun = 0;
    client.resource(pods).add('a');
    manager
      .controller('pods')
      .for(pods)
      .reconcile(() => void (begun += 1));
    const failure = run().catch((error: unknown) => error);
    await clock.settle();
    election.isLeader = () => false;

    election.win();
    await clock.stepAsync(10);

    expect(begun).toBe(0);
    expect(manager.describe().leadership).toBe('lost');
    expect(await failure).toBeInstanceOf(Error);
  });

  test('while a stop drains aborts what runs at once, too', async () => {
    const all = electionRig();
    const { clock, election, log, run, stop } = all;
    slowController(all);
    const failure = run().catch((error: unknown) => error);
    await clock.settle();
    election.win();
    await clock.stepAsync(10);
    const lost = new Error('lost the lease');

    stop();
    await clock.stepAsync(100);
    election.lose(lost);

    expect(await failure).toBe(lost);
    expect(log).toContain('a is aborted');
    expect(log).not.toContain('released');
    expect(clock.now()).toBe(110);
  });

  test('is what run rejects with although a reconcile takes no notice, which the log names', async () => {
    const { manager, client, clock, election, logger, run } = electionRig();
    client.resource(pods).add('a');
    manager
      .controller('pods')
      .for(pods)
      .reconcile(() => new Promise(() => {}));
    const failure = run().catch((error: unknown) => error);
    await clock.settle();
    election.win();
    await clock.stepAsync(10);
    const lost = new Error('lost the lease');

    election.lose(lost);
    await clock.stepAsync(1000);

    expect(await failure).toBe(lost);
    expect(logger.messages('error').join()).toContain('although their signals have aborted: ns/a');
  });
});

describe('an election', () => {
  test('that fails before it is won stops the manager, and run rejects with its error', async () => {
    const error = new TypeError('no lock');
    const { manager, clock, run } = electionRig({
      leaderElection: () => {
        throw error;
      },
    });

    await expect(run()).rejects.toBe(error);

    expect(manager.describe()).toMatchObject({ state: 'stopped', leadership: 'waiting' });
    expect(clock.pending).toBe(0);
  });

  test('that ends although nobody asked it to stops the manager', async () => {
    const { run } = electionRig({ leaderElection: () => Promise.resolve() });

    await expect(run()).rejects.toThrow('The leader election has ended although the manager runs');
  });

  test.each([
    ['the election cannot be called', { leaderElection: {} as never }],
    ['warmup is no boolean', { controllers: { warmup: 'yes' as never } }],
    ['needsLeaderElection is no boolean', { controllers: { needsLeaderElection: 1 as never } }],
  ])('and what belongs to it is refused when %s', (_, options) => {
    expect(() => electionRig(options)).toThrow(TypeError);
    expect(() => electionRig().manager.add({ ...runnable([], 'x', 'no' as never) })).toThrow(
      TypeError,
    );
  });
});
