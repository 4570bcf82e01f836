import { describe, expect, test } from 'vitest';
import { ResyncPolicy } from '../src/resync.ts';
import { recorder, running, setup, thing } from './support/scripted.ts';

describe('periods', () => {
  test('the smallest period of a handler is that of the timer, and a second is the least', () => {
    const policy = new ResyncPolicy(60_000);

    const periods = [policy.admit(90_000, false), policy.admit(5, false), policy.admit(0, false)];

    expect(periods).toEqual([90_000, 1000, 0]);
    expect(policy.checkPeriodMs).toBe(1000);
  });

  test('a handler that comes after the start cannot make the timer faster', () => {
    const policy = new ResyncPolicy(30_000);

    const periods = [policy.admit(10_000, true), policy.admit(60_000, true)];

    expect(periods).toEqual([30_000, 60_000]);
    expect(policy.checkPeriodMs).toBe(30_000);
  });

  test('a handler that wants resyncs from an informer that runs without them is refused', async () => {
    const { informer, stop } = running();

    expect(() => informer.addEventHandler({}, { resyncPeriodMs: 5000 })).toThrow(
      'Cannot resync a handler every 5000 ms: the informer runs without resyncs',
    );
    await stop();
  });

  test('the reflector gets the period of the timer, and the registration says what the handler got', () => {
    const made = setup({ resyncPeriodMs: 60_000 });

    const fast = made.informer.addEventHandler({}, { resyncPeriodMs: 2000 });
    const usual = made.informer.addEventHandler({});
    made.run();

    expect([fast.resyncPeriodMs, usual.resyncPeriodMs]).toEqual([2000, 60_000]);
    expect(made.source.settings.resyncPeriodMs).toBe(2000);
  });
});

test('each handler is resynced at its own period only', async () => {
  const made = setup();
  const [fast, slow, never] = [recorder(), recorder(), recorder()];
  made.informer.addEventHandler(fast.handler, { resyncPeriodMs: 1000 });
  made.informer.addEventHandler(slow.handler, { resyncPeriodMs: 2000 });
  made.informer.addEventHandler(never.handler);
  made.run();
  await made.source.store.replace([thing('a', 1)], '1');

  for (let tick = 0; tick < 4; tick += 1) {
    await made.clock.stepAsync(1000);
    made.source.resync();
    await made.clock.settle();
  }

  const resyncs = [fast, slow, never].map(
    ({ log }) => log.filter((l) => l === 'update a1 a1').length,
  );
  expect(resyncs).toEqual([4, 2, 0]);
});

test('a resync behind changes that wait tells what the cache holds by then, and nothing of what is gone', async () => {
  const made = setup();
  const { log, handler } = recorder();
  made.informer.addEventHandler(handler, { resyncPeriodMs: 1000 });
  made.run();
  await made.source.store.replace([thing('a', 1), thing('b', 2)], '2');
  await made.clock.stepAsync(1000);

  made.source.update(thing('a', 3));
  made.source.delete(thing('b', 4));
  made.source.resync();
  await made.clock.settle();

  expect(log.slice(2)).toEqual(['update a1 a3', 'delete b4', 'update a3 a3']);
});

test('a timer that fires a little early does not cost a handler its turn', async () => {
  const made = setup();
  const { log, handler } = recorder();
  made.informer.addEventHandler(handler, { resyncPeriodMs: 1000 });
  made.run();
  await made.source.store.replace([thing('a', 1)], '1');

  await made.clock.stepAsync(999);
  made.source.resync();
  await made.clock.settle();

  expect(log).toEqual(['add a1!', 'update a1 a1']);
});

test('after a gap unchanged objects go only to handlers whose resync is due, changed ones to all', async () => {
  const made = setup();
  const [due, none] = [recorder(), recorder()];
  made.informer.addEventHandler(due.handler, { resyncPeriodMs: 1000 });
  made.informer.addEventHandler(none.handler);
  made.run();
  await made.source.store.replace([thing('a', 1), thing('b', 2)], '2');
  await made.clock.settle();

  await made.source.store.replace([thing('a', 1), thing('b', 3)], '3');
  await made.clock.settle();
  await made.clock.stepAsync(1000);
  await made.source.store.replace([thing('a', 1), thing('b', 4)], '4');
  await made.clock.settle();

  const common = ['add a1!', 'add b2!', 'update b2 b3'];
  expect(none.log).toEqual([...common, 'update b3 b4']);
  expect(due.log).toEqual([...common, 'update a1 a1', 'update b3 b4']);
});

test('with a transform that takes versions away changes are still told from resyncs', async () => {
  const { informer, source, clock } = running({
    transform: ({ metadata: { name }, secret }) => ({ metadata: { name }, secret }),
  });
  const updates: unknown[] = [];
  informer.addEventHandler({ update: (oldObj, newObj) => void updates.push(newObj) });
  await source.store.replace([thing('a', 1), thing('b', 2)], '2');

  await source.store.replace([thing('a', 1), thing('b', 3)], '3');
  const afterList = informer.lastStoreSyncResourceVersion;
  source.update(thing('a', 4));
  await clock.settle();

  expect(updates).toHaveLength(2);
  expect([afterList, informer.lastStoreSyncResourceVersion]).toEqual(['3', '4']);
});
