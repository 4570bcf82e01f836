import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Indexer } from '../src/indexer.ts';
import { thing, type Thing } from './objects.ts';

const indexers = {
  color: (obj: Thing): readonly string[] => (obj.spec?.color === undefined ? [] : [obj.spec.color]),
  tag: (obj: Thing): readonly string[] => obj.spec?.tags ?? [],
};
const values = ['x', 'y', 'z', '', '__proto__', 'constructor'];
const names = ['b', 'c', 'd', 'e', '__proto__', 'constructor', 'toString'];

const anyThing = fc
  .record({
    name: fc.constantFrom(...names),
    color: fc.option(fc.constantFrom(...values), { nil: undefined }),
    tags: fc.array(fc.constantFrom(...values), { maxLength: 4 }),
  })
  .map(({ name, color, tags }) =>
    thing(name, '1', color === undefined ? { tags } : { color, tags }),
  );

type Write = (indexer: Indexer<Thing>) => void;

const anyWrite: fc.Arbitrary<Write> = fc.oneof(
  {
    weight: 4,
    arbitrary: anyThing.map(
      (obj): Write =>
        (indexer) =>
          indexer.add(obj),
    ),
  },
  {
    weight: 2,
    arbitrary: anyThing.map(
      (obj): Write =>
        (indexer) =>
          indexer.delete(obj),
    ),
  },
  fc.array(anyThing, { maxLength: 5 }).map(
    (list): Write =>
      (indexer) =>
        indexer.replace(list),
  ),
  fc.array(anyThing, { maxLength: 5 }).map((list): Write => (indexer) => {
    indexer.transaction(
      ...list.map((obj, index) => ({ type: index % 2 === 0 ? 'add' : 'delete', obj }) as const),
    );
  }),
  fc.constant((indexer: Indexer<Thing>) => {
    if (!indexer.hasIndex('tag')) {
      indexer.addIndexers({ tag: indexers.tag });
    }
  }),
);

test('after any writes a lookup by index finds what a scan of all objects finds', () => {
  fc.assert(
    fc.property(fc.array(anyWrite, { maxLength: 40 }), (writes) => {
      const indexer = new Indexer<Thing>({ indexers: { color: indexers.color } });
      for (const write of writes) {
        write(indexer);
      }
      if (!indexer.hasIndex('tag')) {
        indexer.addIndexers({ tag: indexers.tag });
      }

      for (const name of ['color', 'tag'] as const) {
        expect(indexed(indexer, name)).toEqual(scanned(indexer, name));
      }
    }),
  );
});

/** Everything an index can be asked for. */
function indexed(indexer: Indexer<Thing>, name: 'color' | 'tag'): object {
  return {
    values: indexer.listIndexFuncValues(name).sort(),
    keys: values.map((value) => indexer.indexKeys(name, value)),
    objects: values.map((value) => indexer.byIndex(name, value).map(keyOf).sort()),
  };
}

/** The same, found by looking at every object. */
function scanned(indexer: Indexer<Thing>, name: 'color' | 'tag'): object {
  const all = indexer.list();
  const keys = values.map((value) =>
    all
      .filter((obj) => indexers[name](obj).includes(value))
      .map(keyOf)
      .sort(),
  );
  const present = new Set(all.flatMap((obj) => indexers[name](obj)));
  return { values: [...present].sort(), keys, objects: keys };
}

function keyOf(obj: Thing): string {
  return `a/${obj.metadata?.name}`;
}
