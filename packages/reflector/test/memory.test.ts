import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import type { ReflectorStore } from '../src/index.ts';
import { harness } from './harness.ts';
import { added, initialEventsEnd, page, thing, type Thing } from './scripted.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** A store that keeps the first object of a list and nothing else. */
class Keeper implements ReflectorStore<Thing> {
  kept: Thing | undefined;
  list: WeakRef<readonly Thing[]> | undefined;
  others: WeakRef<Thing>[] = [];

  replace(list: readonly Thing[]): void {
    this.kept = list[0];
    this.list = new WeakRef(list);
    this.others = list.slice(1).map((obj) => new WeakRef(obj));
  }

  add(): void {}
  update(): void {}
  delete(): void {}
  resync(): void {}
}

/** What of a list is still in memory. */
async function remainsOf(store: Keeper): Promise<unknown> {
  await new Promise((resolve) => void setImmediate(resolve));
  collectGarbage();
  const others = store.others.filter((obj) => obj.deref());
  return { isListAlive: store.list?.deref() !== undefined, others: others.length };
}

describe('one object that is kept does not keep the whole list in memory', () => {
  test('when the list was made in pages', async () => {
    const store = new Keeper();
    const { server, start } = harness({ store, pageSize: 2 });
    server.onList = ({ continue: token }) =>
      token === 'C1'
        ? page('10', [thing('c', '3'), thing('d', '4')])
        : page('10', [thing('a', '1'), thing('b', '2')], 'C1');

    await start();

    expect(await remainsOf(store)).toEqual({ isListAlive: false, others: 0 });
    expect(store.kept?.metadata.name).toBe('a');
  });

  test('when the list was streamed', async () => {
    const store = new Keeper();
    const { server, clock, start } = harness({ store, supportsWatchList: true });
    await start();

    server.lastWatch.send(added(thing('a', '1')), added(thing('b', '2')), initialEventsEnd('2'));
    await clock.settle();

    expect(await remainsOf(store)).toEqual({ isListAlive: false, others: 0 });
    expect(store.kept?.metadata.name).toBe('a');
  });
});
