import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { type InformerChange, informerChanges } from '../src/index.ts';
import {
  recorder,
  running,
  type Setup,
  setup,
  short,
  type Thing,
  thing,
} from './support/scripted.ts';

function words(change: InformerChange<Thing> | undefined): string {
  if (change?.type === 'ADDED')
    return `add ${short(change.object)}${change.isInInitialList ? '!' : ''}`;
  if (change?.type === 'MODIFIED')
    return `update ${short(change.oldObject)} ${short(change.object)}`;
  return `${change?.isFinalStateUnknown ? 'gone' : 'delete'} ${short(change?.object)}`;
}

/** Reads until the end into a list; at last `end` or the error. */
function reading(changes: AsyncIterable<InformerChange<Thing>>): unknown[] {
  const seen: unknown[] = [];
  void (async () => {
    try {
      for await (const change of changes) seen.push(words(change));
      seen.push('end');
    } catch (error) {
      seen.push(error);
    }
  })();
  return seen;
}

/** An iterator that has asked for its first change, so that it is registered. */
async function begun(
  { informer, clock }: Setup,
  bufferSize?: number,
): Promise<{
  first: Promise<IteratorResult<InformerChange<Thing>, unknown>>;
  iterator: AsyncIterator<InformerChange<Thing>, unknown>;
}> {
  const iterator = informerChanges(informer, { bufferSize })[Symbol.asyncIterator]();
  const first = iterator.next();
  await clock.settle();
  return { first, iterator };
}

describe('the changes of an informer', () => {
  test('are what handlers are told, in the same order, and deletions that were missed say so', async () => {
    const { informer, source, clock } = running();
    const { log, handler } = recorder();
    informer.addEventHandler(handler);
    const seen = reading(informerChanges(informer));
    await clock.settle();

    await source.store.replace([thing('a', 1), thing('b', 2)], '2');
    source.add(thing('c', 3));
    source.update(thing('c', 4));
    source.delete(thing('a', 5));
    await source.store.replace([thing('c', 4), thing('d', 6)], '6');
    await clock.settle();

    expect(seen).toEqual([
      'add a1!',
      'add b2!',
      'add c3',
      'update c3 c4',
      'delete a5',
      'gone b2',
      'add d6',
    ]);
    expect(seen).toEqual(log);
  });

  test('begin with the objects that are there', async () => {
    const { informer, source, clock } = running();
    await source.store.replace([thing('a', 1)], '1');

    const seen = reading(informerChanges(informer));
    await clock.settle();

    expect(seen).toEqual(['add a1!']);
  });

  test('leave out resyncs', async () => {
    const { informer, source, clock } = running({ resyncPeriodMs: 1000 });
    const seen = reading(informerChanges(informer));
    await source.store.replace([thing('a', 1)], '1');
    await clock.stepAsync(5000);

    source.resync();
    await clock.settle();

    expect(seen).toEqual(['add a1!']);
  });

  test('end when the informer stops, although some are unread', async () => {
    const made = running();
    const { first, iterator } = await begun(made);
    await made.source.store.replace([thing('a', 1), thing('b', 2)], '2');

    await first;
    await made.stop();

    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(made.informer.describe().handlers).toEqual([]);
  });

  test('reject with the reason of the signal, and leave no listener on it', async () => {
    const { informer, clock } = running();
    const stop = new AbortController();
    const seen = reading(informerChanges(informer, { signal: stop.signal }));
    await clock.settle();

    stop.abort('enough');
    await clock.settle();

    expect(seen).toEqual(['enough']);
    expect(informer.describe().handlers).toEqual([]);
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
  });

  test('are no longer collected when the loop is left', async () => {
    const { informer, source } = running();
    await source.store.replace([thing('a', 1), thing('b', 2)], '2');

    for await (const change of informerChanges(informer)) if (change.type === 'ADDED') break;

    expect(informer.describe().handlers).toEqual([]);
  });

  test('can be left while one is waited for', async () => {
    const made = running();
    const { first, iterator } = await begun(made);

    await iterator.return?.();

    expect(await first).toEqual({ done: true, value: undefined });
    expect(made.informer.describe().handlers).toEqual([]);
  });

  test('are not collected before somebody reads', () => {
    const { informer } = running();

    informerChanges(informer)[Symbol.asyncIterator]();

    expect(informer.describe().handlers).toEqual([]);
  });

  test('can be read before the informer runs, not when it was stopped', async () => {
    const made = setup();
    const seen = reading(informerChanges(made.informer));
    made.run();
    await made.source.store.replace([thing('a', 1)], '1');
    await made.clock.settle();
    await made.stop();
    await made.clock.settle();

    const late = informerChanges(made.informer)[Symbol.asyncIterator]().next();

    expect(seen).toEqual(['add a1!', 'end']);
    await expect(late).rejects.toThrow('Cannot add a handler to informer "things": it is stopped');
  });
});

describe('a reader that is too slow', () => {
  test('sees everything while the buffer has room, and then changes of one object merged', async () => {
    const made = running();
    const { first, iterator } = await begun(made, 3);
    await made.source.store.replace([thing('a', 1)], '1');
    await first;

    for (let version = 2; version <= 9; version += 1) made.source.update(thing('a', version));
    await made.clock.settle();
    const seen: string[] = [];
    for (let i = 0; i < 4; i += 1) {
      const { value } = await iterator.next();
      seen.push(words(value as InformerChange<Thing>));
    }

    expect(seen).toEqual(['update a1 a2', 'update a2 a3', 'update a3 a4', 'update a4 a9']);
  });

  test('does not keep the informer from stopping', async () => {
    const made = running();
    const { first, iterator } = await begun(made, 1);
    await made.source.store.replace([thing('a', 1), thing('b', 2), thing('c', 3)], '3');
    await first;
    await made.clock.settle();

    await made.stop();

    expect(made.informer.isStopped).toBe(true);
    expect((await iterator.next()).done).toBe(true);
  });

  test.each([0, 1.5, -1, NaN])('must not have a buffer for %d changes', (bufferSize) => {
    const { informer } = setup();

    expect(() => informerChanges(informer, { bufferSize })).toThrow(RangeError);
  });
});
