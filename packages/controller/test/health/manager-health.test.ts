import { pods } from '@kubeloop/client';
import { PriorityQueue } from '@kubeloop/workqueue';
import { describe, expect, test } from 'vitest';
import type { HealthReport } from '../../src/health/health-checks.ts';
import type { Manager } from '../../src/manager.ts';
import { ManualSource } from '../support/controller-rig.ts';
import { electionRig } from '../support/election-rig.ts';

async function failures(manager: Manager): Promise<Record<string, string | undefined>> {
  // There is always one.
  const { checks } = (await manager.checkHealth('readyz')) as HealthReport;
  const failed = checks.filter(({ outcome }) => outcome === 'failed');
  return Object.fromEntries(failed.map(({ name, cause }) => [name, cause]));
}

describe('readiness', () => {
  test('is there from the start to the beginning of the stop, while the process is healthy all the time', async () => {
    const { manager, run, stop, clock } = electionRig({ leaderElection: undefined });
    const isHealthy = async (): Promise<boolean | undefined> =>
      (await manager.checkHealth('healthz'))?.isHealthy;
    const { promise: ending, resolve: end } = Promise.withResolvers<void>();
    manager.add({ run: () => ending });

    expect(await failures(manager)).toEqual({ manager: 'new' });
    const ended = run();
    await clock.stepAsync(10);
    expect(await failures(manager)).toEqual({});
    stop();
    await clock.stepAsync(10);
    expect([await failures(manager), await isHealthy()]).toEqual([{ manager: 'stopping' }, true]);
    end();
    await ended;
    expect([await failures(manager), await isHealthy()]).toEqual([{ manager: 'stopped' }, true]);
  });

  test('is that of a process which waits for the leadership too, until it has been lost', async () => {
    const { manager, election, run, clock } = electionRig();
    manager
      .controller('pods')
      .for(pods)
      .reconcile(() => {});
    const ended = run().catch((error: unknown) => String(error));
    await clock.stepAsync(10);

    expect(manager.describe().leadership).toBe('waiting');
    expect(await failures(manager)).toEqual({});
    const names = (await manager.checkHealth('readyz'))?.checks.map(({ name }) => name);
    expect(names).toEqual([
      'controller/pods',
      'controller/pods/for pods',
      'leader-election',
      'manager',
    ]);
    election.win();
    await clock.stepAsync(10);
    expect(await failures(manager)).toEqual({});
    election.lose(new Error('lease taken'));

    expect(await ended).toBe('Error: lease taken');
    expect(await failures(manager)).toMatchObject({
      'leader-election': 'the leadership was lost',
      manager: 'stopped',
    });
  });

  test('names two sources of one name apart, those that come late, and what cannot say how it is', async () => {
    const { manager, run, stop, clock } = electionRig({ leaderElection: undefined });
    const [first, second, late] = ['feed', 'feed', 'late'].map((name) => new ManualSource(name));
    if (!first || !second || !late) throw new Error('There are three');
    const add = (
      name: string,
      sources: ManualSource[],
    ): { addSource(source: ManualSource): void } =>
      manager.addController({ name, sources, reconcile: () => {} });
    const controller = add('two', [first, second]);
    const broken = new ManualSource('mute', true);
    add('broken', [broken]);
    const ended = run();
    await clock.stepAsync(10);
    first.sync();
    second.lastError = new Error('not there');

    expect(await failures(manager)).toEqual({ 'controller/two/feed 2': 'not there' });

    second.sync();
    await clock.stepAsync(10);
    expect(await failures(manager)).toEqual({});
    controller.addSource(late);
    expect(await failures(manager)).toEqual({ 'controller/two/late': 'no answer yet' });
    expect(manager.describe().notReady).toEqual([
      'Controller "two" waits for source "late": no answer yet',
    ]);

    late.sync();
    broken.describe = () => {
      throw new Error('no voice');
    };
    expect(await failures(manager)).toEqual({
      'controller/broken/mute': 'it cannot say why: no voice',
    });
    expect(manager.describe().notReady).toEqual([
      'Controller "broken" waits for source "mute": it cannot say why: no voice',
    ]);
    stop();
    await ended;
  });

  test('names the queue, and no source, of a controller whose queue cannot be made', async () => {
    const { manager, run, stop, clock } = electionRig({ leaderElection: undefined });
    let isThere = false;
    const newQueue = (name: string): PriorityQueue<string> => {
      if (!isThere) throw new Error('connect ECONNREFUSED');
      return new PriorityQueue<string>({ name, clock });
    };
    const source = new ManualSource('feed', true);
    manager.addController({ name: 'shared', sources: [source], reconcile: () => {}, newQueue });
    const ended = run();
    await clock.stepAsync(10);

    expect(await failures(manager)).toEqual({ 'controller/shared/queue': 'connect ECONNREFUSED' });
    expect(manager.describe().notReady).toEqual([
      'Controller "shared" waits for its queue: connect ECONNREFUSED',
    ]);

    isThere = true;
    await clock.stepAsync(5000);
    expect(await failures(manager)).toEqual({});
    expect(manager.describe().controllers[0]?.queue).toEqual({
      isReady: true,
      lastError: undefined,
    });
    stop();
    await ended;
  });
});

test.each([
  [{ port: -1 }, RangeError],
  [{ port: 70_000 }, RangeError],
  [{ port: '8081' }, RangeError],
  [{ port: 0, host: 5 }, TypeError],
  [{ port: 0, checkTimeoutMs: Number.NaN }, RangeError],
  [{ port: 0, withholdReasons: 'yes' }, TypeError],
  [8081, TypeError],
])('health options %j are refused', (health, kind) => {
  // What a program in JavaScript can pass.
  expect(() => electionRig({ health: health as { port: number } })).toThrow(kind);
});
