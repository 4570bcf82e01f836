import { describe, expect, test } from 'vitest';
import { harness } from './harness.ts';
import type { EventIterator, ListerWatcher, ReflectorEvent } from '../src/lister-watcher.ts';
import { added, bookmark, deleted, page, thing, type Thing } from './scripted.ts';

describe('the server is asked to end a watch', () => {
  test.each([
    ['after five minutes at least', {}, 0, 300],
    ['after ten minutes at most', {}, 0.9999, 599],
    ['after no less than five minutes, whatever is wished', { minWatchTimeoutMs: 1000 }, 0, 300],
    ['after half an hour at least when that is wished', { minWatchTimeoutMs: 1_800_000 }, 0, 1800],
    ['after an hour at most then', { minWatchTimeoutMs: 1_800_000 }, 0.9999, 3599],
  ])('%s', async (_, options, random, timeoutSeconds) => {
    const { server, start } = harness({ ...options, random: () => random });

    await start();

    expect(server.lastWatch.request.timeoutSeconds).toBe(timeoutSeconds);
  });
});

describe('a connection that is dead without saying so', () => {
  test('is given up after two and a half minutes of silence, for another from the same version', async () => {
    const { server, clock, errors, start } = harness({ random: () => 0.5 });
    await start();

    await clock.stepAsync(149_999);
    const before = server.watches.length;
    await clock.stepAsync(1);

    expect(before).toBe(1);
    expect(server.watchVersions).toEqual(['10', '10']);
    expect(server.watches[0]?.isAborted).toBe(true);
    expect(server.lists).toHaveLength(1);
    expect(errors.entries[0]?.error).toMatchObject({ name: 'WatchSilentError', silentMs: 150_000 });
    expect(errors.lines).toEqual(['watch: retry now from resourceVersion 10']);
  });

  test('is not suspected while bookmarks come', async () => {
    const { server, clock, start } = harness({ random: () => 0.9 });
    await start();

    for (let minute = 1; minute <= 9; minute += 1) {
      await clock.stepAsync(60_000);
      server.lastWatch.send(bookmark(`${10 + minute}`));
    }
    await clock.settle();

    expect(server.watches).toHaveLength(1);
  });

  test('is given up five seconds after the server should have ended the watch', async () => {
    const { server, clock, start } = harness({ idleTimeoutMs: 0 });
    await start();

    await clock.stepAsync(304_999);
    const before = server.watches.length;
    await clock.stepAsync(1);

    expect(before).toBe(1);
    expect(server.watches).toHaveLength(2);
  });

  test('is not suspected while the store takes its time', async () => {
    const { server, store, clock, start } = harness();
    await start();
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    store.onCall = () => gate;
    server.lastWatch.send(added(thing('x', '11')), added(thing('y', '12')));
    await clock.settle();

    await clock.stepAsync(900_000);
    const during = server.watches.length;
    open();
    await clock.stepAsync(4999);

    expect(during).toBe(1);
    expect(store.calls).toEqual(['replace 0 at 10', 'add x', 'add y']);
    expect(server.watches).toHaveLength(1);
  });
});

describe('events that come together', () => {
  /** A source whose watch brings batches and then waits; counts its reads. */
  function batchedSource(
    ...batches: ReflectorEvent<Thing>[][]
  ): ListerWatcher<Thing> & { reads: number } {
    const source = {
      reads: 0,
      supportsWatchList: false,
      list: () => Promise.resolve(page('10', [])),
      watch: () => ({ [Symbol.asyncIterator]: () => iterator }),
    };
    const iterator: EventIterator<Thing> = {
      next: () => Promise.reject(new Error('it has batches')),
      nextBatch: async () => {
        source.reads += 1;
        return batches.shift() ?? new Promise(() => {});
      },
    };
    return source;
  }

  test('are all written, in order, after one read', async () => {
    const first = [added(thing('x', '11')), added(thing('y', '12')), deleted(thing('x', '13'))];
    const listerWatcher = batchedSource(first, [added(thing('z', '14'))]);
    const { store, start } = harness({ listerWatcher });

    await start();

    expect(store.calls.slice(-4)).toEqual(['add x', 'add y', 'delete x', 'add z']);
    expect(listerWatcher.reads).toBe(3);
  });

  test('are not written after the stop, though they had come', async () => {
    const listerWatcher = batchedSource([added(thing('x', '11')), added(thing('y', '12'))]);
    const { store, start, stop } = harness({ listerWatcher });
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    store.onCall = (call) => (call.startsWith('add x') ? gate : undefined);
    await start();

    const stopped = stop();
    open();
    await stopped;

    expect(store.names).toEqual(['x']);
  });
});
