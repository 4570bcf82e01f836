import { getEventListeners } from 'node:events';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  type ReflectorEvent,
  RetryWatcher,
  type RetryWatcherOptions,
  type WatchChange,
} from '../src/index.ts';
import {
  added,
  ApiError,
  bookmark,
  deleted,
  ErrorLog,
  errorEvent,
  modified,
  networkError,
  ScriptedServer,
  thing,
  type ScriptedWatch,
  type Thing,
} from './scripted.ts';

interface Harness {
  readonly server: ScriptedServer;
  readonly clock: FakeClock;
  readonly errors: ErrorLog;
  readonly watcher: RetryWatcher<Thing>;
  /** What has been read so far: `ADDED a` and so on, at last `end` or the error. */
  readonly seen: unknown[];
  /** Begins to read. */
  readonly start: () => Promise<void>;
}

function harness(
  onWatch: (watch: ScriptedWatch, index: number) => void = () => {},
  options: Partial<RetryWatcherOptions<Thing>> = {},
): Harness {
  const server = new ScriptedServer();
  server.onWatch = onWatch;
  const clock = new FakeClock();
  const errors = new ErrorLog();
  const watcher = new RetryWatcher<Thing>({
    listerWatcher: server,
    resourceVersion: '10',
    name: 'things',
    clock,
    random: () => 0,
    onError: errors.onError,
    ...options,
  });
  const seen: unknown[] = [];
  const iterator = watcher[Symbol.asyncIterator]();
  onTestFinished(async () => void (await iterator.return?.()));
  const read = async (): Promise<void> => {
    try {
      for (;;) {
        const { done, value } = await iterator.next();
        if (done) break;
        seen.push(textOf(value));
      }
      seen.push('end');
    } catch (error) {
      seen.push(error);
    }
  };
  const start = async (): Promise<void> => {
    void read();
    await clock.settle();
  };
  return { server, clock, errors, watcher, seen, start };
}

function textOf({ type, object }: WatchChange<Thing>): string {
  return `${type} ${object.metadata.name}`;
}

describe('a retrying watch', () => {
  test.each(['', '0'])('from version "%s" is refused', (resourceVersion) => {
    const listerWatcher = new ScriptedServer();

    expect(() => new RetryWatcher<Thing>({ listerWatcher, resourceVersion })).toThrow(
      new RangeError(
        `Cannot watch "unnamed" from resourceVersion "${resourceVersion}": take that of a list`,
      ),
    );
  });

  test('opens nothing before somebody reads', async () => {
    const { server, clock } = harness();

    await clock.settle();

    expect(server.watches).toEqual([]);
  });

  test('tells changes in order and keeps bookmarks to itself', async () => {
    const { server, clock, watcher, seen, start } = harness();
    await start();

    server.lastWatch.send(added(thing('a', '11')), modified(thing('a', '12')), bookmark('15'));
    server.lastWatch.send(deleted(thing('a', '16')));
    await clock.settle();

    expect(seen).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a']);
    expect(watcher.resourceVersion).toBe('16');
    expect(server.lastWatch.request).toMatchObject({
      resourceVersion: '10',
      allowWatchBookmarks: true,
      timeoutSeconds: 300,
    });
  });

  test('goes on from the last change or bookmark when the server ends a watch', async () => {
    const { server, clock, errors, seen, start } = harness((watch, index) => {
      if (index === 0) watch.send(added(thing('a', '11')), bookmark('15')).end();
      if (index === 1) watch.send(added(thing('b', '16'))).end();
    });
    await start();

    await clock.stepAsync(1000);
    await clock.stepAsync(1000);

    expect(server.watchVersions).toEqual(['10', '15', '16']);
    expect(seen).toEqual(['ADDED a', 'ADDED b']);
    expect(errors.entries).toEqual([]);
  });

  test('begins no two tries within a second, and the next at once when the last took longer', async () => {
    const { server, clock, start } = harness();
    await start();

    server.lastWatch.end();
    await clock.stepAsync(999);
    const early = server.watches.length;
    await clock.stepAsync(1);
    const onTime = server.watches.length;
    await clock.stepAsync(5000);
    server.lastWatch.end();
    await clock.settle();

    expect([early, onTime, server.watches.length]).toEqual([1, 2, 3]);
  });

  test.each([
    ['a refused connection', networkError('ECONNREFUSED')],
    ['a broken connection', networkError('ECONNRESET')],
    ['a version that is too old', new ApiError(410, 'Expired')],
    ['a timeout', new ApiError(504, 'Timeout')],
    ['an internal error', new ApiError(500, 'InternalError')],
    ['a resource that is not there', new ApiError(404, 'NotFound')],
    ['an error that nobody knows', new Error('what')],
  ])('tries again after %s at opening, and reports it', async (_, error) => {
    const { server, clock, errors, seen, start } = harness((watch, index) => {
      if (index < 2) watch.fail(error);
      else watch.send(added(thing('a', '11')));
    });
    await start();

    await clock.stepAsync(1000);
    await clock.stepAsync(1000);

    expect(seen).toEqual(['ADDED a']);
    expect(server.watchVersions).toEqual(['10', '10', '10']);
    expect(errors.lines).toEqual(Array(2).fill('watch: retry in 1000 ms from resourceVersion 10'));
  });

  test.each([
    ['a timeout', new ApiError(504, 'Timeout')],
    ['an internal error', new ApiError(500, 'InternalError')],
    ['a refusal', new ApiError(403, 'Forbidden')],
    ['an error that nobody knows', new ApiError(666, 'Odd')],
  ])('tries again after an event of %s, from the last change', async (_, error) => {
    const { server, clock, seen, start } = harness((watch, index) => {
      if (index === 0) watch.send(added(thing('a', '11')), errorEvent(error));
      else watch.send(added(thing('b', '12')));
    });
    await start();

    await clock.stepAsync(1000);

    expect(server.watchVersions).toEqual(['10', '11']);
    expect(seen).toEqual(['ADDED a', 'ADDED b']);
  });

  test('waits as long as the server asks, at opening and in an event', async () => {
    const busy = new ApiError(429, 'TooManyRequests', { details: { retryAfterSeconds: 3 } });
    const { server, clock, start } = harness((watch, index) => {
      if (index === 0) watch.fail(busy);
      if (index === 1) watch.send(errorEvent(busy));
    });
    await start();

    await clock.stepAsync(2999);
    const early = server.watches.length;
    await clock.stepAsync(1);
    const second = server.watches.length;
    await clock.stepAsync(2999);
    const late = server.watches.length;
    await clock.stepAsync(1);

    expect([early, second, late, server.watches.length]).toEqual([1, 2, 2, 3]);
  });

  test('gives up a connection that is silent for too long', async () => {
    const { server, clock, errors, start } = harness(undefined, { idleTimeoutMs: 60_000 });
    await start();

    await clock.stepAsync(60_000);

    expect(server.watches[0]?.isAborted).toBe(true);
    expect(server.watchVersions).toEqual(['10', '10']);
    expect(errors.entries[0]?.error).toMatchObject({ name: 'WatchSilentError' });
  });
});

describe('a retrying watch ends with', () => {
  test('an event that says that versions are lost', async () => {
    const { server, clock, seen, start } = harness((watch) =>
      watch.send(errorEvent(new ApiError(410, 'Expired', { message: 'too old' }))),
    );
    await start();

    await clock.stepAsync(10_000);

    expect(server.watches).toHaveLength(1);
    expect(seen).toEqual([expect.objectContaining({ name: 'WatchStatusError', code: 410 })]);
  });

  test.each([
    [401, 'Unauthorized'],
    [403, 'Forbidden'],
  ])('the refusal to open it: %i %s', async (code, reason) => {
    const error = new ApiError(code, reason);
    const { server, clock, seen, start } = harness((watch) => watch.fail(error));
    await start();

    await clock.stepAsync(10_000);

    expect(server.watches).toHaveLength(1);
    expect(seen).toEqual([error]);
  });

  test.each([
    ['without a version', added(thing('a', '')), 'an ADDED event: it has no resourceVersion'],
    [
      'of an unknown type',
      { type: 'MOVED', object: thing('a', '11') } as unknown as ReflectorEvent<Thing>,
      'a MOVED event: no such type of event is known',
    ],
  ])('an event %s', async (_, event, message) => {
    const { server, clock, seen, start } = harness((watch) => watch.send(event));
    await start();

    await clock.stepAsync(10_000);

    expect(server.watches).toHaveLength(1);
    expect(String(seen[0])).toContain(message.replace(/^an? /, ''));
  });

  test('the reason of its signal, whether a change is waited for or the next try', async () => {
    for (const wait of ['change', 'try']) {
      const stop = new AbortController();
      const { server, clock, seen, start } = harness(
        (watch) => (wait === 'try' ? watch.end() : watch),
        { signal: stop.signal },
      );
      await start();

      stop.abort('enough');
      await clock.settle();

      expect(seen).toEqual(['enough']);
      expect(server.watches).toHaveLength(1);
      expect(clock.pending).toBe(0);
      expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
    }
  });
});

describe('leaving a retrying watch', () => {
  test('with changes unread closes the connection and leaves no timer', async () => {
    const { server, clock, watcher } = harness((watch) =>
      watch.send(added(thing('a', '11')), added(thing('b', '12')), added(thing('c', '13'))),
    );
    const seen: string[] = [];

    for await (const change of watcher) {
      seen.push(textOf(change));
      if (seen.length === 2) break;
    }

    expect(seen).toEqual(['ADDED a', 'ADDED b']);
    expect(server.lastWatch).toMatchObject({ isAborted: true, returns: 1 });
    expect(clock.pending).toBe(0);
  });

  test('ends the read that waits', async () => {
    const { server, watcher } = harness();
    const iterator = watcher[Symbol.asyncIterator]();
    const waiting = iterator.next();

    await iterator.return?.();

    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(server.lastWatch.isAborted).toBe(true);
  });

  test('lets the next loop go on after what was read', async () => {
    const { server, watcher } = harness((watch) => watch.send(added(thing('a', '11'))));

    for await (const change of watcher) if (change) break;
    for await (const change of watcher) if (change) break;

    expect(server.watchVersions).toEqual(['10', '11']);
  });

  test('is needed before another loop may begin', async () => {
    const { clock, watcher, start } = harness();
    await start();

    const second = watcher[Symbol.asyncIterator]().next();

    await expect(second).rejects.toThrow('Cannot watch "things" twice at a time');
    expect(clock.pending).toBe(1);
  });
});
