import { describe, expect, test } from 'vitest';
import { Store } from '../src/store.ts';
import type { StoreMetrics } from '../src/store-metrics.ts';
import { DeletedFinalStateUnknown } from '../src/tombstone.ts';
import { thing, type Thing } from './objects.ts';

function storeAt(version: string): Store<Thing> {
  const store = new Store<Thing>({ keyFunc: (obj) => obj.metadata?.name ?? 'nameless' });
  store.replace([thing('b', '1')], version);
  return store;
}

describe('the last version a store has seen', () => {
  test('is empty at the start', () => {
    expect(new Store().lastStoreSyncResourceVersion).toBe('');
  });

  test('follows an added object', () => {
    const store = storeAt('7');

    store.add(thing('c', '8'));

    expect(store.lastStoreSyncResourceVersion).toBe('8');
  });

  test('follows an updated object', () => {
    const store = storeAt('7');

    store.update(thing('b', '8'));

    expect(store.lastStoreSyncResourceVersion).toBe('8');
  });

  test('follows the object given to a deletion', () => {
    const store = storeAt('7');

    store.delete(thing('b', '8'));

    expect(store.lastStoreSyncResourceVersion).toBe('8');
  });

  test('stays at a deletion by key', () => {
    const store = storeAt('7');

    store.deleteByKey('b');

    expect(store.lastStoreSyncResourceVersion).toBe('7');
    expect(store.size).toBe(0);
  });

  test('stays at a deletion by tombstone, whose version is unknown', () => {
    const store = storeAt('7');

    store.delete(new DeletedFinalStateUnknown('b', thing('b', '1')));

    expect(store.lastStoreSyncResourceVersion).toBe('7');
  });

  test('follows the last successful write of a transaction', () => {
    const store = storeAt('7');

    store.transaction(
      { type: 'add', obj: thing('c', '8') },
      { type: 'delete', obj: thing('b', '9') },
    );

    expect(store.lastStoreSyncResourceVersion).toBe('9');
  });

  test('is that of the list after a replace', () => {
    const store = storeAt('7');

    store.replace([thing('b', '8')], '10');

    expect(store.lastStoreSyncResourceVersion).toBe('10');
  });

  test('is empty after a replace without a version', () => {
    const store = storeAt('7');

    store.replace([thing('b', '8')]);

    expect(store.lastStoreSyncResourceVersion).toBe('');
  });

  test('follows a bookmark', () => {
    const store = storeAt('7');

    store.bookmark('12');

    expect(store.lastStoreSyncResourceVersion).toBe('12');
  });

  test('is empty after an object whose metadata has no version', () => {
    const store = storeAt('7');

    store.add({ metadata: { name: 'c' } });

    expect(store.lastStoreSyncResourceVersion).toBe('');
  });

  test('stays at objects without metadata', () => {
    const store = storeAt('7');

    store.add({ spec: {} });

    expect(store.lastStoreSyncResourceVersion).toBe('7');
    expect(store.listKeys()).toContain('nameless');
  });
});

describe('the metrics of a store', () => {
  function recorded(): { metrics: StoreMetrics; versions: number[]; counts: number[] } {
    const versions: number[] = [];
    const counts: number[] = [];
    const metrics = {
      resourceVersion: (version: number) => void versions.push(version),
      objects: (count: number) => void counts.push(count),
    };
    return { metrics, versions, counts };
  }

  test('show version and number of objects after each write', () => {
    const { metrics, versions, counts } = recorded();
    const store = new Store<Thing>({ metrics });

    store.add(thing('b', '5'));
    store.replace([], '6');
    store.bookmark('7');

    expect(versions).toEqual([5, 6, 7]);
    expect(counts).toEqual([1, 0, 0]);
  });

  test('show the last fifteen digits of a long version', () => {
    const { metrics, versions } = recorded();
    const store = new Store<Thing>({ metrics });

    store.bookmark('99123456789012345');

    expect(versions).toEqual([123_456_789_012_345]);
  });

  test('show no version that is not a number', () => {
    const { metrics, versions, counts } = recorded();
    const store = new Store<Thing>({ metrics });

    store.bookmark('abc');

    expect(versions).toEqual([]);
    expect(counts).toEqual([0]);
  });

  test('may be absent', () => {
    const store = new Store<Thing>({ metrics: undefined });

    store.add(thing('b', '5'));

    expect(store.size).toBe(1);
  });
});
