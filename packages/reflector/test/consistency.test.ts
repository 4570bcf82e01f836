import { describe, expect, test } from 'vitest';
import { harness, type Harness } from './harness.ts';
import { added, ApiError, initialEventsEnd, page, thing, type Thing } from './scripted.ts';

/** A server that streams x and y at version 5, and lists what it is told. */
function checked(listed: readonly Thing[], options: Parameters<typeof harness>[0] = {}): Harness {
  const made = harness({ supportsWatchList: true, checkStreamedLists: true, ...options });
  made.server.onWatch = (watch) => {
    if (!watch.request.sendInitialEvents) return;
    watch.send(added(thing('x', '1')), added(thing('y', '2')), initialEventsEnd('5'));
  };
  made.server.onList = () => page('5', listed);
  return made;
}

describe('the check of a streaming list', () => {
  test('lists at exactly the same version, and is content when both are the same', async () => {
    const { server, store, errors, start } = checked([thing('y', '2'), thing('x', '1')]);

    await start();

    expect(server.lists).toMatchObject([{ resourceVersion: '5', resourceVersionMatch: 'Exact' }]);
    expect(store.calls).toEqual(['replace 2 at 5']);
    expect(errors.entries).toEqual([]);
  });

  test('compares what the transform makes of both', async () => {
    const transform = (obj: Thing): Thing => ({ ...obj, note: 'seen' });
    const { errors, start } = checked([thing('x', '1'), thing('y', '2')], { transform });

    await start();

    expect(errors.entries).toEqual([]);
  });

  test.each([
    ['an object is missing in the stream', ['x 1', 'y 2', 'z 3'], 'a/z'],
    ['an object is too many in the stream', ['x 1'], 'a/y'],
    ['an object is another', ['x 1', 'y 3'], 'a/y'],
  ])('turns to paged lists for good when %s', async (_, listed, culprit) => {
    const things = listed.map((one) => thing(one.slice(0, 1), one.slice(2)));
    const { store, errors, reflector, start } = checked(things);

    await start();

    expect(String(errors.entries[0]?.error)).toContain(culprit);
    expect(store.names).toEqual(things.map(({ metadata }) => metadata.name));
    expect(reflector.describe().isStreamingRefused).toBe(true);
  });

  test('tries again every second while lists fail', async () => {
    const { server, store, clock, start } = checked([]);
    server.onList = (_, index) => {
      if (index < 2) throw new ApiError(500, 'InternalError');
      return page('5', [thing('x', '1'), thing('y', '2')]);
    };

    await start();
    await clock.stepAsync(2000);

    expect(store.calls).toEqual(['replace 2 at 5']);
  });

  test('ends with the reflector without a word', async () => {
    const { server, clock, errors, start, stop } = checked([]);
    server.onList = async ({ signal }) => {
      await new Promise((resolve) => signal?.addEventListener('abort', resolve));
      throw new ApiError(0, 'Aborted');
    };
    await start();

    await stop();

    expect(errors.entries).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  test('that ignores its signal does not keep the reflector', async () => {
    const { server, clock, errors, start, stop } = checked([]);
    server.onList = () => new Promise(() => {});
    await start();

    const stopped = stop();
    await clock.stepAsync(1000);
    await stopped;

    expect(errors.entries.map(({ error }) => String(error))).toEqual([
      'Error: Cannot end a list of "things": it ignores its abort signal',
    ]);
  });

  test('is not made unless asked for', async () => {
    const { server, start } = checked([], { checkStreamedLists: undefined });

    await start();

    expect(server.lists).toHaveLength(0);
  });
});
