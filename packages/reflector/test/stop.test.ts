import { describe, expect, test } from 'vitest';
import { harness } from './harness.ts';
import {
  added,
  ApiError,
  bookmark,
  errorEvent,
  initialEventsEnd,
  networkError,
  page,
  thing,
} from './scripted.ts';

describe('stopping', () => {
  test('while a watch waits ends the connection once and leaves no timer', async () => {
    const { server, clock, reflector, start, stop } = harness({ resyncPeriodMs: 1000 });
    await start();

    await stop();

    expect(server.lastWatch.isAborted).toBe(true);
    expect(server.lastWatch.returns).toBe(1);
    expect(clock.pending).toBe(0);
    expect(reflector.describe().activity).toBe('stopped');
  });

  test('while a streaming list waits leaves no timer and no connection', async () => {
    const { server, clock, start, stop } = harness({ supportsWatchList: true });
    await start();
    server.lastWatch.send(added(thing('x', '1')));
    await clock.settle();

    await stop();

    expect(server.lastWatch.returns).toBe(1);
    expect(server.lists).toHaveLength(0);
    expect(clock.pending).toBe(0);
  });

  test('while a list is under way opens no watch and writes nothing', async () => {
    const { server, store, clock, start, stop } = harness();
    server.onList = async (request) => {
      await new Promise((resolve) => request.signal?.addEventListener('abort', resolve));
      return page('10');
    };
    await start();

    await stop();

    expect(server.watches).toHaveLength(0);
    expect(store.calls).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  test('during a backoff ends it at once and opens nothing any more', async () => {
    const { server, clock, errors, start, stop } = harness();
    server.onWatch = (watch) => watch.fail(networkError('ECONNREFUSED'));
    await start();

    await stop();

    expect(clock.pending).toBe(0);
    expect(server.watches).toHaveLength(1);
    expect(errors.entries).toHaveLength(1);
  });

  test('before the start does nothing at all', async () => {
    const { server, reflector } = harness();

    await reflector.run({ signal: AbortSignal.abort() });

    expect(server.lists).toHaveLength(0);
  });

  test('waits for the call into the store that is under way', async () => {
    const { server, store, clock, start, stop } = harness();
    await start();
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    store.onCall = () => gate;
    server.lastWatch.send(added(thing('x', '11')), added(thing('y', '12')));
    await clock.settle();

    let hasStopped = false;
    const stopped = stop().then(() => (hasStopped = true));
    await clock.settle();
    const before = hasStopped;
    open();
    await stopped;

    expect(before).toBe(false);
    expect(store.calls).toEqual(['replace 0 at 10', 'add x']);
  });

  test('leaves a request alone, and reports it, when that ignores its signal for a second', async () => {
    const { server, clock, errors, start, stop } = harness();
    server.onList = () => new Promise(() => {});
    await start();

    const stopped = stop();
    await clock.stepAsync(1000);
    await stopped;

    expect(errors.lines).toEqual(['stop: leave it alone']);
    expect(clock.pending).toBe(0);
  });

  test('while a watch is being opened is no failure either', async () => {
    const { server, clock, errors, start, stop } = harness();
    let stopped: Promise<void> | undefined;
    server.onWatch = (watch) => {
      stopped = stop();
      watch.end();
    };
    await start();
    await clock.settle();

    expect(stopped).toBeDefined();
    expect(errors.entries).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  test('is no failure: nothing is reported', async () => {
    const { errors, start, stop } = harness();
    await start();

    await stop();

    expect(errors.entries).toEqual([]);
  });
});

describe('running', () => {
  test('again goes on from the last version', async () => {
    const { server, clock, start, stop, store } = harness();
    await start();
    server.lastWatch.send(added(thing('x', '11')));
    await clock.settle();
    await stop();

    await start();

    expect(server.listVersions).toEqual(['0', '11']);
    expect(store.calls.at(-1)).toBe('replace 0 at 10');
  });

  test('again is synced only after its own first list', async () => {
    const { server, reflector, start, stop } = harness();
    await start();
    await stop();
    server.onList = () => {
      throw new ApiError(500, 'InternalError');
    };

    await start();

    expect(reflector.describe()).toMatchObject({ isSynced: false, activity: 'waiting' });
  });

  test('twice at the same time is refused', async () => {
    const { reflector, start } = harness();
    await start();

    const second = reflector.run({ signal: new AbortController().signal });

    await expect(second).rejects.toThrow('Cannot run reflector "things": it is running already');
  });

  test.each([
    ['an event', added(thing('x', '11'))],
    ['a bookmark', bookmark('12')],
  ])('forgets what failed at a watch when %s comes through', async (_, event) => {
    const { server, clock, reflector, start } = harness();
    await start();
    await clock.stepAsync(5000);
    server.lastWatch.fail(networkError('ECONNRESET'));
    await clock.settle();
    const failed = reflector.describe().lastError;

    server.lastWatch.send(event);
    await clock.settle();

    expect(failed).toMatchObject({ context: { phase: 'watch' } });
    expect(reflector.describe().lastError).toBeUndefined();
    expect(server.lists).toHaveLength(1);
  });

  test('tells what it does and what failed last, until all is well again', async () => {
    const { server, clock, reflector, start } = harness({ supportsWatchList: true });
    const activities = [reflector.describe().activity];

    await start();
    activities.push(reflector.describe().activity);
    server.lastWatch.send(initialEventsEnd('5'));
    await clock.settle();
    activities.push(reflector.describe().activity);
    server.lastWatch.send(errorEvent(new ApiError(410, 'Expired')));
    await clock.settle();
    const failed = reflector.describe();
    await clock.stepAsync(800);
    server.lastWatch.send(initialEventsEnd('6'));
    await clock.settle();

    expect(activities).toEqual(['stopped', 'streaming', 'watching']);
    expect(failed).toMatchObject({
      activity: 'waiting',
      lastError: { context: { phase: 'watch', retryInMs: 800 } },
    });
    expect(reflector.describe().lastError).toBeUndefined();
  });
});
