import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { deferred, recorder, running, setup, short, thing } from './support/scripted.ts';

test('after a stop nothing runs: no call, no timer, and the source has ended', async () => {
  const { informer, source, clock, stop } = running();
  const { log, handler } = recorder();
  informer.addEventHandler(handler);
  await source.store.replace([thing('a', 1)], '1');
  await clock.settle();

  await stop();
  source.add(thing('b', 2));
  await clock.settle();

  expect(log).toEqual(['add a1!']);
  expect([source.isRunning, clock.pending]).toEqual([false, 0]);
});

test('after a stop no listener is left on the signal', async () => {
  const { informer } = setup();
  const abort = new AbortController();
  const ended = informer.run({ signal: abort.signal });

  abort.abort();
  await ended;

  expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
});

test('a stop waits for the running call of a handler', async () => {
  const { informer, source, clock, stop } = running();
  const work = deferred();
  const order: string[] = [];
  informer.addEventHandler({
    add: () => work.promise.then(() => void order.push('handler ended')),
  });
  await source.store.replace([thing('a', 1)], '1');
  await clock.settle();

  const stopped = stop().then(() => order.push('stopped'));
  await clock.settle();
  work.resolve();
  await stopped;

  expect(order).toEqual(['handler ended', 'stopped']);
});

test('a second run starts from the cache: only differences are told, missed deletions as tombstones', async () => {
  const { informer, source, clock, stop, run } = running();
  const { log, handler } = recorder();
  informer.addEventHandler(handler);
  await source.store.replace([thing('a', 1), thing('b', 2), thing('c', 3)], '3');
  await clock.settle();
  await stop();
  log.length = 0;

  run();
  const syncedAtFirst = informer.hasSynced;
  await source.store.replace([thing('b', 2), thing('c', 5), thing('d', 6)], '6');
  await clock.settle();

  expect(log).toEqual(['gone a1', 'update c3 c5', 'add d6!']);
  expect([syncedAtFirst, informer.hasSynced]).toEqual([false, true]);
  await stop();
});

test('a stop by a handler in the middle of a list loses nothing: the rest is told by the next run', async () => {
  const { informer, source, clock, stop, run } = running();
  const log: string[] = [];
  informer.addEventHandler({
    add: (obj) => {
      log.push(short(obj));
      if (short(obj) === 'b2') void stop();
    },
  });
  const other = recorder();
  informer.addEventHandler(other.handler);

  await source.store.replace([thing('a', 1), thing('b', 2), thing('c', 3)], '3');
  await clock.settle();
  const atTheStop = [...log, ...other.log, informer.hasSynced];
  run();
  await clock.settle();
  const beforeTheList = informer.hasSynced;
  await source.store.replace([thing('a', 1), thing('b', 2), thing('c', 3)], '3');
  await clock.settle();

  expect(atTheStop).toEqual(['a1', 'b2', 'add a1!', false]);
  expect(log).toEqual(['a1', 'b2', 'c3']);
  expect(other.log).toEqual(['add a1!', 'add b2!', 'add c3!']);
  expect([beforeTheList, informer.hasSynced]).toEqual([false, true]);
  await stop();
});

test('what waited in the buffer of a slow handler at the stop is told by the next run', async () => {
  const { informer, source, clock, stop, run } = running();
  const calls: string[] = [];
  let work = deferred();
  informer.addEventHandler({
    add: async (obj) => {
      calls.push(short(obj));
      await work.promise;
    },
  });
  await source.store.replace([thing('a', 1), thing('b', 2)], '2');
  await clock.settle();

  const stopped = stop();
  work.resolve();
  await stopped;
  const atTheStop = [...calls];
  work = deferred();
  work.resolve();
  run();
  await clock.settle();

  expect(atTheStop).toEqual(['a1']);
  expect(calls).toEqual(['a1', 'b2']);
  await stop();
});

test('running twice at once is refused', async () => {
  const { informer, stop } = running();

  await expect(informer.run({ signal: new AbortController().signal })).rejects.toThrow(
    'Cannot run informer "things": it runs already',
  );
  await stop();
});

test('a run with an aborted signal ends at once', async () => {
  const { informer, stop } = running();
  await stop();

  await informer.run({ signal: AbortSignal.abort() });

  expect(informer.isStopped).toBe(true);
});

test('a source that breaks down ends the run with its error', async () => {
  const failure = new Error('broken');
  const { informer } = setup({
    newReflector: () => ({ lastSyncResourceVersion: '', run: () => Promise.reject(failure) }),
  });

  await expect(informer.run({ signal: new AbortController().signal })).rejects.toBe(failure);

  expect(informer.isStopped).toBe(true);
});
