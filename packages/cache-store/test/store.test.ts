import { describe, expect, test } from 'vitest';
import { KeyError } from '../src/key.ts';
import { Store } from '../src/store.ts';
import { DeletedFinalStateUnknown } from '../src/tombstone.ts';
import { thing, thrownBy, type Thing } from './objects.ts';

const identity = { name: 'without a transform', transform: undefined, mark: undefined };
const marking = {
  name: 'with a transform',
  transform: (obj: Thing): Thing => ({ ...obj, kind: 'Marked' }),
  mark: 'Marked',
};

describe.each([identity, marking])('Store $name', ({ transform, mark }) => {
  const stored = (obj: Thing): Thing => (mark === undefined ? obj : { ...obj, kind: mark });

  test('an added object is found by its key, by the object and in the list', () => {
    const store = new Store<Thing>({ transform });
    const obj = thing('b', '1');

    store.add(obj);

    expect(store.getByKey('a/b')).toEqual(stored(obj));
    expect(store.get(thing('b', 'other'))).toEqual(stored(obj));
    expect(store.list()).toEqual([stored(obj)]);
    expect(store.listKeys()).toEqual(['a/b']);
    expect(store.size).toBe(1);
  });

  test('an update takes the place of the object with the same key', () => {
    const store = new Store<Thing>({ transform });
    store.add(thing('b', '1'));

    store.update(thing('b', '2'));

    expect(store.list()).toEqual([stored(thing('b', '2'))]);
  });

  test('an update of an unknown object adds it', () => {
    const store = new Store<Thing>({ transform });

    store.update(thing('b', '2'));

    expect(store.listKeys()).toEqual(['a/b']);
  });

  test('a deleted object is gone', () => {
    const store = new Store<Thing>({ transform });
    store.add(thing('b', '1'));
    store.add(thing('c', '2'));

    store.delete(thing('b', '3'));

    expect(store.list()).toEqual([stored(thing('c', '2'))]);
    expect(store.getByKey('a/b')).toBeUndefined();
  });

  test('deleting an unknown object changes no content', () => {
    const store = new Store<Thing>({ transform });
    store.add(thing('b', '1'));

    store.delete(thing('c', '2'));

    expect(store.listKeys()).toEqual(['a/b']);
  });

  test('a tombstone deletes by its key', () => {
    const store = new Store<Thing>({ transform });
    store.add(thing('b', '1'));

    store.delete(new DeletedFinalStateUnknown<Thing>('a/b', undefined));

    expect(store.size).toBe(0);
  });

  test('deletion and addition of the same key leave the new object', () => {
    const store = new Store<Thing>({ transform });
    store.add(thing('b', '1'));

    store.delete(thing('b', '2'));
    store.add(thing('b', '3'));

    expect(store.list()).toEqual([stored(thing('b', '3'))]);
  });

  test('replace leaves exactly the given objects', () => {
    const store = new Store<Thing>({ transform });
    store.add(thing('b', '1'));
    store.add(thing('c', '2'));

    store.replace([thing('c', '3'), thing('d', '4')], '5');

    expect(store.list()).toEqual([stored(thing('c', '3')), stored(thing('d', '4'))]);
  });

  test('replace takes the last of several objects with the same key', () => {
    const store = new Store<Thing>({ transform });

    store.replace([thing('b', '1'), thing('b', '2')], '5');

    expect(store.list()).toEqual([stored(thing('b', '2'))]);
  });

  test('a transaction does its writes in order', () => {
    const store = new Store<Thing>({ transform });

    store.transaction(
      { type: 'add', obj: thing('b', '1') },
      { type: 'add', obj: thing('c', '2') },
      { type: 'update', obj: thing('b', '3') },
      { type: 'delete', obj: thing('c', '4') },
    );

    expect(store.list()).toEqual([stored(thing('b', '3'))]);
  });

  test('the key is that of the given object, made by the key function of the options', () => {
    const store = new Store<Thing>({ transform, keyFunc: (obj) => `color:${obj.spec?.color}` });

    store.add(thing('b', '1', { color: 'red' }));

    expect(store.listKeys()).toEqual(['color:red']);
  });
});

describe('Store', () => {
  test('objects are shared, not copied', () => {
    const store = new Store<Thing>();
    const obj = thing('b', '1');

    store.add(obj);

    expect(store.getByKey('a/b')).toBe(obj);
    expect(store.list()[0]).toBe(obj);
  });

  test('changing a listed array does not change the store', () => {
    const store = new Store<Thing>();
    store.add(thing('b', '1'));

    store.list().pop();
    store.listKeys().pop();

    expect(store.size).toBe(1);
  });

  test('values iterates over the objects in the order of first write', () => {
    const store = new Store<Thing>();
    store.replace([thing('c', '1'), thing('b', '2')]);
    store.update(thing('c', '3'));

    expect([...store.values()]).toEqual([thing('c', '3'), thing('b', '2')]);
  });

  test.each(['add', 'update', 'delete', 'get'] as const)(
    '%s of an object without a key throws an error that carries the object',
    (method) => {
      const store = new Store<Thing>();
      const obj = { spec: {} };

      const error = thrownBy(() => store[method](obj));

      expect(KeyError.is(error) && error.obj).toBe(obj);
    },
  );

  test('a key function that throws becomes an error with the object and the cause', () => {
    const cause = new Error('no color');
    const store = new Store<Thing>({
      keyFunc: () => {
        throw cause;
      },
    });
    const obj = thing('b', '1');

    const error = thrownBy(() => store.add(obj));

    expect(KeyError.is(error) && [error.obj, error.cause]).toEqual([obj, cause]);
    expect(String(error)).toContain('no color');
  });

  test('a key function that returns no string is refused', () => {
    // Untyped callers can do this.
    const store = new Store<Thing>({ keyFunc: () => undefined as unknown as string });

    expect(KeyError.is(thrownBy(() => store.add(thing('b', '1'))))).toBe(true);
  });

  test('a replace that fails leaves content and version as they were', () => {
    const store = new Store<Thing>();
    store.replace([thing('b', '1')], '7');

    expect(() => store.replace([thing('c', '2'), {}], '8')).toThrow(KeyError);

    expect(store.listKeys()).toEqual(['a/b']);
    expect(store.lastStoreSyncResourceVersion).toBe('7');
  });

  test('a staged replace shows nothing before its commit and everything after it', () => {
    const store = new Store<Thing>();
    store.replace([thing('b', '1')], '1');
    const staged = store.stageReplace();
    staged.add(thing('c', '2'));

    const before = store.listKeys();
    staged.commit('2');

    expect(before).toEqual(['a/b']);
    expect(store.listKeys()).toEqual(['a/c']);
    expect(store.lastStoreSyncResourceVersion).toBe('2');
  });

  test('a transform that throws fails the write and names the object', () => {
    const store = new Store<Thing>({
      transform: () => {
        throw new Error('boom');
      },
    });

    expect(() => store.add(thing('b', '1'))).toThrow('Cannot transform object "a/b": boom');
    expect(store.size).toBe(0);
    expect(store.lastStoreSyncResourceVersion).toBe('');
  });

  test('a transform that returns no object is refused', () => {
    // Untyped callers can do this.
    const store = new Store<Thing>({ transform: () => undefined as unknown as Thing });

    expect(() => store.add(thing('b', '1'))).toThrow('the transform must return an object');
  });

  test('a transform is called once for each object', () => {
    const seen: (string | undefined)[] = [];
    const store = new Store<Thing>({
      transform: (obj) => {
        seen.push(obj.metadata?.name);
        return obj;
      },
    });

    store.add(thing('b', '1'));
    store.transaction({ type: 'update', obj: thing('c', '1') });
    store.replace([thing('d', '1')]);

    expect(seen).toEqual(['b', 'c', 'd']);
  });

  test('stored objects are frozen deeply where the tests run', () => {
    const store = new Store<Thing>();
    const tags = ['x'];

    store.add(thing('b', '1', { tags }));

    expect(() => tags.push('y')).toThrow(TypeError);
  });

  test('what a transform returns is frozen, not what it was given', () => {
    const store = new Store<Thing>({ transform: (obj) => ({ ...obj }) });
    const obj = thing('b', '1');

    store.add(obj);

    expect(Object.isFrozen(store.getByKey('a/b'))).toBe(true);
    expect(Object.isFrozen(obj)).toBe(false);
  });

  test('stored objects are left alone when freezing is off', () => {
    const store = new Store<Thing>({ freeze: false });
    const obj = thing('b', '1');

    store.add(obj);

    expect(Object.isFrozen(obj)).toBe(false);
  });
});
