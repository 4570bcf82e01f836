import { describe, expect, test } from 'vitest';
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

  test('a watch that the server ends in peace is followed by another from the last version', async () => {
    const { server, clock, start } = harness();
    await start();

    server.lastWatch.send(added(thing('x', '11'))).end();
    await clock.settle();

    expect(server.watchVersions).toEqual(['10', '11']);
    expect(server.lists).toHaveLength(1);
  });

  test('after 410 the first list asks for the last version, after the backoff', async () => {
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

  test('a refused connection is answered by a backoff and a watch from the same version', async () => {
    const { server, clock, start } = harness();
    server.onWatch = (watch, index) => {
      if (index < 3) watch.fail(networkError('ECONNREFUSED'));
    };
    await start();

    await clock.stepAsync(800 + 1600 + 3200);

    expect(server.watchVersions).toEqual(['10', '10', '10', '10']);
    expect(server.lists).toHaveLength(1);
  });
});
