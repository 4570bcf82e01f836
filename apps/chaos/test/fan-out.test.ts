import { describe, expect, test } from 'vitest';

import { compare } from '../src/compare.ts';
import { groupOf, groupVersions, isGroup } from '../src/fan-out.ts';
import type { Recorder } from '../src/recorder.ts';
import { recorderWith, serverWith } from './recorded.ts';

const versions = { 'a/object-1': '10', 'a/object-21': '11', 'a/object-2': '12' };

/** Whoever has reconciled the groups of these objects. */
function reconciled(seen: Readonly<Record<string, string>>): Recorder {
  const recorder = recorderWith({});
  for (const [key, rv] of groupVersions(Object.entries(seen)))
    recorder.note({ type: 'reconcile', key, rv, t: 0 });
  return recorder;
}

function wrong(recorder: Recorder, server: Readonly<Record<string, string>>): readonly string[] {
  return compare({ server: serverWith(server), store: {}, recorder, fanOut: 'gadgets' }).reconciles;
}

describe('groups', () => {
  test('have the objects of one namespace whose numbers have the same end', () => {
    expect(groupOf('a/object-21')).toBe(groupOf('a/object-1'));
    expect(groupOf('b/object-1')).not.toBe(groupOf('a/object-1'));
    expect(isGroup(groupOf('a/object-1'))).toBe(true);
    expect(isGroup('a/object-1')).toBe(false);
  });

  test('that were reconciled with all their objects are fine', () => {
    expect(wrong(reconciled(versions), versions)).toEqual([]);
  });

  test('that were never reconciled are found', () => {
    expect(wrong(recorderWith({}), { 'a/object-1': '10' })).toEqual([
      'a/group-1 was not reconciled with all its objects',
    ]);
  });

  test('whose last reconcile saw an older version of one object are found', () => {
    expect(wrong(reconciled({ ...versions, 'a/object-21': '5' }), versions)).toEqual([
      'a/group-1 was not reconciled with all its objects',
    ]);
  });

  test('whose last object is gone are found unless a reconcile saw nothing', () => {
    const server = { 'a/object-1': '10', 'a/object-21': '11' };
    const recorder = reconciled(versions);

    expect(wrong(recorder, server)).toEqual([
      'a/group-2 was not reconciled after the deletion of its last object',
    ]);

    recorder.note({ type: 'reconcile', key: 'a/group-2', rv: '', t: 1 });
    expect(wrong(recorder, server)).toEqual([]);
  });
});
