import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { metaNamespaceIndexFunc, namespaceIndex } from '../src/index-functions.ts';
import { Indexer } from '../src/indexer.ts';
import { everythingSelector, nothingSelector } from '../src/label-selector.ts';
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
    const list = vi.spyOn(indexer, 'list');
    const values = vi.spyOn(indexer, 'values');

    new Lister(indexer).byNamespace('a').list('app=web');

    expect(list).not.toHaveBeenCalled();
    expect(values).not.toHaveBeenCalled();
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
