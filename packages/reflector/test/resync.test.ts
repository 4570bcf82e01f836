import { expect, test } from 'vitest';
import { harness } from './harness.ts';
import { added, thing } from './scripted.ts';

test('the store is resynced after each period', async () => {
  const { store, clock, start } = harness({ resyncPeriodMs: 1000 });
  await start();

  await clock.stepAsync(999);
  const early = store.calls.length;
  await clock.stepAsync(2001);

  expect(early).toBe(1);
  expect(store.calls.slice(1)).toEqual(['resync', 'resync', 'resync']);
});

test('the store is never resynced when the period is zero', async () => {
  const { store, clock, start } = harness();
  await start();

  await clock.stepAsync(200_000);

  expect(store.calls).toEqual(['replace 0 at 10']);
});

test('a resync is left out when it is said to be of no use', async () => {
  let isUseful = false;
  const { store, clock, start } = harness({
    resyncPeriodMs: 1000,
    shouldResync: () => isUseful,
  });
  await start();

  await clock.stepAsync(1000);
  isUseful = true;
  await clock.stepAsync(1000);

  expect(store.calls).toEqual(['replace 0 at 10', 'resync']);
});

test('a failing resync ends the watch, and a list follows after the backoff', async () => {
  const { server, store, clock, errors, start } = harness({ resyncPeriodMs: 1000 });
  let resyncs = 0;
  store.onCall = (call) => {
    if (call === 'resync' && ++resyncs === 2) throw new Error('no room');
  };
  await start();

  await clock.stepAsync(2000);
  const closed = server.watches[0]?.isAborted;
  await clock.stepAsync(800);

  expect(closed).toBe(true);
  expect(errors.lines).toEqual(['resync: retry in 800 ms from resourceVersion 10']);
  expect(server.listVersions).toEqual(['0', '10']);
});

test('a resync and an event never reach the store at the same time', async () => {
  const { server, store, clock, start } = harness({ resyncPeriodMs: 1000 });
  await start();
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  store.onCall = (call) => (call === 'add x' ? gate : undefined);
  server.lastWatch.send(added(thing('x', '11')));
  await clock.settle();

  await clock.stepAsync(1000);
  const before = [...store.calls];
  open();
  await clock.settle();

  expect(before).toEqual(['replace 0 at 10', 'add x']);
  expect(store.calls).toEqual(['replace 0 at 10', 'add x', 'resync']);
});
