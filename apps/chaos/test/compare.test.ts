import { describe, expect, test } from 'vitest';

import { compare, describeDifferences, isEqual } from '../src/compare.ts';
import type { Differences } from '../src/compare.ts';
import { called, recorderWith, serverWith } from './recorded.ts';

const versions = { 'a/one': '10', 'a/two': '11' };
const reconcile = 'gadgets';

function differences(store: Readonly<Record<string, string>>): Differences {
  const recorder = recorderWith(versions);
  return compare({ server: serverWith(versions), store: { gadgets: store }, recorder, reconcile });
}

describe('the comparison', () => {
  test('finds nothing where all is the same', () => {
    expect(isEqual(differences(versions))).toBe(true);
  });

  test('finds an object that the cache has lost', () => {
    expect(differences({ 'a/one': '10' })).toMatchObject({ missing: ['gadgets a/two'] });
  });

  test('finds objects of a resource that the cache does not know at all', () => {
    const recorder = recorderWith(versions);
    const found = compare({ server: serverWith(versions), store: {}, recorder });

    expect(found.missing).toHaveLength(2);
  });

  test('finds an object that is gone and still in the cache', () => {
    expect(differences({ ...versions, 'a/three': '9' })).toMatchObject({
      extra: ['gadgets a/three'],
    });
  });

  test('finds an object of which the cache has an old version', () => {
    expect(differences({ ...versions, 'a/two': '5' })).toMatchObject({
      stale: ['gadgets a/two: 5 instead of 11'],
    });
  });

  test('finds a handler that was not told of an object', () => {
    const recorder = recorderWith(versions);
    const server = serverWith({ ...versions, 'a/three': '12' });
    const { handlers } = compare({ server, store: {}, recorder });

    expect(handlers).toEqual(['gadgets/sync was not told of a/three']);
  });

  test('finds a handler that was told of an older version only', () => {
    const { handlers } = compare({
      server: serverWith({ ...versions, 'a/two': '12' }),
      store: {},
      recorder: recorderWith(versions),
    });

    expect(handlers).toEqual(['gadgets/sync was told of a/two at 11 instead of 12']);
  });

  test('finds a handler that was not told of a deletion', () => {
    const { handlers } = compare({
      server: serverWith({ 'a/one': '10' }),
      store: {},
      recorder: recorderWith(versions),
    });

    expect(handlers).toEqual(['gadgets/sync was not told that a/two is gone']);
  });

  test('takes a deletion that was told for what it is', () => {
    const recorder = recorderWith(versions);
    recorder.note(called('gadgets', 'delete', 'a/two', '13'));
    const { handlers } = compare({ server: serverWith({ 'a/one': '10' }), store: {}, recorder });

    expect(handlers).toEqual([]);
  });

  test('finds an object that was never reconciled', () => {
    const recorder = recorderWith(versions);
    recorder.note(called('gadgets', 'add', 'a/three', '12'));
    const server = serverWith({ ...versions, 'a/three': '12' });
    const { reconciles } = compare({ server, store: {}, recorder, reconcile });

    expect(reconciles).toEqual(['a/three was never reconciled']);
  });

  test('finds an object whose last version was not reconciled', () => {
    const recorder = recorderWith(versions);
    recorder.note(called('gadgets', 'update', 'a/two', '12'));
    const server = serverWith({ ...versions, 'a/two': '12' });
    const { reconciles } = compare({ server, store: {}, recorder, reconcile });

    expect(reconciles).toEqual(['a/two was reconciled at 11, not 12']);
  });

  test('finds a deletion that was not reconciled', () => {
    const recorder = recorderWith(versions);
    recorder.note(called('gadgets', 'delete', 'a/two', '12'));
    const server = serverWith({ 'a/one': '10' });
    const { reconciles } = compare({ server, store: {}, recorder, reconcile });

    expect(reconciles).toEqual(['a/two was not reconciled after its deletion']);
  });

  test('asks for no reconciles of subjects without a controller', () => {
    const server = serverWith({ 'a/new': '1' });

    expect(compare({ server, store: {}, recorder: recorderWith({}) }).reconciles).toEqual([]);
  });
});

test('differences are counted, with an example of each', () => {
  const found = differences({ 'a/two': '5', 'a/three': '1' });

  expect(describeDifferences(found)).toBe(
    '1 missing (gadgets a/one), 1 extra (gadgets a/three), 1 stale (gadgets a/two: 5 instead of 11)',
  );
});
