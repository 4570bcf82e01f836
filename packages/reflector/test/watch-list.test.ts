import { describe, expect, test } from 'vitest';
import { WatchListMemory } from '../src/index.ts';
import { harness, type Harness } from './harness.ts';
import {
  added,
  ApiError,
  bookmark,
  deleted,
  errorEvent,
  initialEventsEnd,
  modified,
  networkError,
  page,
  thing,
} from './scripted.ts';

/** A server that streams lists unless a test says otherwise. */
function streaming(options: Parameters<typeof harness>[0] = {}): Harness {
  return harness({ supportsWatchList: true, ...options });
}

/** How often each kind of request was made: streams, lists, plain watches. */
function requests({ server }: Harness): { streams: number; lists: number; watches: number } {
  const streams = server.watches.filter(({ request }) => request.sendInitialEvents).length;
  return { streams, lists: server.lists.length, watches: server.watches.length - streams };
}

describe('a streaming list', () => {
  test('is asked for as the API server demands', async () => {
    const { server, start } = streaming();

    await start();

    expect(server.lastWatch.request).toMatchObject({
      sendInitialEvents: true,
      resourceVersionMatch: 'NotOlderThan',
      allowWatchBookmarks: true,
      timeoutSeconds: 300,
    });
    expect(server.lastWatch.request).not.toHaveProperty('resourceVersion');
  });

  test('fills the store in one piece when its end bookmark comes, not before', async () => {
    const { server, store, clock, reflector, start } = streaming();
    await start();

    server.lastWatch.send(added(thing('x', '1')), added(thing('y', '2')));
    await clock.settle();
    const before = { calls: [...store.calls], ...reflector.describe() };
    server.lastWatch.send(initialEventsEnd('5'));
    await clock.settle();

    expect(before).toMatchObject({ calls: [], isSynced: false, resourceVersion: '' });
    expect(store.calls).toEqual(['replace 2 at 5']);
    expect(reflector.describe()).toMatchObject({ isSynced: true, resourceVersion: '5' });
  });

  test('goes on as the watch over the same connection', async () => {
    const h = streaming();
    await h.start();

    h.server.lastWatch.send(initialEventsEnd('5'), added(thing('x', '6')), bookmark('7'));
    await h.clock.settle();

    expect(requests(h)).toEqual({ streams: 1, lists: 0, watches: 0 });
    expect(h.store.calls).toEqual(['replace 0 at 5', 'add x', 'bookmark 7']);
    expect(h.reflector.lastSyncResourceVersion).toBe('7');
  });

  test('counts changes and deletions that come before its end', async () => {
    const { server, store, clock, start } = streaming();
    await start();

    server.lastWatch.send(
      added(thing('x', '1')),
      added(thing('y', '2')),
      modified(thing('x', '3', 'changed')),
      added(thing('z', '4')),
      deleted(thing('z', '5')),
      initialEventsEnd('5'),
    );
    await clock.settle();

    expect([...store.objects.values()]).toEqual([thing('x', '3', 'changed'), thing('y', '2')]);
  });

  test('does not end at a bookmark whose annotation has another value than "true"', async () => {
    const { server, store, clock, start } = streaming();
    await start();

    server.lastWatch.send(bookmark('3'), initialEventsEnd('4', 'false'), initialEventsEnd('5', ''));
    await clock.settle();

    expect(store.calls).toEqual([]);
  });

  test('that ends before its end bookmark is started again', async () => {
    const h = streaming();
    await h.start();

    h.server.lastWatch.send(added(thing('x', '1'))).end();
    await h.clock.settle();
    h.server.lastWatch.send(added(thing('y', '1')), initialEventsEnd('2'));
    await h.clock.settle();

    expect(requests(h)).toEqual({ streams: 2, lists: 0, watches: 0 });
    expect(h.store.names).toEqual(['y']);
  });

  test('that breaks before it brings anything is started again soon', async () => {
    const h = streaming();
    h.server.onWatch = (watch, index) => {
      if (index === 0) watch.fail(networkError('ECONNRESET'));
    };

    await h.start();
    await h.clock.stepAsync(49);
    const before = requests(h);
    await h.clock.stepAsync(1);

    expect(before).toEqual({ streams: 1, lists: 0, watches: 0 });
    expect(requests(h)).toEqual({ streams: 2, lists: 0, watches: 0 });
  });

  test('that breaks three times before it brings anything is replaced by a list, but only this time', async () => {
    const h = streaming();
    h.server.onWatch = (watch, index) => {
      if (index < 3) watch.fail(networkError('ECONNRESET'));
    };

    await h.start();
    await h.clock.stepAsync(200);

    expect(requests(h)).toEqual({ streams: 3, lists: 1, watches: 1 });
    expect(h.reflector.describe().isStreamingRefused).toBe(false);
  });

  test('that ends after its end bookmark is followed by a plain watch from the last version', async () => {
    const h = streaming();
    await h.start();

    h.server.lastWatch.send(initialEventsEnd('2'), added(thing('x', '3'))).end();
    await h.clock.settle();

    expect(requests(h)).toEqual({ streams: 1, lists: 0, watches: 1 });
    expect(h.server.watchVersions).toEqual(['', '3']);
  });

  test('after 410 asks for the last version', async () => {
    const { server, clock, start } = streaming();
    await start();

    server.lastWatch.send(initialEventsEnd('2'), errorEvent(new ApiError(410, 'Expired')));
    await clock.stepAsync(800);

    expect(server.watches[1]?.request).toMatchObject({
      sendInitialEvents: true,
      resourceVersion: '2',
    });
  });

  test.each([
    ['has expired', new ApiError(410, 'Expired')],
    [
      'is too large',
      new ApiError(504, 'Timeout', {
        details: { causes: [{ reason: 'ResourceVersionTooLarge' }] },
      }),
    ],
  ])('whose version %s is started again at once from the newest', async (_, error) => {
    const h = streaming();
    h.server.onWatch = (watch, index) => {
      if (index === 0) watch.send(initialEventsEnd('2'), errorEvent(new ApiError(410, 'Expired')));
      if (index === 1) watch.fail(error);
      if (index === 2) watch.send(added(thing('x', '9')), initialEventsEnd('9'));
    };

    await h.start();
    await h.clock.stepAsync(800);

    expect(h.server.watchVersions).toEqual(['', '2', '']);
    expect(requests(h)).toEqual({ streams: 3, lists: 0, watches: 0 });
    expect(h.store.names).toEqual(['x']);
  });

  test.each([
    ['429', new ApiError(429, 'TooManyRequests')],
    ['a refused connection', networkError('ECONNREFUSED')],
  ])('is tried again after %s, with a backoff', async (_, error) => {
    const h = streaming();
    h.server.onWatch = (watch, index) => {
      if (index < 2) watch.fail(error);
      else watch.send(added(thing('x', '1')), initialEventsEnd('2'));
    };

    await h.start();
    await h.clock.stepAsync(800 + 1600);

    expect(requests(h)).toEqual({ streams: 3, lists: 0, watches: 0 });
    expect(h.store.names).toEqual(['x']);
    expect(h.errors.lines).toEqual([
      'watch-list: retry in 800 ms from the newest version',
      'watch-list: retry in 1600 ms from the newest version',
    ]);
  });

  test('skips and reports an object that cannot be transformed', async () => {
    const { server, store, errors, clock, start } = streaming({
      transform: (obj) => {
        if (obj.metadata.name === 'x') throw new Error('odd');
        return { ...obj, note: 'seen' };
      },
    });
    await start();

    server.lastWatch.send(added(thing('x', '1')), added(thing('y', '2')), initialEventsEnd('2'));
    await clock.settle();

    expect([...store.objects.values()]).toEqual([thing('y', '2', 'seen')]);
    expect(errors.lines).toEqual(['transform: skip it and go on']);
  });

  test('that the store does not take is made again after the backoff, over a new connection', async () => {
    const h = streaming();
    h.server.onWatch = (watch) => watch.send(initialEventsEnd('2'));
    let failures = 1;
    h.store.onCall = () => {
      if (failures-- > 0) throw new Error('full');
    };

    await h.start();
    const isFirstClosed = h.server.watches[0]?.isAborted;
    await h.clock.stepAsync(800);

    expect(isFirstClosed).toBe(true);
    expect(requests(h)).toEqual({ streams: 2, lists: 0, watches: 0 });
    expect(h.reflector.lastSyncResourceVersion).toBe('2');
  });
});

describe('a paged list is made instead', () => {
  test('when streaming is turned off', async () => {
    const h = streaming({ watchList: false });

    await h.start();

    expect(requests(h)).toEqual({ streams: 0, lists: 1, watches: 1 });
  });

  test('when the lister-watcher says that it cannot stream; no statement means that it can', async () => {
    const cannot = harness({ supportsWatchList: false });
    const silent = streaming();
    silent.server.supportsWatchList = undefined;

    await cannot.start();
    await silent.start();

    expect(requests(cannot)).toEqual({ streams: 0, lists: 1, watches: 1 });
    expect(requests(silent)).toEqual({ streams: 1, lists: 0, watches: 0 });
  });

  test('when the server does not know streaming, and from then on', async () => {
    const h = streaming();
    h.server.onWatch = (watch) => {
      if (watch.request.sendInitialEvents) watch.fail(new ApiError(422, 'Invalid'));
    };
    h.server.onList = () => page('1', [thing('x', '1')]);

    await h.start();
    const first = requests(h);
    h.server.lastWatch.send(errorEvent(new ApiError(410, 'Expired')));
    await h.clock.stepAsync(800);

    expect(first).toEqual({ streams: 1, lists: 1, watches: 1 });
    expect(requests(h)).toEqual({ streams: 1, lists: 2, watches: 2 });
    expect(h.errors.lines[0]).toBe('watch-list: list in pages now from any version');
    expect(h.reflector.describe().isStreamingRefused).toBe(true);
  });

  test('when the stream fails otherwise, but only this time', async () => {
    const h = streaming();
    h.server.onWatch = (watch, index) => {
      if (index === 0) watch.fail(new ApiError(500, 'InternalError'));
    };

    await h.start();
    const first = requests(h);
    h.server.lastWatch.send(errorEvent(new ApiError(410, 'Expired')));
    await h.clock.stepAsync(800);

    expect(first).toEqual({ streams: 1, lists: 1, watches: 1 });
    expect(requests(h)).toEqual({ streams: 2, lists: 1, watches: 1 });
  });

  test('when the stream brings neither its end nor a new object for 30 s, and from then on', async () => {
    const h = streaming();
    await h.start();
    h.server.lastWatch.send(added(thing('x', '1')));

    await h.clock.stepAsync(29_999);
    h.server.lastWatch.send(modified(thing('x', '2')));
    const before = requests(h);
    await h.clock.stepAsync(1);
    const after = requests(h);
    h.server.lastWatch.send(errorEvent(new ApiError(410, 'Expired')));
    await h.clock.stepAsync(800);

    expect(before).toEqual({ streams: 1, lists: 0, watches: 0 });
    expect(after).toEqual({ streams: 1, lists: 1, watches: 1 });
    expect(h.server.watches[0]?.isAborted).toBe(true);
    expect(requests(h)).toEqual({ streams: 1, lists: 2, watches: 2 });
  });

  test('when the stream goes on and on with new objects for two minutes', async () => {
    const h = streaming();
    await h.start();

    for (let n = 0; n < 119; n += 1) {
      h.server.lastWatch.send(added(thing(`t${n}`, `${n}`)));
      await h.clock.stepAsync(1000);
    }
    const before = requests(h);
    await h.clock.stepAsync(1000);

    expect(before).toEqual({ streams: 1, lists: 0, watches: 0 });
    expect(requests(h)).toEqual({ streams: 1, lists: 1, watches: 1 });
  });

  test('when three streams in a row end before their end bookmark', async () => {
    const h = streaming();
    h.server.onWatch = (watch) => {
      if (watch.request.sendInitialEvents) watch.send(added(thing('x', '1'))).end();
    };

    await h.start();

    expect(requests(h)).toEqual({ streams: 3, lists: 1, watches: 1 });
    expect(h.reflector.describe().isStreamingRefused).toBe(true);
  });

  test('never for want of an end when the deadline is zero', async () => {
    const h = streaming({ watchListTimeoutMs: 0, idleTimeoutMs: 0 });
    await h.start();

    await h.clock.stepAsync(250_000);

    expect(requests(h)).toEqual({ streams: 1, lists: 0, watches: 0 });
  });

  test('by every reflector that shares the memory of the refusal, until that is an hour old', async () => {
    const first = streaming();
    const watchListMemory = new WatchListMemory({ clock: first.clock });
    const options = { clock: first.clock, watchListMemory };
    const teacher = streaming(options);
    teacher.server.onWatch = (watch) => {
      if (watch.request.sendInitialEvents) watch.fail(new ApiError(400, 'BadRequest'));
    };
    await teacher.start();

    const pupil = streaming(options);
    await pupil.start();
    await first.clock.stepAsync(3_600_000);
    const later = streaming(options);
    await later.start();

    expect(requests(pupil)).toMatchObject({ streams: 0, lists: 1 });
    expect(requests(later)).toMatchObject({ streams: 1, lists: 0 });
  });
});

describe('while the end bookmark is missing', () => {
  test('a warning comes after every ten seconds of silence, and none after the end', async () => {
    const { server, clock, errors, start } = streaming();
    await start();

    await clock.stepAsync(20_000);
    const silent = [...errors.lines];
    server.lastWatch.send(initialEventsEnd('2'));
    await clock.stepAsync(60_000);

    expect(silent).toEqual(['watch-list: wait on', 'watch-list: wait on']);
    expect(String(errors.entries[1]?.error)).toContain('nothing has come for 20000 ms');
    expect(errors.lines).toEqual(silent);
  });

  test('no warning comes while events do', async () => {
    const { server, clock, errors, start } = streaming();
    await start();

    for (let n = 0; n < 25; n += 1) {
      server.lastWatch.send(added(thing(`t${n}`, `${n}`)));
      await clock.stepAsync(1000);
    }

    expect(errors.lines).toEqual([]);
  });
});
