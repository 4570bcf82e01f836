import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { labelIndexFunc, metaNamespaceIndexFunc, namespaceIndex } from '../src/index-functions.ts';
import { Indexer } from '../src/indexer.ts';
import type { Labels } from '../src/label-requirement.ts';
import { everythingSelector, type LabelSelector, nothingSelector } from '../src/label-selector.ts';
import { parseLabelSelector } from '../src/label-selector-parser.ts';
import { Lister } from '../src/lister.ts';
import type { ObjectLike } from '../src/object.ts';

function labelled(namespace: string, name: string, labels: Record<string, string>): ObjectLike {
  return { metadata: { namespace, name, labels } };
}

const web = labelled('a', 'web', { app: 'web' });
const api = labelled('a', 'api', { app: 'api' });
const other = labelled('b', 'web', { app: 'web' });
const node = labelled('', 'node', { zone: 'z' });
const indexedByNamespace = { indexers: { [namespaceIndex]: metaNamespaceIndexFunc } };

describe.each([
  ['with a namespace index', indexedByNamespace],
  ['without a namespace index', {}],
])('Lister %s', (_, options) => {
  const indexer = new Indexer<ObjectLike>(options);
  indexer.replace([web, api, other, node]);
  const lister = new Lister(indexer);

  test('lists everything without a selector', () => {
    expect(lister.list()).toEqual([web, api, other, node]);
    expect(lister.list(everythingSelector)).toEqual([web, api, other, node]);
    expect(lister.list('')).toEqual([web, api, other, node]);
  });

  test('lists what a selector selects, given as text or parsed', () => {
    expect(lister.list('app=web')).toEqual([web, other]);
    expect(lister.list(parseLabelSelector('app=web'))).toEqual([web, other]);
  });

  test('lists one namespace', () => {
    expect(lister.byNamespace('a').list()).toEqual([web, api]);
    expect(lister.byNamespace('a').list('app=web')).toEqual([web]);
    expect(lister.byNamespace('c').list()).toEqual([]);
  });

  test('lists nothing for a selector that selects nothing', () => {
    expect(lister.list(nothingSelector)).toEqual([]);
    expect(lister.byNamespace('a').list(nothingSelector)).toEqual([]);
  });

  test('lists all namespaces for the empty namespace', () => {
    expect(lister.byNamespace('').list('app=web')).toEqual([web, other]);
  });

  test('gets an object by namespace and name', () => {
    expect(lister.byNamespace('b').get('web')).toBe(other);
    expect(lister.byNamespace('b').get('api')).toBeUndefined();
  });

  test('gets a cluster-scoped object by name', () => {
    expect(lister.get('node')).toBe(node);
    expect(lister.byNamespace('').get('node')).toBe(node);
    expect(lister.get('web')).toBeUndefined();
  });

  test('refuses a selector that is not well formed', () => {
    expect(() => lister.list('app in')).toThrow('Cannot parse label selector');
  });
});

describe('Lister', () => {
  test('a list of one namespace does not look at other objects when there is an index', () => {
    const indexer = new Indexer<ObjectLike>(indexedByNamespace);
    indexer.replace([web, other]);
    const { selector, seen } = watched('app=web');

    new Lister(indexer).byNamespace('a').list(selector);

    expect(seen).toEqual([web.metadata?.labels]);
  });

  test('a list by selector is the full list, filtered', () => {
    const labels = fc.dictionary(
      fc.constantFrom('app', 'tier', '__proto__'),
      fc.constantFrom('x', 'y', ''),
    );
    const selectors = [
      'app',
      '!app',
      'app=x',
      'app!=x',
      'app in (x,y),tier',
      'tier notin (x)',
      'app=',
    ];

    fc.assert(
      fc.property(fc.array(labels), fc.constantFrom(...selectors), (sets, text) => {
        const indexer = new Indexer<ObjectLike>(indexedByNamespace);
        indexer.replace(sets.map((set, index) => labelled('a', `n${index}`, set)));
        const selector = parseLabelSelector(text);
        const lister = new Lister(indexer);

        const filtered = lister.list().filter((obj) => selector.matches(obj.metadata?.labels));

        expect(lister.list(text)).toEqual(filtered);
        expect(lister.byNamespace('a').list(text)).toEqual(filtered);
      }),
    );
  });
});

describe('Lister with an index by a label', () => {
  test.each(['app=web', 'app==web', 'app in (web)', 'app=web,tier!=db', '!tier,app=web'])(
    'a list by %s looks at the objects that have the label value and at no others',
    (text) => {
      const indexer = new Indexer<ObjectLike>({ indexers: { byApp: labelIndexFunc('app') } });
      indexer.replace([web, api, node]);
      const { selector, seen } = watched(text);

      expect(new Lister(indexer).list(selector)).toEqual([web]);

      expect(seen).toEqual([web.metadata?.labels]);
    },
  );

  test.each(['app!=web', 'app', '!app', 'app notin (web)', 'zone=z'])(
    'a list by %s, which requires no value of the label, looks at every object',
    (text) => {
      const indexer = new Indexer<ObjectLike>({ indexers: { byApp: labelIndexFunc('app') } });
      indexer.replace([web, api, node]);
      const { selector, seen } = watched(text);

      new Lister(indexer).list(selector);

      expect(seen).toHaveLength(3);
    },
  );

  test('of several indices the one that leaves the fewest objects is used', () => {
    const indexer = new Indexer<ObjectLike>({
      indexers: { app: labelIndexFunc('app'), tier: labelIndexFunc('tier') },
    });
    const rare = labelled('a', 'rare', { app: 'web', tier: 'front' });
    indexer.replace([web, api, other, rare]);
    const { selector, seen } = watched('app=web,tier=front');

    expect(new Lister(indexer).list(selector)).toEqual([rare]);

    expect(seen).toEqual([rare.metadata?.labels]);
  });

  test('a list of one namespace uses it as well', () => {
    const indexer = new Indexer<ObjectLike>({
      indexers: { ...indexedByNamespace.indexers, app: labelIndexFunc('app') },
    });
    const many = Array.from({ length: 9 }, (_, i) => labelled('a', `n${i}`, {}));
    indexer.replace([web, other, ...many]);
    const { selector, seen } = watched('app=web');

    expect(new Lister(indexer).byNamespace('a').list(selector)).toEqual([web]);

    expect(seen).toEqual([web.metadata?.labels]);
  });

  test('an index function of that name that was not made for labels is not used', () => {
    const indexer = new Indexer<ObjectLike>({ indexers: { app: () => ['web'] } });
    indexer.replace([web, api]);

    expect(new Lister(indexer).list('app=api')).toEqual([api]);
  });

  test('after any writes it finds what a scan of all objects finds', () => {
    const names = fc.constantFrom('n1', 'n2', 'n3', 'n4', 'n5', 'n6');
    const namespaces = fc.constantFrom('a', 'b', '');
    const labels = fc.dictionary(
      fc.constantFrom('app', 'tier', '__proto__'),
      fc.constantFrom('x', 'y', ''),
    );
    const anyObject = fc.tuple(namespaces, names, labels).map((parts) => labelled(...parts));
    const anyWrite = fc.record({
      kind: fc.constantFrom('add', 'add', 'add', 'delete', 'replace', 'index'),
      objects: fc.array(anyObject, { minLength: 1, maxLength: 8 }),
    });
    const selectors = [
      'app=x',
      'app in (x,y,x)',
      'app=x,app=y',
      'app=x,app in (x,y)',
      'app in (x,y),tier=x',
      'app=',
      'app!=x',
      '!app',
      'app',
      'tier=y,app notin (x)',
      'tier=x,!app',
      'tier>3',
    ];

    fc.assert(
      fc.property(
        fc.array(anyWrite, { maxLength: 20 }),
        fc.constantFrom(...selectors),
        fc.constantFrom('a', 'b', 'c'),
        (writes, text, namespace) => {
          const scanned = new Indexer<ObjectLike>();
          const indexed = new Indexer<ObjectLike>({
            indexers: { ...indexedByNamespace.indexers, byApp: labelIndexFunc('app') },
          });
          for (const { kind, objects } of writes) {
            for (const indexer of [scanned, indexed]) {
              if (kind === 'replace') indexer.replace(objects);
              else if (kind !== 'index') for (const obj of objects) indexer[kind](obj);
            }
            if (kind === 'index' && !indexed.hasIndex('byTier')) {
              indexed.addIndexers({ byTier: labelIndexFunc('tier') });
            }
          }

          const found = [new Lister(indexed), new Lister(scanned)].map((lister) => [
            lister.list(text).map(keyOf).sort(),
            lister.byNamespace(namespace).list(text).map(keyOf).sort(),
          ]);

          expect(found[0]).toEqual(found[1]);
        },
      ),
    );
  });
});

/** A selector that remembers the labels it was asked about. */
function watched(text: string): { selector: LabelSelector; seen: unknown[] } {
  const parsed = parseLabelSelector(text);
  const seen: unknown[] = [];
  const matches = (labels: Labels): boolean => {
    seen.push(labels);
    return parsed.matches(labels);
  };
  return { selector: { matches, empty: false, requirements: parsed.requirements }, seen };
}

function keyOf({ metadata }: ObjectLike): string {
  return `${metadata?.namespace}/${metadata?.name}`;
}
