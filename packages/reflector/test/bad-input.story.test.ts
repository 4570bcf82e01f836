import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { hasCondition, Reflector, RetryWatcher, until, WatchListMemory } from '../src/index.ts';
import { harness } from './harness.ts';

/** What a program without types might give. */
const given = (value: unknown): never => value as never;
const noEvents = (async function* none() {})();

describe('a reflector is refused', () => {
  test.each([undefined, null, 5, 'pods'])('with %j as its options', (options) => {
    expect(() => new Reflector(given(options))).toThrow(
      new TypeError(
        `Cannot make a reflector: options must be an object, and they are ${inspect(options)}`,
      ),
    );
  });

  test.each([
    [{ listerWatcher: {} }, 'Cannot use this listerWatcher: it has no method list'],
    [{ name: 5 }, 'Cannot use 5 as name: pass text'],
    [{ labelSelector: {} }, 'Cannot use {} as labelSelector: pass text'],
    [{ fieldSelector: 5 }, 'Cannot use 5 as fieldSelector: pass text'],
    [{ transform: 'drop' }, "Cannot use 'drop' as transform: pass a function"],
    [{ onError: {} }, 'Cannot use {} as onError: pass a function'],
    [{ random: 0.5 }, 'Cannot use 0.5 as random: pass a function'],
    [{ shouldResync: true }, 'Cannot use true as shouldResync: pass a function'],
    [{ watchList: 'no' }, "Cannot use 'no' as watchList: pass true or false"],
    [{ checkStreamedLists: 1 }, 'Cannot use 1 as checkStreamedLists: pass true or false'],
    [{ clock: {} }, 'Cannot use this clock: it has no method now'],
    [{ backoff: 800 }, 'Cannot use this backoff: it has no method next'],
    [{ watchListMemory: {} }, 'Cannot use this watchListMemory: it has no method refuse'],
    [{ metrics: 5 }, 'Cannot count with these metrics: options must be an object'],
    [{ pageSize: '500' }, "Cannot use '500' as pageSize: pass a whole number above zero"],
    [{ idleTimeoutMs: '1' }, "Cannot use '1' as idleTimeoutMs: pass a number"],
  ])('with %j', (options, message) => {
    const make = (): unknown => harness(given(options));

    expect(make).toThrow(TypeError);
    expect(make).toThrow(message);
  });
});

describe('a transform that answers no object', () => {
  test.each([undefined, null, 5])('%j skips the event, which is reported', async (answer) => {
    const { server, clock, errors, store, start } = harness({ transform: given(() => answer) });
    server.onList = () => ({ metadata: { resourceVersion: '10' }, items: [] });
    await start();

    server.lastWatch.send({
      type: 'ADDED',
      object: { metadata: { name: 'x', namespace: 'a', resourceVersion: '11' } },
    });
    await clock.settle();

    expect(store.names).toEqual([]);
    expect(String(errors.entries[0]?.error)).toBe(
      `TypeError: Cannot transform "a/x": the transform must return an object, not ${answer}`,
    );
  });
});

test.each([
  [undefined, 'Cannot make a RetryWatcher: options must be an object, and they are undefined'],
  [{}, 'Cannot use this listerWatcher: it has no method watch'],
  [{ listerWatcher: { watch() {} }, onError: 5 }, 'Cannot use 5 as onError: pass a function'],
  [{ listerWatcher: { watch() {} }, clock: 5 }, 'Cannot use this clock: it has no method now'],
])('a RetryWatcher of %j is refused', (options, message) => {
  expect(() => new RetryWatcher(given(options))).toThrow(new TypeError(message));
});

describe('a wait is refused', () => {
  test.each([undefined, null, 5, [], {}])('for events of %j', async (events) => {
    await expect(until(given(events), [])).rejects.toThrow(
      new TypeError(`Cannot wait for events of ${inspect(events)}: it is no AsyncIterable`),
    );
  });

  test.each([
    [undefined, 'Cannot wait for undefined: give a list of conditions'],
    [() => true, 'Cannot wait for a function: give a list of conditions'],
    [['Ready'], "Cannot wait for condition 1, 'Ready': it must be a function"],
  ])('for conditions that are none: %o', async (conditions, message) => {
    await expect(until(noEvents, given(conditions))).rejects.toThrow(new TypeError(message));
  });

  test.each([
    [null, 'Cannot wait for events: options must be an object, and they are null'],
    [{ clock: {} }, 'Cannot use this clock: it has no method now'],
    [{ timeoutMs: '5' }, "Cannot use '5' as timeoutMs: pass a number"],
  ])('with %j', async (options, message) => {
    await expect(until(noEvents, [], given(options))).rejects.toThrow(new TypeError(message));
  });

  test('for a condition without a type', () => {
    expect(() => hasCondition(given(undefined))).toThrow(
      new TypeError("Cannot wait for condition undefined to be 'True': both must be text"),
    );
  });
});

test.each([
  [null, 'Cannot make a WatchListMemory: options must be an object, and they are null'],
  [{ forgetAfterMs: '5' }, "Cannot forget after '5' ms: pass zero or more"],
  [{ clock: 5 }, 'Cannot use this clock: it has no method now'],
])('a WatchListMemory of %j is refused', (options, message) => {
  expect(() => new WatchListMemory(given(options))).toThrow(new TypeError(message));
});
