import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { describe, expect, test } from 'vitest';
import { DeletedFinalStateUnknown, ExpirationStore, KeyError } from '../src/index.ts';
import { thing, type Thing } from './objects.ts';

function setup(ttlMs: number = 1000): { store: ExpirationStore<Thing>; clock: FakeClock } {
  const clock = new FakeClock();
  return { store: new ExpirationStore<Thing>({ ttlMs, clock }), clock };
}

describe('a store that forgets', () => {
  test('holds an object for exactly its time, and no longer', () => {
    const { store, clock } = setup();
    const obj = thing('a', '1');
    store.add(obj);

    clock.step(1000);
    const inTime = [store.get(obj), store.getByKey('a/a'), store.list().length];
    clock.step(1);

    expect(inTime).toEqual([obj, obj, 1]);
    expect(store.get(obj)).toBeUndefined();
    expect(store.list()).toEqual([]);
    expect(store.listKeys()).toEqual([]);
  });

  test.each([0, -1, -Infinity])('never forgets with a time of %d', (ttlMs) => {
    const { store, clock } = setup(ttlMs);
    store.add(thing('a', '1'));

    clock.step(1e12);

    expect(store.listKeys()).toEqual(['a/a']);
  });

  test('drops an old object when it is read, alone or in the list, and not before', () => {
    const { store, clock } = setup();
    for (const name of ['a', 'b', 'c']) store.add(thing(name, '1'));
    clock.step(1001);

    const before = store.size;
    store.getByKey('a/a');
    const afterOne = store.size;
    store.list();

    expect([before, afterOne, store.size]).toEqual([3, 2, 0]);
  });

  test('holds an object that is written again for the whole time again', () => {
    const { store, clock } = setup();
    store.add(thing('a', '1'));
    clock.step(800);
    store.update(thing('a', '2'));
    clock.step(800);
    const young = store.getByKey('a/a')?.metadata?.resourceVersion;
    clock.step(201);
    const old = store.getByKey('a/a');
    store.add(thing('a', '3'));

    expect([young, old]).toEqual(['2', undefined]);
    expect(store.getByKey('a/a')?.metadata?.resourceVersion).toBe('3');
  });

  test('forgets old objects only', () => {
    const { store, clock } = setup();
    store.add(thing('a', '1'));
    clock.step(500);
    store.add(thing('b', '1'));
    clock.step(501);

    expect(store.listKeys()).toEqual(['a/b']);
  });

  test('makes all objects of a replace equally young, and drops the others', () => {
    const { store, clock } = setup();
    store.add(thing('a', '1'));
    clock.step(900);

    store.replace([thing('b', '1'), thing('c', '1')]);
    clock.step(1000);
    const keys = store.listKeys();
    clock.step(1);

    expect(keys).toEqual(['a/b', 'a/c']);
    expect(store.list()).toEqual([]);
  });

  test('deletes by object, key and tombstone', () => {
    const { store } = setup();
    for (const name of ['a', 'b', 'c', 'd']) store.add(thing(name, '1'));

    store.delete(thing('a', '9'));
    store.deleteByKey('a/b');
    store.delete(new DeletedFinalStateUnknown<Thing>('a/c', undefined));

    expect(store.listKeys()).toEqual(['a/d']);
  });

  test('refuses objects without a key, and replaces nothing by them', () => {
    const { store } = setup();
    store.add(thing('a', '1'));
    const nameless: Thing = { metadata: {} };

    expect(() => store.add(nameless)).toThrow(KeyError);
    expect(() => store.replace([thing('b', '1'), nameless])).toThrow(KeyError);
    expect(store.listKeys()).toEqual(['a/a']);
  });

  test.each([NaN, '1' as unknown as number, null as unknown as number])(
    'refuses %s as its time',
    (ttlMs) => {
      expect(() => setup(ttlMs)).toThrow('as ttlMs');
    },
  );
});
