import { getEventListeners } from 'node:events';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { describe, expect, test } from 'vitest';
import {
  type InformerErrorContext,
  NamespaceSet,
  SharedInformer,
  type SharedInformerOptions,
} from '../src/index.ts';
import { FakeNamespaces } from './support/fake-namespaces.ts';
import { recorder, type Thing } from './support/scripted.ts';

interface Story {
  readonly clock: FakeClock;
  readonly server: FakeNamespaces;
  readonly namespaces: NamespaceSet;
  readonly informer: SharedInformer<Thing>;
  readonly log: string[];
  readonly errors: [string, InformerErrorContext][];
  readonly keys: () => string[];
  readonly run: () => void;
  readonly stop: () => Promise<void>;
}

/** An informer over the namespaces a and b, in which there are the objects a1 and b1; it does not run. */
function story(
  options: Partial<SharedInformerOptions<Thing>> = {},
  names: readonly string[] = ['a', 'b'],
): Story {
  const clock = new FakeClock();
  const server = new FakeNamespaces();
  for (const name of ['a', 'b', 'c']) server.of(name).write(name);
  const namespaces = new NamespaceSet(names);
  const errors: [string, InformerErrorContext][] = [];
  const informer = new SharedInformer<Thing>({
    listerWatcher: server,
    namespaces,
    name: 'things',
    clock,
    reflector: { random: () => 0 },
    onError: (error, context) => errors.push([String(error), context]),
    ...options,
  });
  const { log, handler } = recorder();
  informer.addEventHandler(handler, { name: 'recorder' });
  let abort = new AbortController();
  let ended = Promise.resolve();
  return {
    clock,
    server,
    namespaces,
    informer,
    log,
    errors,
    keys: () => informer.indexer.listKeys().sort(),
    run: () => {
      abort = new AbortController();
      ended = informer.run({ signal: abort.signal });
    },
    stop: async () => {
      abort.abort();
      await ended;
      expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
    },
  };
}

/** One that runs and has synced. */
async function running(...args: Parameters<typeof story>): Promise<Story> {
  const made = story(...args);
  made.run();
  await made.clock.settle();
  return made;
}

const forbidden = Object.assign(new Error('things is forbidden'), { code: 403 });

describe('an informer over several namespaces', () => {
  test('reads each of them alone, into one cache, for one set of handlers', async () => {
    const { server, informer, log, keys, stop } = await running();

    expect(server.watched).toEqual(['a', 'b']);
    expect(log).toEqual(['add a1!', 'add b1!']);
    expect(keys()).toEqual(['a/a', 'b/b']);
    expect(informer.lister.byNamespace('b').list()).toHaveLength(1);
    expect(informer.hasSynced).toBe(true);
    await stop();
  });

  test('has synced when all of them have', async () => {
    const { clock, server, informer, log, run, stop } = story();
    server.of('b').outage = forbidden;

    run();
    await clock.settle();
    const without = [informer.hasSynced, ...log];
    server.of('b').outage = undefined;
    await clock.stepAsync(5000);

    expect(without).toEqual([false, 'add a1!']);
    expect(informer.hasSynced).toBe(true);
    await stop();
  });

  test('says of each whether it has synced, and lets one wait for a single one', async () => {
    const { clock, server, namespaces, informer, run, stop } = story();
    server.of('b').outage = forbidden;
    const order: string[] = [];
    for (const name of ['a', 'b', 'none'])
      void informer.waitForSync({ namespace: name }).then(() => order.push(name));
    const before = informer.hasSyncedIn('a');

    run();
    await clock.settle();
    const without = ['a', 'b', 'none'].map((name) => informer.hasSyncedIn(name));
    const others = [...order].sort();
    namespaces.delete('b');
    await clock.settle();

    expect([before, ...without]).toEqual([false, true, false, true]);
    expect([others, order.at(-1)]).toEqual([['a', 'none'], 'b']);
    await stop();
    await expect(
      story().informer.waitForSync({ signal: AbortSignal.abort('given up'), namespace: 'a' }),
    ).rejects.toBe('given up');
  });

  test('turns those away who wait for one of them when it stops', async () => {
    const { clock, server, informer, run, stop } = story();
    server.of('b').outage = forbidden;
    run();
    await clock.settle();

    const waited = informer.waitForSync({ namespace: 'b' }).catch(String);
    await stop();

    expect(await waited).toContain('it was stopped before it synced');
  });

  test('over none has synced at once, and shows nothing', async () => {
    const { informer, keys, stop } = await running({}, []);

    expect([informer.hasSynced, ...keys()]).toEqual([true]);
    await stop();
  });

  test('goes on in the others when one of them is forbidden, and names that one', async () => {
    const { clock, server, informer, log, errors, run, stop } = story();
    server.of('b').outage = forbidden;

    run();
    await clock.settle();
    server.of('a').write('a');
    await clock.settle();

    expect(log).toEqual(['add a1!', 'update a1 a2']);
    expect(errors[0]).toMatchObject([
      'Error: things is forbidden',
      { informer: 'things', part: 'source', namespace: 'b' },
    ]);
    expect(String(informer.lastFailure?.error)).toBe(
      'Error: Cannot read namespace "b": things is forbidden',
    );
    expect(informer.describe()).toMatchObject({
      lastFailure: { namespace: 'b', phase: 'list' },
      namespaces: [
        { namespace: 'a', hasSynced: true, resourceVersion: '2', lastFailure: undefined },
        { namespace: 'b', hasSynced: false, resourceVersion: '', lastFailure: { phase: 'list' } },
      ],
    });
    await stop();
  });

  test('has no failure any more when the one that failed has answered', async () => {
    const { clock, server, informer, run, stop } = story();
    server.of('b').outage = forbidden;
    run();
    await clock.settle();

    server.of('b').outage = undefined;
    await clock.stepAsync(5000);

    expect([informer.lastFailure, informer.hasSynced]).toEqual([undefined, true]);
    await stop();
  });

  test('replaces what is in one of them after a gap there, and nothing else', async () => {
    const { clock, server, log, keys, stop } = await running();
    log.length = 0;

    server.of('a').delete('a');
    server.of('a').compact();
    server.of('a').drop();
    await clock.stepAsync(60_000);
    server.of('a').write('n');
    await clock.settle();

    expect(log).toEqual(['delete a2', 'add n3']);
    expect(keys()).toEqual(['a/n', 'b/b']);
    await stop();
  });

  test('keeps the other namespaces when a list is too long to be taken over in one go', async () => {
    const { clock, server, namespaces, informer, keys, stop } = await running({}, ['b']);
    for (let i = 0; i < 10_001; i += 1) server.of('a').write(`many${i}`);

    namespaces.add('a');
    await clock.stepAsync(5000);

    expect(keys()).toHaveLength(10_003);
    expect([informer.hasSynced, informer.lister.byNamespace('b').list().length]).toEqual([true, 1]);
    await stop();
  });

  test('takes nothing of a list over when some of it cannot be indexed, and tries again', async () => {
    let isBroken = true;
    const byName = ({ metadata: { name } }: Thing): string[] => {
      if (isBroken && name === 'z') throw new Error('broken');
      return [name];
    };
    const { clock, server, namespaces, informer, log, keys, stop } = await running({
      indexers: { byName },
    });
    server.of('c').write('y');
    server.of('c').write('z');
    log.length = 0;

    namespaces.add('c');
    await clock.settle();
    const broken = [keys(), [...log], informer.lastStoreSyncResourceVersion];
    isBroken = false;
    await clock.stepAsync(5000);

    expect(broken).toEqual([['a/a', 'b/b'], [], '']);
    expect(keys()).toEqual(['a/a', 'b/b', 'c/c', 'c/y', 'c/z']);
    expect(log).toEqual(['add c1!', 'add y2!', 'add z3!']);
    await stop();
  });

  test('is as new as the oldest of them, and says of each how new it is', async () => {
    const { clock, server, informer, stop } = await running();

    server.of('a').write('a');
    server.of('a').write('a');
    await clock.settle();
    const before = informer.lastStoreSyncResourceVersion;
    server.of('b').elsewhere();
    server.of('b').bookmark();
    await clock.settle();

    expect([before, informer.lastStoreSyncResourceVersion]).toEqual(['1', '2']);
    expect(['a', 'b', 'c'].map((name) => informer.storeVersionOf(name))).toEqual(['3', '2', '']);
    await stop();
  });

  test('resyncs a handler once in each period, however many namespaces there are', async () => {
    const { clock, log, stop } = await running({ resyncPeriodMs: 10_000 });
    log.length = 0;

    await clock.stepAsync(10_000);
    await clock.stepAsync(10_000);

    expect(log).toEqual(['update a1 a1', 'update b1 b1', 'update a1 a1', 'update b1 b1']);
    await stop();
  });

  test('ends its run with the error of a source that breaks down, and leaves none of the others', async () => {
    let others = 0;
    const { informer } = story({
      newReflector: ({ name }) => ({
        lastSyncResourceVersion: '',
        run: async ({ signal }) => {
          if (name === 'things: b') throw new Error('broken');
          others += 1;
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
          others -= 1;
        },
      }),
    });

    await expect(informer.run({ signal: new AbortController().signal })).rejects.toThrow('broken');

    expect([informer.isStopped, others]).toEqual([true, 0]);
  });

  test('is refused without a source that knows namespaces, and with a list of names', () => {
    const noNamespaces = {
      list: () => Promise.reject(new Error('no')),
      watch: async function* () {},
    };

    expect(() => story({ listerWatcher: noNamespaces })).toThrow('it has no method namespace');
    // @ts-expect-error -- a mistake that the types catch
    expect(() => story({ namespaces: ['a'] })).toThrow('give a new NamespaceSet([...])');
  });
});

describe('a namespace that comes in', () => {
  test('is listed and watched at once, and its objects belong to an initial list', async () => {
    const { clock, server, namespaces, log, keys, stop } = await running();
    log.length = 0;

    namespaces.add('c');
    await clock.settle();
    server.of('c').write('n');
    await clock.settle();

    expect(log).toEqual(['add c1!', 'add n2']);
    expect(server.watched).toEqual(['a', 'b', 'c']);
    expect(keys()).toEqual(['a/a', 'b/b', 'c/c', 'c/n']);
    await stop();
  });

  test('leaves the informer and its handlers without sync until it has been told', async () => {
    const { clock, server, namespaces, informer, stop } = await running();
    const registration = informer.addEventHandler({});
    await clock.settle();
    server.of('c').outage = forbidden;
    const synced = (): boolean[] => [informer.hasSynced, registration.hasSynced];
    const states = [synced()];
    let told = 0;
    informer.on('synced', () => (told += 1));

    namespaces.add('c');
    states.push(synced());
    const waited = informer.waitForSync();
    await clock.settle();
    states.push(synced());
    server.of('c').outage = undefined;
    await clock.stepAsync(5000);
    await waited;

    expect(states).toEqual([
      [true, true],
      [false, false],
      [false, false],
    ]);
    expect([...synced(), told]).toEqual([true, true, 1]);
    await stop();
  });
});

describe('a namespace that goes out', () => {
  test('is watched no longer, and its objects are told as deletions', async () => {
    const { clock, server, namespaces, log, keys, stop } = await running();
    log.length = 0;

    namespaces.delete('a');
    server.of('a').write('n');
    await clock.settle();

    expect(log).toEqual(['gone a1']);
    expect([server.watched, keys()]).toEqual([['b'], ['b/b']]);
    await stop();
  });

  test('is not waited for any more', async () => {
    const { clock, server, namespaces, informer, log, run, stop } = story();
    server.of('b').outage = forbidden;
    run();
    await clock.settle();

    namespaces.delete('b');
    await clock.settle();

    expect([informer.hasSynced, informer.lastFailure, log]).toEqual([true, undefined, ['add a1!']]);
    await stop();
  });

  test('brings nothing that was under way when it went', async () => {
    const { clock, server, namespaces, log, keys, stop } = await running();
    log.length = 0;

    server.of('a').write('n');
    namespaces.delete('a');
    await clock.settle();

    expect([keys(), log]).toEqual([['b/b'], ['gone a1']]);
    await stop();
  });

  test('is read anew when it comes back, even at once', async () => {
    const { clock, server, namespaces, informer, log, keys, stop } = await running();
    log.length = 0;

    namespaces.delete('a');
    namespaces.add('a');
    await clock.settle();

    expect(log).toEqual(['gone a1', 'add a1!']);
    expect([keys(), server.watched, informer.hasSynced]).toEqual([
      ['a/a', 'b/b'],
      ['a', 'b'],
      true,
    ]);
    await stop();
  });
});

test('who changes the set when it is told of a change confuses nobody', async () => {
  const { clock, server, namespaces, keys, run, stop } = story();
  namespaces.subscribe({
    added: (name) => void (name === 'c' && namespaces.delete('c')),
    deleted: (name) => void (name === 'b' && namespaces.add('b')),
  });
  run();
  await clock.settle();

  namespaces.add('c');
  namespaces.delete('b');
  await clock.settle();

  expect([[...namespaces], server.watched, keys()]).toEqual([
    ['a', 'b'],
    ['a', 'b'],
    ['a/a', 'b/b'],
  ]);
  await stop();
});

describe('a stop', () => {
  test('leaves no watch, no timer and no listener on the set', async () => {
    const { clock, server, namespaces, keys, stop } = await running();

    await stop();
    namespaces.add('c');
    await clock.settle();

    expect([server.watched, clock.pending, keys()]).toEqual([[], 0, ['a/a', 'b/b']]);
  });

  test('can be followed by another run, which knows what became of the set meanwhile', async () => {
    const { clock, server, namespaces, informer, log, keys, run, stop } = await running();
    await stop();
    log.length = 0;

    namespaces.delete('a');
    namespaces.add('c');
    server.of('b').write('b');
    run();
    const atFirst = informer.hasSynced;
    await clock.settle();

    expect(log).toEqual(['gone a1', 'update b1 b2', 'add c1!']);
    expect([atFirst, informer.hasSynced]).toEqual([false, true]);
    expect([keys(), server.watched]).toEqual([
      ['b/b', 'c/c'],
      ['b', 'c'],
    ]);
    await stop();
  });
});
