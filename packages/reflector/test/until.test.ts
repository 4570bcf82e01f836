import { getEventListeners } from 'node:events';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { describe, expect, test } from 'vitest';
import { isDeleted, RetryWatcher, until, UntilTimeoutError } from '../src/index.ts';
import {
  added,
  ApiError,
  bookmark,
  deleted,
  errorEvent,
  modified,
  ScriptedServer,
  ScriptedWatch,
  thing,
} from './scripted.ts';

const isAdded = ({ type }: { readonly type: string }): boolean => type === 'ADDED';
const isModified = ({ type }: { readonly type: string }): boolean => type === 'MODIFIED';

describe('waiting for events', () => {
  test('ends with the event that meets the last condition, and closes the watch', async () => {
    const watch = new ScriptedWatch({});
    watch.send(modified(thing('a', '11')), added(thing('b', '12')), deleted(thing('c', '13')));

    const event = await until(watch, [isAdded, isDeleted]);

    expect(event).toEqual(deleted(thing('c', '13')));
    expect(watch.returns).toBe(1);
  });

  test('asks each condition first about the event that met the one before', async () => {
    const watch = new ScriptedWatch({});
    watch.send(added(thing('a', '11')));

    const event = await until(watch, [isAdded, async ({ type }) => type === 'ADDED']);

    expect(event).toEqual(added(thing('a', '11')));
  });

  test('passes over bookmarks', async () => {
    const watch = new ScriptedWatch({}).send(bookmark('11'), added(thing('a', '12')));
    const asked: string[] = [];

    await until(watch, [({ type }) => asked.push(type) > 0]);

    expect(asked).toEqual(['ADDED']);
  });

  test('for nothing reads nothing', async () => {
    const server = new ScriptedServer();
    const watcher = new RetryWatcher({ listerWatcher: server, resourceVersion: '10' });

    expect(await until(watcher, [])).toBeUndefined();
    expect(server.watches).toEqual([]);
  });

  test('goes on over a watch that is cut, when a RetryWatcher reads it', async () => {
    const server = new ScriptedServer();
    const clock = new FakeClock();
    server.onWatch = (watch, index) => {
      if (index === 0) watch.send(added(thing('a', '11'))).end();
      else watch.send(deleted(thing('a', '12')));
    };
    const watcher = new RetryWatcher({ listerWatcher: server, resourceVersion: '10', clock });
    const result = until(watcher, [isAdded, isDeleted], { clock, timeoutMs: 5000 });
    await clock.stepAsync(1000);

    expect(await result).toEqual(deleted(thing('a', '12')));
    expect(clock.pending).toBe(0);
  });
});

describe('waiting for events fails', () => {
  test('with the error of a condition, and closes the watch', async () => {
    const watch = new ScriptedWatch({}).send(added(thing('a', '11')));
    const wrong = new Error('wrong');

    const result = until(watch, [
      () => {
        throw wrong;
      },
    ]);

    await expect(result).rejects.toBe(wrong);
    expect(watch.returns).toBe(1);
  });

  test('with the Status of an error event', async () => {
    const watch = new ScriptedWatch({}).send(errorEvent(new ApiError(410, 'Expired')));

    await expect(until(watch, [isAdded])).rejects.toMatchObject({
      name: 'WatchStatusError',
      code: 410,
    });
  });

  test('with the error of the watch', async () => {
    const broken = new Error('broken');

    await expect(until(new ScriptedWatch({}).fail(broken), [isAdded])).rejects.toBe(broken);
  });

  test('when the events end, and names the condition', async () => {
    const watch = new ScriptedWatch({}).send(added(thing('a', '11'))).end();

    await expect(until(watch, [isAdded, isModified])).rejects.toThrow(
      'Cannot wait for condition 2 of 2 (isModified): the events have ended',
    );
  });

  test('when the time is up, with the last event, while one is waited for', async () => {
    const clock = new FakeClock();
    const watch = new ScriptedWatch({}).send(added(thing('a', '11')));
    const result = until(watch, [isDeleted], { clock, timeoutMs: 1000 });
    const failure = result.catch((error: unknown) => error);

    await clock.stepAsync(1000);
    const error = await failure;

    expect(UntilTimeoutError.is(error)).toBe(true);
    expect(error).toMatchObject({
      message: 'Cannot wait any longer for condition 1 of 1 (isDeleted): 1000 ms are over',
      lastEvent: added(thing('a', '11')),
    });
    expect(watch.returns).toBe(1);
    expect(clock.pending).toBe(0);
  });

  test('with the reason of the signal, and leaves no listener', async () => {
    const stop = new AbortController();
    const watch = new ScriptedWatch({});
    const result = until(watch, [isDeleted], { signal: stop.signal });

    stop.abort('enough');

    await expect(result).rejects.toBe('enough');
    expect(watch.returns).toBe(1);
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
  });

  test('with an aborted signal before anything is opened', async () => {
    const server = new ScriptedServer();
    const watcher = new RetryWatcher({ listerWatcher: server, resourceVersion: '10' });

    const result = until(watcher, [isDeleted], { signal: AbortSignal.abort('enough') });

    await expect(result).rejects.toBe('enough');
    expect(server.watches).toEqual([]);
  });

  test('with a timeout that is none', async () => {
    const result = until(new ScriptedWatch({}), [isDeleted], { timeoutMs: NaN });

    await expect(result).rejects.toThrow(RangeError);
  });

  test('although the watch does not end, after a second', async () => {
    const clock = new FakeClock();
    const stubborn = {
      next: () => new Promise<never>(() => {}),
      return: () => new Promise<never>(() => {}),
      [Symbol.asyncIterator]() {
        return this;
      },
    };
    const failure = until(stubborn, [isDeleted], { clock, timeoutMs: 1000 }).catch(
      (error: unknown) => error,
    );

    await clock.stepAsync(1000);
    await clock.stepAsync(1000);

    expect(UntilTimeoutError.is(await failure)).toBe(true);
  });
});
