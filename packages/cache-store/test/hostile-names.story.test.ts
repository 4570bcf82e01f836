import { describe, expect, test } from 'vitest';
import { fieldIndexFunc, labelIndexFunc } from '../src/index-functions.ts';
import { Indexer } from '../src/indexer.ts';
import { Lister } from '../src/lister.ts';
import type { ObjectLike } from '../src/object.ts';

const hostile = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'];

describe.each(hostile)('the name %s', (name) => {
  // As from the wire: `__proto__` is a property like any other in parsed JSON.
  const obj = JSON.parse(
    `{"metadata":{"namespace":"${name}","name":"${name}","labels":{"${name}":"${name}"}}}`,
  ) as ObjectLike;

  test('is safe as namespace, name, label, label value and index', () => {
    const indexer = new Indexer<ObjectLike>({
      indexers: { [name]: labelIndexFunc(name), namespace: fieldIndexFunc('metadata.namespace') },
    });
    indexer.add(obj);
    const lister = new Lister(indexer);

    expect(indexer.getByKey(`${name}/${name}`)).toBe(obj);
    expect(indexer.byIndex(name, name)).toEqual([obj]);
    expect(Object.keys(indexer.indexers)).toContain(name);
    expect(lister.byNamespace(name).list()).toEqual([obj]);
    expect(lister.byNamespace(name).get(name)).toBe(obj);
  });

  test('is not found where it is not', () => {
    const indexer = new Indexer<ObjectLike>({ indexers: { label: labelIndexFunc(name) } });
    indexer.add({ metadata: { name: 'b', labels: {} } });

    expect(indexer.getByKey(name)).toBeUndefined();
    expect(indexer.listIndexFuncValues('label')).toEqual([]);
    expect(indexer.byIndex('label', name)).toEqual([]);
    expect(() => indexer.byIndex(name, 'b')).toThrow(RangeError);
  });

  test('leaves the prototype of all objects alone', () => {
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as Record<string, unknown>)['metadata']).toBeUndefined();
  });
});
