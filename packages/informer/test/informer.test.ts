import { describe, expect, test } from 'vitest';
import { deferred, recorder, running, setup, short, thing } from './support/scripted.ts';

describe('events', () => {
  test('every event reaches the handler in the order in which it happened, and nothing is merged', async () => {
    const { informer, source, clock } = running();
    const { log, handler } = recorder();
    informer.addEventHandler(handler);

    await source.store.replace([thing('a', 1), thing('b', 2)], '2');
    source.add(thing('c', 3));
    source.update(thing('c', 4));
    source.delete(thing('a', 5));
    source.update(thing('c', 6));
    await clock.settle();

    expect(log).toEqual([
      'add a1!',
      'add b2!',
      'add c3',
      'update c3 c4',
      'delete a5',
      'update c4 c6',
    ]);
  });

  test('the cache holds what a handler is told, or something newer', async () => {
    const { informer, source, clock } = running();
    const seen: string[] = [];
    informer.addEventHandler({
      add: (obj) => void seen.push(short(informer.lister.get(obj.metadata.name))),
    });

    await source.store.replace([thing('a', 1), thing('b', 2)], '2');
    await clock.settle();

    expect(seen).toEqual(['a1', 'b2']);
    expect(informer.lastStoreSyncResourceVersion).toBe('2');
  });

  test('after a gap deletions come first, as tombstones, then the rest in list order', async () => {
    const { informer, source, clock } = running();
    await source.store.replace([thing('a', 1), thing('b', 2), thing('c', 3)], '3');
    const { log, handler } = recorder();
    informer.addEventHandler(handler);
    await clock.settle();
    log.length = 0;

    await source.store.replace([thing('d', 9), thing('b', 8), thing('c', 3)], '9');
    await clock.settle();

    expect(log).toEqual(['gone a1', 'add d9', 'update b2 b8']);
  });

  test('a tombstone holds the newest state that came before the list, also when that was not told yet', async () => {
    const { informer, source, clock } = running();
    const { log, handler } = recorder();
    informer.addEventHandler(handler);
    await source.store.replace([thing('a', 1)], '1');
    await clock.settle();

    source.update(thing('a', 2));
    source.add(thing('b', 3));
    await source.store.replace([], '9');
    await clock.settle();

    expect(log).toEqual(['add a1!', 'update a1 a2', 'add b3', 'gone a2', 'gone b3']);
  });

  test.each([
    ['at another version', 5],
    ['at the same version of a storage that was put back', 1],
  ])(
    'an object that was deleted and created again during a gap is an update with another uid, %s',
    async (_, version) => {
      const { informer, source, clock } = running();
      await source.store.replace([thing('a', 1, 'first')], '1');
      const uids: unknown[] = [];
      informer.addEventHandler({
        update: (oldObj, newObj) => void uids.push([oldObj.metadata.uid, newObj.metadata.uid]),
      });

      await source.store.replace([thing('a', version, 'second')], '5');
      await clock.settle();

      expect(uids).toEqual([['first', 'second']]);
    },
  );

  test('the deletion of an object that was never seen is passed on', async () => {
    const { informer, source, clock } = running();
    const { log, handler } = recorder();
    informer.addEventHandler(handler);
    await source.store.replace([], '1');

    source.delete(thing('a', 2));
    await clock.settle();

    expect(log).toEqual(['delete a2']);
  });

  test('an object without a name is reported and holds nobody up', async () => {
    const { informer, source, clock, errors } = running();
    const { log, handler } = recorder();
    informer.addEventHandler(handler);

    await source.store.replace([thing('', 1), thing('b', 2)], '2');
    source.add(thing('', 3));
    source.add(thing('c', 4));
    await clock.settle();

    expect(log).toEqual(['add b2!', 'add c4']);
    expect(errors).toHaveLength(2);
  });
});

describe('sync', () => {
  test('hasSynced is false until the last handler has been told the last object of the first list', async () => {
    const { informer, source, clock } = running();
    const seen: boolean[] = [];
    informer.addEventHandler({ add: () => void seen.push(informer.hasSynced) });

    await source.store.replace([thing('a', 1), thing('b', 2)], '2');
    await clock.settle();

    expect(seen).toEqual([false, false]);
    expect(informer.hasSynced).toBe(true);
  });

  test('an empty first list is enough to be synced', async () => {
    const { informer, source } = running();

    const synced = informer.waitForSync();
    await source.store.replace([], '1');
    await synced;

    expect(informer.hasSynced).toBe(true);
  });

  test('a handler has synced when it has finished its initial list, later than the informer', async () => {
    const { informer, source, clock } = running();
    const work = deferred();
    const registration = informer.addEventHandler({ add: () => work.promise });
    await source.store.replace([thing('a', 1)], '1');
    await clock.settle();
    const before = [informer.hasSynced, registration.hasSynced];

    work.resolve();
    await registration.synced();

    expect(before).toEqual([true, false]);
    expect(registration.hasSynced).toBe(true);
  });

  test('a handler that throws is reported with its name, the event and the key, and holds up neither others nor hasSynced', async () => {
    const { informer, source, clock, errors } = running();
    const { log, handler } = recorder();
    const failure = new Error('boom');
    const bad = informer.addEventHandler(
      {
        add: () => {
          throw failure;
        },
      },
      { name: 'bad' },
    );
    informer.addEventHandler(handler);

    await source.store.replace([{ metadata: { name: 'a', namespace: 'n' } }], '1');
    await clock.settle();

    expect(errors).toEqual([
      [failure, { informer: 'things', part: 'handler', handler: 'bad', event: 'add', key: 'n/a' }],
    ]);
    expect(log).toEqual(['add a!']);
    expect([informer.hasSynced, bad.hasSynced, bad.errors]).toEqual([true, true, 1]);
  });

  test('waiting ends with the reason of the signal, and with an error when the informer stops first', async () => {
    const { informer, stop } = running();
    const abort = new AbortController();
    const aborted = informer.waitForSync({ signal: abort.signal });
    const stopped = informer.waitForSync();
    const handler = informer.addEventHandler({}).synced();

    abort.abort(new Error('enough'));
    const outcomes = Promise.allSettled([aborted, stopped, handler]);
    await stop();

    const reasons = (await outcomes).map(
      (outcome) => outcome.status === 'rejected' && String(outcome.reason),
    );
    expect(reasons).toEqual([
      'Error: enough',
      'Error: Cannot wait for informer "things": it was stopped before it synced',
      'Error: Cannot wait for informer "things": it was stopped before it synced',
    ]);
  });
});

describe('handlers', () => {
  test('a late handler is told each object once and then what changes, without gap or double', async () => {
    const { informer, source, clock } = running();
    await source.store.replace([thing('a', 1), thing('b', 2)], '2');
    await clock.settle();
    const { log, handler } = recorder();

    source.update(thing('a', 3));
    const registration = informer.addEventHandler(handler);
    source.update(thing('b', 4));
    await registration.synced();
    await clock.settle();

    expect(log).toEqual(['add a1!', 'add b2!', 'update a1 a3', 'update b2 b4']);
  });

  test('the same handler added twice is called twice, and removing one leaves the other', async () => {
    const { informer, source, clock } = running();
    const { log, handler } = recorder();
    const first = informer.addEventHandler(handler);
    informer.addEventHandler(handler);
    await source.store.replace([thing('a', 1)], '1');
    await clock.settle();

    await first.remove();
    await first.remove();
    source.update(thing('a', 2));
    await clock.settle();

    expect(log).toEqual(['add a1!', 'add a1!', 'update a1 a2']);
    expect(informer.describe().handlers).toHaveLength(1);
  });

  test('removal waits for the running call, and no call follows it', async () => {
    const { informer, source, clock } = running();
    const work = deferred();
    const calls: string[] = [];
    const registration = informer.addEventHandler({
      add: async (obj) => {
        calls.push(`begin ${short(obj)}`);
        await work.promise;
        calls.push(`end ${short(obj)}`);
      },
    });
    await source.store.replace([thing('a', 1), thing('b', 2)], '2');
    await clock.settle();

    const removed = registration.remove().then(() => calls.push('removed'));
    await clock.settle();
    work.resolve();
    await removed;
    source.add(thing('c', 3));
    await clock.settle();

    expect(calls).toEqual(['begin a1', 'end a1', 'removed']);
    expect(registration.backlog).toBe(0);
  });

  test('removal turns away those who wait for the handler', async () => {
    const { informer } = running();
    const registration = informer.addEventHandler({}, { name: 'mine' });

    const waited = registration.synced().catch(String);
    await registration.remove();

    expect(await waited).toContain('Cannot wait for handler "mine" of "things": it was removed');
    await expect(registration.synced()).rejects.toThrow('it was removed');
  });

  test('removing a handler of an informer that never ran returns at once', async () => {
    const { informer } = setup();

    const registration = informer.addEventHandler({});

    await expect(registration.remove()).resolves.toBeUndefined();
  });

  test('adding a handler after the stop is refused, removing one is not', async () => {
    const { informer, stop } = running();
    const registration = informer.addEventHandler({});
    await stop();

    await registration.remove();

    expect([informer.isRunning, informer.isStopped]).toEqual([false, true]);
    expect(() => informer.addEventHandler({})).toThrow(
      'Cannot add a handler to informer "things": it is stopped',
    );
  });

  test('what is no handler is refused', () => {
    const { informer } = setup();

    // @ts-expect-error -- a mistake that the types catch
    expect(() => informer.addEventHandler(undefined)).toThrow(TypeError);
    // @ts-expect-error -- a mistake that the types catch
    expect(() => informer.addEventHandler({ add: 1 })).toThrow(
      'its member "add" is not a function',
    );
    expect(() => informer.addEventHandler({}, { bufferSize: 0 })).toThrow(RangeError);
    expect(() => informer.addEventHandler({}, { resyncPeriodMs: Number.NaN })).toThrow(RangeError);
  });
});

test('cached objects are shared, and frozen where that is asked for, deleted ones too', async () => {
  const { informer, source, clock } = running({ freeze: true });
  const told: unknown[] = [];
  informer.addEventHandler({
    add: (obj) => void told.push(obj === informer.lister.get('a'), Object.isFrozen(obj.metadata)),
    delete: (obj) => void told.push(Object.isFrozen(obj)),
  });

  await source.store.replace([thing('a', 1)], '1');
  source.delete(thing('a', 2));
  await clock.settle();

  expect(told).toEqual([true, true, true]);
});

test('indices are right from before the start, and those added while it runs', async () => {
  const { informer, source, clock } = running({
    indexers: { byUid: (obj) => [obj.metadata.uid ?? ''] },
  });
  await source.store.replace([thing('a', 1, 'x'), thing('b', 2, 'y')], '2');
  await clock.settle();

  informer.addIndexers({ byVersion: (obj) => [obj.metadata.resourceVersion ?? ''] });
  source.update(thing('a', 3, 'x'));
  await clock.settle();

  expect(informer.indexer.indexKeys('byUid', 'x')).toEqual(['a']);
  expect(informer.indexer.indexKeys('byVersion', '3')).toEqual(['a']);
  expect(informer.indexer.indexKeys('byVersion', '1')).toEqual([]);
});

test('handlers and cache both see what the transform made', async () => {
  const { informer, source, clock } = running({ transform: ({ metadata }) => ({ metadata }) });
  const told: unknown[] = [];
  informer.addEventHandler({ add: (obj) => void told.push(obj.secret) });

  await source.store.replace([{ ...thing('a', 1), secret: 'x' }], '1');
  source.add({ ...thing('b', 2), secret: 'x' });
  await clock.settle();

  expect(told).toEqual([undefined, undefined]);
  expect(informer.lister.list().map(({ secret }) => secret)).toEqual([undefined, undefined]);
});

test('an informer describes itself', async () => {
  const { informer, source, clock } = running();
  informer.addEventHandler({}, { name: 'mine' });
  await source.store.replace([thing('a', 1)], '1');
  await clock.settle();

  expect(informer.describe()).toEqual({
    name: 'things',
    state: 'running',
    hasSynced: true,
    isGone: false,
    objects: 1,
    queued: 0,
    resourceVersion: '1',
    lastFailure: undefined,
    handlers: [{ name: 'mine', backlog: 0, errors: 0, hasSynced: true }],
  });
});

test('what cannot list and watch is refused', () => {
  // @ts-expect-error -- a mistake that the types catch
  expect(() => setup({ listerWatcher: {} })).toThrow('it has no method list');
  expect(() => setup({ queueSize: 0 })).toThrow(RangeError);
  expect(() => setup({ resyncPeriodMs: -1 })).toThrow(RangeError);
});
