import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { expect, test } from 'vitest';
import { Turns } from '../src/turns.ts';
import { recorder, running, type Thing, thing } from './support/scripted.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a turn is over after ten milliseconds, and the next one begins anew', async () => {
  const clock = new FakeClock();
  const turns = new Turns(clock);

  const atFirst = turns.isOver;
  clock.step(9);
  const before = turns.isOver;
  clock.step(1);
  const after = turns.isOver;
  await turn();

  expect([atFirst, before, after, turns.isOver]).toEqual([false, false, true, false]);
});

test('those who wait are continued one per turn, in the order in which they asked', async () => {
  const turns = new Turns(new FakeClock());
  const continued: string[] = [];
  for (const name of ['a', 'b', 'c']) void turns.next().then(() => continued.push(name));

  await turn();
  const afterOne = [...continued];
  await turn();
  await turn();

  expect(afterOne).toEqual(['a']);
  expect(continued).toEqual(['a', 'b', 'c']);
});

test('all users of a clock share its turns', () => {
  const clock = new FakeClock();

  expect(Turns.of(clock)).toBe(Turns.of(clock));
  expect(Turns.of(clock)).not.toBe(Turns.of(new FakeClock()));
});

test('a long list is told in slices, with the whole of it in the cache from the first call on', async () => {
  const { informer, source, clock } = running();
  const list: Thing[] = Array.from({ length: 40 }, (_, index) => thing(`a${index}`, index + 1));
  const perTurn: number[] = [];
  let told = 0;
  const sizes = new Set<number>();
  informer.addEventHandler({
    add: () => {
      clock.step(1);
      sizes.add(informer.indexer.size);
      told += 1;
    },
  });

  await source.store.replace(list, '40');
  const syncedAtTheSwap = informer.hasSynced;
  while (!informer.hasSynced) {
    await turn();
    perTurn.push(told);
    told = 0;
  }

  expect([...sizes]).toEqual([40]);
  expect(syncedAtTheSwap).toBe(false);
  expect(Math.max(...perTurn)).toBeLessThanOrEqual(20);
  expect(perTurn.filter((count) => count > 0).length).toBeGreaterThanOrEqual(3);
});

test('while a long list is compared readers see the whole cache before it, and then the whole of it', async () => {
  const made = running({ indexers: { slow: () => (made.clock.step(1), []) } });
  const { informer, source } = made;
  const listOf = (letter: string): Thing[] =>
    Array.from({ length: 40 }, (_, index) => thing(`${letter}${index}`, index + 1));
  await source.store.replace(listOf('a'), '40');
  const seen: string[] = [];
  const replacing = { isOver: false };

  void (async () => {
    await source.store.replace(listOf('b'), '80');
    replacing.isOver = true;
  })();
  while (!replacing.isOver) {
    const letters = informer.lister.list().map(({ metadata }) => metadata.name[0]);
    seen.push(`${letters.length} ${[...new Set(letters)].join()}`);
    await turn();
  }
  const after = informer.indexer.listKeys().every((key) => key.startsWith('b'));

  expect(seen.length).toBeGreaterThanOrEqual(3);
  expect(new Set(seen)).toEqual(new Set(['40 a']));
  expect([after, informer.indexer.size]).toEqual([true, 40]);
});

test('handlers that are added while a list is compared or told hear each object once', async () => {
  const [first, second] = [recorder(), recorder()];
  const made = running({
    indexers: {
      slow: (obj) => {
        made.clock.step(6);
        if (obj.metadata.name === 'b') made.informer.addEventHandler(first.handler);
        return [];
      },
    },
  });
  made.informer.addEventHandler({
    add: (obj) => {
      made.clock.step(6);
      if (obj.metadata.name === 'b') made.informer.addEventHandler(second.handler);
    },
  });

  await made.source.store.replace([thing('a', 1), thing('b', 2), thing('c', 3)], '3');
  for (let i = 0; i < 5; i += 1) await made.clock.settle();

  const all = ['add a1!', 'add b2!', 'add c3!'];
  expect([first.log, second.log]).toEqual([all, all]);
});
