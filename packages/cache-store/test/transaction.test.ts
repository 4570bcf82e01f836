import { describe, expect, test } from 'vitest';
import { KeyError } from '../src/key.ts';
import { Store } from '../src/store.ts';
import { DeletedFinalStateUnknown } from '../src/tombstone.ts';
import { TransactionError, type StoreOperation } from '../src/transaction.ts';
import { thing, thrownBy, type Thing } from './objects.ts';

describe('a transaction of which some writes fail', () => {
  const keyless: Thing = { spec: { color: 'none' } };
  const operations: StoreOperation<Thing>[] = [
    { type: 'add', obj: thing('b', '1') },
    { type: 'add', obj: keyless },
    { type: 'update', obj: thing('c', '2') },
    { type: 'delete', obj: keyless },
  ];

  test('reports exactly which positions succeeded and which failed', () => {
    const error = thrownBy(() => new Store<Thing>().transaction(...operations));

    if (!TransactionError.is(error)) {
      throw error;
    }
    expect(error.successfulIndices).toEqual([0, 2]);
    expect(error.failures.map(({ index }) => index)).toEqual([1, 3]);
    expect(error.failures.every((failure) => KeyError.is(failure.error))).toBe(true);
    expect(error.cause).toBe(error.failures[0]?.error);
    expect(error.total).toBe(4);
    expect(error.message).toBe(
      'Cannot do 2 of 4 writes of a transaction: 1: Cannot compute the key of an object: it has no metadata; ' +
        '3: Cannot compute the key of an object: it has no metadata',
    );
  });

  test('does the others, and its version is that of the last of them', () => {
    const store = new Store<Thing>();

    thrownBy(() => store.transaction(...operations));

    expect(store.listKeys()).toEqual(['a/b', 'a/c']);
    expect(store.lastStoreSyncResourceVersion).toBe('2');
  });

  test('refuses an unknown kind of write at its position', () => {
    const store = new Store<Thing>();
    // Untyped callers can do this.
    const unknown = { type: 'upsert', obj: thing('b', '1') } as unknown as StoreOperation<Thing>;

    expect(() => store.transaction(unknown)).toThrow('Cannot do operation "upsert"');
  });

  test('deletes by tombstone', () => {
    const store = new Store<Thing>();
    store.add(thing('b', '1'));

    store.transaction({
      type: 'delete',
      obj: new DeletedFinalStateUnknown('a/b', thing('b', '1')),
    });

    expect(store.size).toBe(0);
    expect(store.lastStoreSyncResourceVersion).toBe('1');
  });

  test('does nothing at all when it is empty', () => {
    const store = new Store<Thing>();

    store.transaction();

    expect(store.size).toBe(0);
  });
});
