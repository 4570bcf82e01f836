import { describe, expect, test } from 'vitest';
import { Indexer } from '../src/indexer.ts';
import { thing, thrownBy, type Thing } from './objects.ts';

const byTag = (obj: Thing): readonly string[] => obj.spec?.tags ?? [];
const byColor = (obj: Thing): readonly string[] =>
  obj.spec?.color === undefined ? [] : [obj.spec.color];

function tagged(name: string, ...tags: string[]): Thing {
  return thing(name, '1', { tags });
}

function contents(indexer: Indexer<Thing>, name: string): Record<string, string[]> {
  const values = indexer.listIndexFuncValues(name).toSorted();
  return Object.fromEntries(values.map((value) => [value, indexer.indexKeys(name, value)]));
}

describe('Indexer', () => {
  test('an object is found under its value', () => {
    const indexer = new Indexer<Thing>({ indexers: { color: byColor } });
    const red = thing('b', '1', { color: 'red' });
    indexer.add(red);
    indexer.add(thing('c', '1', { color: 'blue' }));
    indexer.add(thing('d', '1'));

    expect(indexer.byIndex('color', 'red')).toEqual([red]);
    expect(indexer.byIndex('color', 'green')).toEqual([]);
  });

  test('an object with several values is found under each of them', () => {
    const indexer = new Indexer<Thing>({ indexers: { tag: byTag } });

    indexer.add(tagged('b', 'x', 'y'));
    indexer.add(tagged('c', 'y'));

    expect(contents(indexer, 'tag')).toEqual({ x: ['a/b'], y: ['a/b', 'a/c'] });
  });

  test.each([
    ['grow', ['x', 'y', 'z'], { x: ['a/b'], y: ['a/b'], z: ['a/b'] }],
    ['shrink', ['y'], { y: ['a/b'] }],
    ['are swapped', ['z', 'w'], { w: ['a/b'], z: ['a/b'] }],
    ['vanish', [], {}],
  ])('an update whose values %s leaves every value exact', (_, tags, expected) => {
    const indexer = new Indexer<Thing>({ indexers: { tag: byTag } });
    indexer.add(tagged('b', 'x', 'y'));

    indexer.update(tagged('b', ...tags));

    expect(contents(indexer, 'tag')).toEqual(expected);
  });

  test('an update moves an object out of the old value and into the new one', () => {
    const indexer = new Indexer<Thing>({ indexers: { color: byColor } });
    indexer.add(thing('b', '1', { color: 'red' }));
    indexer.add(thing('c', '1', { color: 'red' }));

    indexer.update(thing('b', '2', { color: 'blue' }));

    expect(contents(indexer, 'color')).toEqual({ blue: ['a/b'], red: ['a/c'] });
  });

  test('a deletion removes an object from all its values', () => {
    const indexer = new Indexer<Thing>({ indexers: { tag: byTag } });
    indexer.add(tagged('b', 'x', 'y'));
    indexer.add(tagged('c', 'y'));

    indexer.delete(tagged('b'));

    expect(contents(indexer, 'tag')).toEqual({ y: ['a/c'] });
  });

  test('a value is forgotten with its last object', () => {
    const indexer = new Indexer<Thing>({ indexers: { tag: byTag } });
    indexer.add(tagged('b', 'x'));
    indexer.add(tagged('c', 'x'));

    indexer.delete(tagged('b'));
    indexer.delete(tagged('c'));

    expect(indexer.listIndexFuncValues('tag')).toEqual([]);
  });

  test('an object that is deleted and added again is found with those that stayed', () => {
    const indexer = new Indexer<Thing>({ indexers: { tag: byTag } });
    indexer.add(tagged('b', 'x'));
    indexer.add(tagged('c', 'x'));

    indexer.delete(tagged('b'));
    indexer.delete(tagged('c'));
    indexer.add(tagged('c', 'x'));
    indexer.add(tagged('b', 'x', 'y'));
    indexer.delete(tagged('c'));

    expect(contents(indexer, 'tag')).toEqual({ x: ['a/b'], y: ['a/b'] });
    expect(indexer.byIndex('tag', 'x')).toEqual([tagged('b', 'x', 'y')]);
  });

  test('a value that hundreds of objects came to and left holds exactly those that are there, in the order they came', () => {
    const indexer = new Indexer<Thing>({ indexers: { tag: byTag } });
    const names = Array.from({ length: 300 }, (_, i) => `n${i}`);
    for (const name of names) indexer.add(tagged(name, 'x'));

    for (const [i, name] of names.entries()) {
      if (i % 3 === 0) indexer.delete(tagged(name));
      else if (i % 3 === 1 && i !== 1) indexer.update(tagged(name, 'y'));
    }
    indexer.update(tagged('n4', 'x'));
    indexer.update(thing('n5', '2', { tags: ['x'] }));

    const stayed = ['n1', ...names.filter((_, i) => i % 3 === 2), 'n4'];
    const found = indexer.byIndex('tag', 'x');
    expect(found.map((obj) => obj.metadata?.name)).toEqual(stayed);
    expect(found[2]?.metadata?.resourceVersion).toBe('2');
    expect(indexer.indexKeys('tag', 'x')).toEqual(stayed.map((name) => `a/${name}`).sort());
    expect(indexer.indexKeys('tag', 'y')).toHaveLength(98);
  });

  test('replace builds every index anew', () => {
    const indexer = new Indexer<Thing>({ indexers: { tag: byTag, color: byColor } });
    indexer.add(tagged('b', 'x'));

    indexer.replace([tagged('c', 'y'), thing('d', '1', { color: 'red' })], '5');

    expect(contents(indexer, 'tag')).toEqual({ y: ['a/c'] });
    expect(contents(indexer, 'color')).toEqual({ red: ['a/d'] });
  });

  test('a value given twice counts once', () => {
    const indexer = new Indexer<Thing>({ indexers: { tag: byTag } });

    indexer.add(tagged('b', 'x', 'x'));

    expect(indexer.byIndex('tag', 'x')).toHaveLength(1);
    indexer.delete(tagged('b'));
    expect(indexer.listIndexFuncValues('tag')).toEqual([]);
  });

  test('index finds the objects that share a value with the given one, each once', () => {
    const indexer = new Indexer<Thing>({ indexers: { tag: byTag } });
    indexer.add(tagged('b', 'x', 'y'));
    indexer.add(tagged('c', 'y'));
    indexer.add(tagged('d', 'z'));

    const names = indexer
      .index('tag', tagged('unknown', 'x', 'y'))
      .map((obj) => obj.metadata?.name);

    expect(names).toEqual(['b', 'c']);
    expect(indexer.index('tag', tagged('unknown', 'z'))).toEqual([tagged('d', 'z')]);
    expect(indexer.index('tag', tagged('unknown'))).toEqual([]);
  });

  test('the keys of a value are sorted', () => {
    const indexer = new Indexer<Thing>({ indexers: { tag: byTag } });
    for (const name of ['d', 'b', 'c']) {
      indexer.add(tagged(name, 'x'));
    }

    expect(indexer.indexKeys('tag', 'x')).toEqual(['a/b', 'a/c', 'a/d']);
  });

  test('the index holds what the transform returned', () => {
    const indexer = new Indexer<Thing>({
      indexers: { color: byColor },
      transform: (obj) => ({ ...obj, spec: { color: 'stripped' } }),
    });

    indexer.add(thing('b', '1', { color: 'red' }));

    expect(contents(indexer, 'color')).toEqual({ stripped: ['a/b'] });
  });

  test('the index stays exact when a cached object was changed in place', () => {
    const indexer = new Indexer<Thing>({ indexers: { tag: byTag }, freeze: false });
    const tags = ['x'];
    indexer.add(thing('b', '1', { tags }));
    tags[0] = 'y';

    indexer.update(tagged('b', 'z'));

    expect(contents(indexer, 'tag')).toEqual({ z: ['a/b'] });
  });

  test('the index stays exact when an index function changes the array it returned', () => {
    const shared: string[] = [];
    const indexer = new Indexer<Thing>({
      indexers: {
        shared: (obj) => {
          shared.splice(0, shared.length, ...byTag(obj));
          return shared;
        },
      },
    });
    indexer.add(tagged('b', 'x', 'y'));
    indexer.add(tagged('c', 'y', 'z'));

    indexer.delete(tagged('b'));

    expect(contents(indexer, 'shared')).toEqual({ y: ['a/c'], z: ['a/c'] });
  });

  test.each(['index', 'byIndex', 'indexKeys', 'listIndexFuncValues'] as const)(
    '%s of an unknown index throws and names those there are',
    (method) => {
      const indexer = new Indexer<Thing>({ indexers: { tag: byTag, color: byColor } });
      const calls = {
        index: () => indexer.index('size', tagged('b')),
        byIndex: () => indexer.byIndex('size', 'x'),
        indexKeys: () => indexer.indexKeys('size', 'x'),
        listIndexFuncValues: () => indexer.listIndexFuncValues('size'),
      };

      expect(calls[method]).toThrow(
        new RangeError(
          'Cannot use index "size": there is no index of this name; there are: "tag", "color"',
        ),
      );
    },
  );
});

describe('addIndexers', () => {
  test('files the objects that are already there', () => {
    const indexer = new Indexer<Thing>();
    indexer.add(tagged('b', 'x'));

    indexer.addIndexers({ tag: byTag });

    expect(contents(indexer, 'tag')).toEqual({ x: ['a/b'] });
    expect(Object.keys(indexer.indexers)).toEqual(['tag']);
    expect(indexer.hasIndex('tag')).toBe(true);
    expect(indexer.hasIndex('color')).toBe(false);
  });

  test('refuses a name that exists and adds none of the others', () => {
    const indexer = new Indexer<Thing>({ indexers: { tag: byTag } });

    expect(() => indexer.addIndexers({ color: byColor, tag: byTag })).toThrow(
      new RangeError('Cannot add index "tag": an index of this name exists'),
    );
    expect(Object.keys(indexer.indexers)).toEqual(['tag']);
  });

  test('adds nothing when a function fails on an object that is there', () => {
    const indexer = new Indexer<Thing>();
    indexer.add(tagged('b', 'x'));
    const failing = (): readonly string[] => {
      throw new Error('boom');
    };

    expect(() => indexer.addIndexers({ tag: byTag, failing })).toThrow(
      'Cannot compute index "failing" of object "a/b": boom',
    );
    expect(indexer.indexers).toEqual({});
  });

  test('refuses what is not a function', () => {
    // Untyped callers can do this.
    const indexers = { tag: 'spec.tags' } as unknown as { tag: () => string[] };

    expect(() => new Indexer<Thing>({ indexers })).toThrow(TypeError);
  });

  test('counts for a staged replace that had begun before', () => {
    const indexer = new Indexer<Thing>();
    const staged = indexer.stageReplace();
    staged.add(tagged('b', 'x'));
    indexer.addIndexers({ tag: byTag });

    staged.commit('5');

    expect(contents(indexer, 'tag')).toEqual({ x: ['a/b'] });
  });
});

describe('an index function that fails', () => {
  const picky = (obj: Thing): readonly string[] => {
    if (obj.spec?.color === undefined) {
      throw new Error('no color');
    }
    return [obj.spec.color];
  };

  function picked(): Indexer<Thing> {
    const indexer = new Indexer<Thing>({ indexers: { tag: byTag, picky } });
    indexer.replace([thing('b', '1', { color: 'red', tags: ['x'] })], '1');
    return indexer;
  }

  test.each([
    ['add', (indexer: Indexer<Thing>) => indexer.add(tagged('c', 'y'))],
    ['update', (indexer: Indexer<Thing>) => indexer.update(tagged('b', 'y'))],
    ['replace', (indexer: Indexer<Thing>) => indexer.replace([tagged('c', 'y')], '2')],
  ])('fails %s and leaves objects, indices and version as they were', (_, write) => {
    const indexer = picked();

    expect(() => write(indexer)).toThrow(
      /^Cannot compute index "picky" of object "a\/[bc]": no color$/,
    );

    expect(indexer.list()).toEqual([thing('b', '1', { color: 'red', tags: ['x'] })]);
    expect(contents(indexer, 'tag')).toEqual({ x: ['a/b'] });
    expect(contents(indexer, 'picky')).toEqual({ red: ['a/b'] });
    expect(indexer.lastStoreSyncResourceVersion).toBe('1');
  });

  test('is the cause of the error', () => {
    const error = thrownBy(() => picked().add(tagged('c', 'y')));

    expect((error as Error).cause).toEqual(new Error('no color'));
  });

  test('does not hinder a deletion', () => {
    const indexer = picked();

    indexer.delete(tagged('b'));

    expect(contents(indexer, 'picky')).toEqual({});
  });

  test.each([[undefined], ['text'], [[5]]])('is also one that returns %j', (result) => {
    // Untyped callers can do this.
    const wrong = (): readonly string[] => result as unknown as string[];
    const indexer = new Indexer<Thing>({ indexers: { wrong } });

    expect(() => indexer.add(tagged('b'))).toThrow('must return an array of strings');
  });
});
