import { describe, expect, test, vi } from 'vitest';
import { harness, type Harness } from './harness.ts';
import { added, ApiError, page, thing, type Thing } from './scripted.ts';

/** What a program in JavaScript can pass where a plain function is wanted. */
const rejects = (() => Promise.reject(new Error('second'))) as unknown as () => never;

describe('an asynchronous callback that rejects stops nothing', () => {
  test('as onError: it becomes a process warning', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const { server, clock, start, store } = harness({ onError: rejects });
    server.onList = (_, index) => {
      if (index === 0) throw new Error('first');
      return page('10', [thing('x', '1')]);
    };

    await start();
    await clock.stepAsync(800);

    expect(warn.mock.calls.map(([words]) => String(words))).toEqual([
      'Reflector "things", list: second (retry in 800 ms from any version)',
    ]);
    expect(store.names).toEqual(['x']);
  });

  test('as metrics: it is reported', async () => {
    const { server, errors, start } = harness({ metrics: { listed: rejects } });

    await start();

    expect(server.watches).toHaveLength(1);
    expect(errors.lines).toEqual(['metrics: skip it and go on']);
  });

  test('as transform: events are skipped and reported with their object, lists fail', async () => {
    const { server, clock, errors, store, start } = harness({ transform: rejects });
    server.onList = () => page('10', []);
    await start();

    server.lastWatch.send(added(thing('x', '11')));
    await clock.settle();

    expect(store.names).toEqual([]);
    expect(String(errors.entries[0]?.error)).toBe(
      'TypeError: Cannot transform "a/x": the transform must return an object, not a promise',
    );
  });
});

test('an object of a list that cannot be transformed is named', async () => {
  const broken = (): Thing => {
    throw new Error('odd');
  };
  const { server, reflector, start } = harness({ transform: broken });
  server.onList = () => page('10', [thing('x', '1')]);

  await start();

  expect(String(reflector.describe().lastError?.error)).toContain('Cannot transform "a/x": odd');
});

test.each([undefined, {}, { signal: 'stop' }])(
  'a run with %j is refused, and it can be run later',
  async (options) => {
    const { reflector } = harness();

    // What a program in JavaScript can pass.
    await expect(reflector.run(options as { signal: AbortSignal })).rejects.toThrow(
      /^Cannot run reflector "things": there must be a signal, such as new AbortController\(\)/,
    );

    expect(reflector.describe().activity).toBe('stopped');
    await reflector.run({ signal: AbortSignal.abort() });
  },
);

describe('a stream that is denied', () => {
  const denied = (code: number): ApiError => new ApiError(code, 'Denied');

  function denying(code: number): Harness {
    const made = harness({ supportsWatchList: true });
    made.server.onWatch = (watch) => void watch.fail(denied(code));
    return made;
  }

  test.each([401, 403, 404])('with %i is reported once when the list is too', async (code) => {
    const { server, errors, start } = denying(code);
    server.onList = () => {
      throw denied(code);
    };

    await start();

    expect(errors.lines).toEqual(['list: retry in 800 ms from the newest version']);
  });

  test('is reported too when the list fails in another way', async () => {
    const { server, errors, start } = denying(403);
    server.onList = () => {
      throw denied(500);
    };

    await start();

    expect(errors.lines).toEqual([
      'watch-list: list in pages now from any version',
      'list: retry in 800 ms from the newest version',
    ]);
  });

  test('is reported when the list is not', async () => {
    const { server, errors, store, start } = denying(403);
    server.onList = () => page('10', [thing('x', '1')]);

    await start();

    expect(store.names).toEqual(['x']);
    expect(errors.lines[0]).toBe('watch-list: retry now from resourceVersion 10');
  });
});
