import { describe, expect, test, vi } from 'vitest';
import { harness } from './harness.ts';
import {
  added,
  ApiError,
  bookmark,
  deleted,
  errorEvent,
  modified,
  networkError,
  page,
  thing,
} from './scripted.ts';

describe('list and watch', () => {
  test('the version of the list is where the watch starts', async () => {
    const { server, store, start } = harness();
    server.onList = () => page('10', [thing('x', '9')]);

    await start();

    expect(store.calls).toEqual(['replace 1 at 10']);
    expect(server.watchVersions).toEqual(['10']);
  });

  test('additions, changes, deletions and bookmarks reach the store in order', async () => {
    const { server, store, clock, start } = harness();
    await start();

    server.lastWatch.send(
      added(thing('x', '11')),
      modified(thing('x', '12')),
      deleted(thing('x', '13')),
      bookmark('14'),
    );
    await clock.settle();

    expect(store.calls.slice(1)).toEqual(['add x', 'update x', 'delete x', 'bookmark 14']);
  });

  test('the store is told the version of each addition, change, bookmark and deletion in order', async () => {
    const { server, store, clock, start } = harness();
    await start();

    server.lastWatch.send(
      added(thing('x', '10')),
      modified(thing('x', '20')),
      bookmark('30'),
      deleted(thing('x', '40')),
    );
    await clock.settle();

    expect(store.versions).toEqual(['10', '20', '30', '40']);
  });

  test('the version is that of the last event, not the largest', async () => {
    const { server, reflector, clock, start } = harness();
    await start();

    server.lastWatch.send(added(thing('x', '55')), added(thing('y', '32')));
    await clock.settle();

    expect(reflector.lastSyncResourceVersion).toBe('32');
  });

  test('an event is read only after the store has taken the one before', async () => {
    const { server, store, clock, start } = harness();
    await start();
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    store.onCall = (call) => (call === 'add x' ? gate : undefined);

    server.lastWatch.send(added(thing('x', '11')), added(thing('y', '12')));
    await clock.settle();
    const before = [...store.calls];
    open();
    await clock.settle();

    expect(before).toEqual(['replace 0 at 10', 'add x']);
    expect(store.calls).toEqual(['replace 0 at 10', 'add x', 'add y']);
  });

  test('bookmarks are always asked for and selectors are sent with every request', async () => {
    const { server, start } = harness({ labelSelector: 'app=web', fieldSelector: 'spec.x=1' });

    await start();

    const selectors = { labelSelector: 'app=web', fieldSelector: 'spec.x=1' };
    expect(server.lists[0]).toMatchObject(selectors);
    expect(server.lastWatch.request).toMatchObject({ ...selectors, allowWatchBookmarks: true });
  });

  test('made-up events of a watch without a version do not move the version', async () => {
    const { server, reflector, clock, start } = harness();
    server.onList = () => page('');
    await start();

    server.lastWatch.send(added(thing('x', '7')), added(thing('y', '3')));
    await clock.settle();
    const during = reflector.lastSyncResourceVersion;
    server.lastWatch.send(bookmark('9'), added(thing('z', '11')));
    await clock.settle();

    expect(during).toBe('');
    expect(reflector.lastSyncResourceVersion).toBe('11');
  });
});

describe('after a failure', () => {
  test('a watch that the server ends in peace is followed at once by another from the last version', async () => {
    const { server, clock, start } = harness();
    await start();

    server.lastWatch.send(added(thing('x', '11'))).end();
    await clock.settle();

    expect(server.watchVersions).toEqual(['10', '11']);
    expect(server.lists).toHaveLength(1);
  });

  test('after 410 the list asks for the last version first, after the backoff', async () => {
    const { server, clock, errors, start } = harness();
    await start();

    server.lastWatch.send(added(thing('x', '11')), errorEvent(new ApiError(410, 'Expired')));
    await clock.stepAsync(799);
    const before = [...server.listVersions];
    await clock.stepAsync(1);

    expect(before).toEqual(['0']);
    expect(server.listVersions).toEqual(['0', '11']);
    expect(errors.lines).toEqual(['watch: retry in 800 ms from resourceVersion 11']);
  });

  test('a watch that ends within a second without events is an error, and the list after it waits', async () => {
    const { server, clock, errors, start } = harness();
    server.onWatch = (watch, index) => {
      if (index === 0) watch.end();
    };

    await start();
    await clock.stepAsync(799);
    const before = server.lists.length;
    await clock.stepAsync(1);

    expect(before).toBe(1);
    expect(server.listVersions).toEqual(['0', '10']);
    expect(errors.entries[0]?.error).toMatchObject({ name: 'VeryShortWatchError' });
  });

  test('a watch without events that lasted a second or more is followed at once by another', async () => {
    const { server, clock, errors, start } = harness();
    await start();

    await clock.stepAsync(1000);
    server.lastWatch.end();
    await clock.settle();

    expect(server.watches).toHaveLength(2);
    expect(server.lists).toHaveLength(1);
    expect(errors.entries).toEqual([]);
  });

  test('errors of lists and watches never lose an object', async () => {
    const { server, store, clock, start } = harness();
    const lists = [
      () => page('1'),
      () => page('3', [thing('foo', '2'), thing('bar', '3')]),
      (): never => {
        throw new Error('a list error');
      },
      () => page('5', [thing('bar', '3'), thing('qux', '5')]),
      () => page('6', [thing('bar', '3'), thing('qux', '5'), thing('baz', '6')]),
    ];
    server.onList = (_, index) => (lists[index] ?? lists[4])?.() ?? page('');
    server.onWatch = (watch, index) => {
      const foreign = new Error('a watch error');
      if (index === 0) watch.send(added(thing('foo', '2')), added(thing('bar', '3'))).fail(foreign);
      if (index === 1)
        watch.send(deleted(thing('foo', '4')), added(thing('qux', '5'))).fail(foreign);
      if (index === 2) watch.fail(foreign);
    };

    await start();
    const states: (readonly string[])[] = [store.names];
    for (const delayMs of [800, 1600, 3200, 6400]) {
      await clock.stepAsync(delayMs);
      states.push(store.names);
    }

    expect(states).toEqual([
      ['foo', 'bar'],
      ['bar', 'qux'],
      ['bar', 'qux'],
      ['bar', 'qux'],
      ['bar', 'qux', 'baz'],
    ]);
  });

  test('an object that the server cannot read any more is gone from the store after the relist', async () => {
    const { server, store, clock, start } = harness({ maxInternalErrorRetryMs: 60_000 });
    server.onList = (_, index) =>
      index === 0
        ? page('10', [thing('good', '5'), thing('corrupt', '6')])
        : page('12', [thing('good', '5')]);
    await start();

    server.lastWatch.send(errorEvent(new ApiError(500, 'StoreReadError')));
    await clock.stepAsync(800);

    expect(store.names).toEqual(['good']);
    expect(store.calls).toEqual(['replace 2 at 10', 'replace 1 at 12']);
  });

  test('a failing write is reported, its event skipped, and the watch goes on', async () => {
    const { server, store, errors, clock, start } = harness();
    await start();
    store.onCall = (call) => {
      if (call === 'add x') throw new Error('full');
    };

    server.lastWatch.send(added(thing('x', '11')), added(thing('y', '12')));
    await clock.settle();

    expect(store.names).toEqual(['y']);
    expect(errors.lines).toEqual(['store: skip it and go on']);
  });

  test('a list that the store does not take is made again after the backoff', async () => {
    const { server, store, errors, clock, start } = harness();
    let failures = 1;
    store.onCall = () => {
      if (failures-- > 0) throw new Error('full');
    };

    await start();
    const before = server.watches.length;
    await clock.stepAsync(800);

    expect(before).toBe(0);
    expect(store.calls).toEqual(['replace 0 at 10', 'replace 0 at 10']);
    expect(errors.lines).toEqual(['store: retry in 800 ms from any version']);
  });

  test('a handler of errors that throws stops nothing', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const { server, clock, start } = harness({
      onError: () => {
        throw new Error('broken handler');
      },
    });
    await start();

    server.lastWatch.send(errorEvent(new ApiError(410, 'Expired')));
    await clock.stepAsync(800);

    expect(server.listVersions).toEqual(['0', '10']);
    expect(warn.mock.calls[0]?.[0]).toContain('broken handler');
    warn.mockRestore();
  });
});

test('where nobody listens, failures become process warnings', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const { server, clock, start } = harness({ onError: undefined });
  await start();

  server.lastWatch.send(errorEvent(new ApiError(410, 'Expired', { message: 'too old' })));
  await clock.settle();

  expect(warn.mock.calls[0]?.[0]).toBe(
    'Reflector "things", watch: The server ended the watch with an error: too old (retry in 800 ms from resourceVersion 10)',
  );
  warn.mockRestore();
});

describe('kinds', () => {
  test('an event of another kind is skipped and reported', async () => {
    const { server, store, errors, clock, reflector, start } = harness({
      expectedKind: { apiVersion: 'v1', kind: 'Thing' },
    });
    await start();

    const stranger = { ...thing('x', '11'), kind: 'Stranger' };
    server.lastWatch.send(added(stranger), added(thing('y', '12')));
    await clock.settle();

    expect(store.names).toEqual(['y']);
    expect(reflector.lastSyncResourceVersion).toBe('12');
    expect(errors.lines).toEqual(['event: skip it and go on']);
    expect(String(errors.entries[0]?.error)).toContain('"v1, Kind=Stranger"');
  });

  test('an event without an object or without metadata is skipped and reported', async () => {
    const { server, store, errors, clock, start } = harness();
    await start();

    // A broken server may send anything; the types cannot keep it from that.
    const broken = [
      { type: 'ADDED', object: null },
      { type: 'ADDED', object: {} },
    ] as never[];
    server.lastWatch.send(...broken, added(thing('y', '12')));
    await clock.settle();

    expect(store.names).toEqual(['y']);
    expect(errors.entries).toHaveLength(2);
  });

  test('an event of an unknown type is skipped and reported', async () => {
    const { server, errors, clock, start } = harness();
    await start();

    // As above: not a type that exists.
    server.lastWatch.send({ type: 'TURNED', object: thing('x', '11') } as never);
    await clock.settle();

    expect(String(errors.entries[0]?.error)).toContain('TURNED');
  });

  test('an answer in table format is refused, in lists and in watches', async () => {
    const { server, store, errors, clock, start } = harness();
    const table = { apiVersion: 'meta.k8s.io/v1', kind: 'Table' };
    server.onList = (_, index) => (index === 0 ? { ...table, items: [] } : page('10'));

    await start();
    await clock.stepAsync(800);
    server.lastWatch.send(added({ ...thing('x', '11'), ...table }));
    await clock.settle();

    expect(store.calls).toEqual(['replace 0 at 10']);
    expect(errors.entries.map(({ error }) => String(error))).toEqual([
      expect.stringContaining('table format'),
      expect.stringContaining('table format'),
    ]);
  });

  test('the name is what was given, else the resource, else the kind', () => {
    const kind = { apiVersion: 'apps/v1', kind: 'Deployment' };

    const given = harness({ name: 'mine' }).reflector.name;
    const { server, store } = harness();
    const named = harness({ name: undefined, listerWatcher: server, store, expectedKind: kind });
    server.resource = { name: 'deployments.apps', ...kind };
    const resource = harness({ name: undefined, listerWatcher: server }).reflector.name;

    expect([given, resource, named.reflector.name]).toEqual([
      'mine',
      'deployments.apps',
      'apps/v1, Kind=Deployment',
    ]);
  });
});

describe('options', () => {
  test.each([
    ['resyncPeriodMs', Number.NaN],
    ['watchListTimeoutMs', -1],
    ['idleTimeoutMs', Infinity],
    ['minWatchTimeoutMs', -5],
    ['maxInternalErrorRetryMs', Number.NaN],
    ['pageSize', 0],
    ['pageSize', 1.5],
  ])('%s refuses %d', (option, value) => {
    expect(() => harness({ [option]: value })).toThrow(RangeError);
  });

  test('a store without resync is refused with what it lacks', () => {
    // A JavaScript user may pass anything.
    const store = { add() {}, update() {}, delete() {}, replace() {} } as never;

    expect(() => harness({ store })).toThrow('Cannot use this store: it has no method resync');
  });
});

test('a connection that breaks after events is replaced at once, from the last version', async () => {
  const { server, clock, errors, start } = harness();
  await start();

  server.lastWatch.send(added(thing('x', '11')));
  await clock.stepAsync(5000);
  server.lastWatch.fail(networkError('UND_ERR_SOCKET'));
  await clock.settle();

  expect(server.watchVersions).toEqual(['10', '11']);
  expect(server.lists).toHaveLength(1);
  expect(errors.lines).toEqual(['watch: retry now from resourceVersion 11']);
});

test('a connection that breaks within a second waits, so that there is no busy loop', async () => {
  const { server, clock, start } = harness();
  server.onWatch = (watch) => {
    watch.send(added(thing('x', '11'))).fail(networkError('ECONNRESET'));
  };

  await start();
  await clock.stepAsync(50 + 100);

  expect(server.watches).toHaveLength(3);
  expect(server.lists).toHaveLength(1);
});

test('a connection that breaks before it brings anything is replaced soon, without a list', async () => {
  const { server, clock, errors, start } = harness();
  server.onWatch = (watch, index) => {
    if (index < 2) watch.fail(networkError('ECONNRESET'));
  };

  await start();
  await clock.stepAsync(50 + 100);

  expect(server.watchVersions).toEqual(['10', '10', '10']);
  expect(server.lists).toHaveLength(1);
  expect(errors.lines).toEqual([
    'watch: retry in 50 ms from resourceVersion 10',
    'watch: retry in 100 ms from resourceVersion 10',
  ]);
});

test('a watch that is put off by 5xx and Retry-After is tried again without a list', async () => {
  const { server, clock, start } = harness();
  const later = Object.assign(new ApiError(503, 'ServiceUnavailable'), { retryAfterMs: 5000 });
  server.onWatch = (watch, index) => {
    if (index === 0) watch.fail(later);
  };

  await start();
  await clock.stepAsync(4999);
  const before = server.watches.length;
  await clock.stepAsync(1);

  expect(before).toBe(1);
  expect(server.watchVersions).toEqual(['10', '10']);
  expect(server.lists).toHaveLength(1);
});

test('when ten watches in a row have broken before they brought anything, a list is tried again', async () => {
  const { server, clock, errors, start } = harness({ backoff: { next: () => 100 } });
  server.onWatch = (watch, index) => {
    if (index < 11) watch.fail(networkError('ECONNRESET'));
  };

  await start();
  await clock.stepAsync(50 + 100 + 200 + 400 + 800 + 5 * 1000);
  const before = [server.watches.length, server.lists.length];
  await clock.stepAsync(100);

  expect(before).toEqual([11, 1]);
  expect([server.watches.length, server.lists.length]).toEqual([12, 2]);
  expect(errors.entries.at(-1)?.error).toMatchObject({ name: 'VeryShortWatchError' });
});
