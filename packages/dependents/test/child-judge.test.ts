import type { ObjectLike } from '@kubeloop/cache-store';
import { expect, test } from 'vitest';
import { AppliedMemory } from '../src/applied-memory.ts';
import { ChildJudge } from '../src/child-judge.ts';
import type { DesiredChild } from '../src/desired-children.ts';
import { digestOf } from '../src/json.ts';

const owner = { fieldManager: 'me', apiVersion: 'v1' };

function desired(color: string): DesiredChild {
  const object = { metadata: { name: 'a' }, data: { color } };
  return { key: 'ns/a', namespace: 'ns', name: 'a', object, digest: digestOf(object) };
}

/** What there is of it; without fields it does not say who owns what. */
function actual(resourceVersion: string, color: string, fields?: object): ObjectLike {
  const entry = { manager: 'me', operation: 'Apply', apiVersion: 'v1', fieldsV1: fields };
  const managedFields = fields === undefined ? undefined : [entry];
  const metadata = { name: 'a', uid: 'u', resourceVersion, managedFields };
  return { metadata, data: { color } } as ObjectLike;
}

const owned = { 'f:data': { 'f:color': {} } };

test('a state from before the last apply is no reason for another', () => {
  const judge = new ChildJudge(new AppliedMemory(), owner);
  judge.applied(desired('blue'), actual('10', 'blue', owned), 'o');

  expect(judge.differences(desired('blue'), actual('9', 'green', owned), 'o')).toEqual([]);
  expect(judge.differences(desired('red'), actual('9', 'green', owned), 'o')).toEqual([
    '.data.color',
  ]);
  expect(judge.differences(desired('blue'), actual('11', 'green', owned), 'o')).toEqual([
    '.data.color',
  ]);
});

test('what came back different counts as right until its owned fields change', () => {
  const judge = new ChildJudge(new AppliedMemory(), owner);
  judge.applied(desired('blue'), actual('10', 'BLUE', owned), 'o');

  expect(judge.differences(desired('blue'), actual('11', 'BLUE', owned), 'o')).toEqual([]);
  expect(judge.differences(desired('blue'), actual('12', 'Blue', owned), 'o')).toEqual([
    '.data.color',
  ]);
  expect(judge.differences(desired('red'), actual('11', 'BLUE', owned), 'o')).toEqual([
    '.data.color',
  ]);
});

test('what came back different and is not remembered is applied', () => {
  const judge = new ChildJudge(new AppliedMemory(), owner);

  expect(judge.differences(desired('blue'), actual('10', 'BLUE', owned), 'o')).toEqual([
    '.data.color',
  ]);
});

test('without managed fields it cannot be told, unless this process has applied it', () => {
  const judge = new ChildJudge(new AppliedMemory(), owner);

  const before = judge.differences(desired('blue'), actual('10', 'blue'), 'o');
  judge.applied(desired('blue'), actual('10', 'blue', owned), 'o');

  expect(before).toBe('unknown');
  expect(judge.differences(desired('blue'), actual('11', 'blue'), 'o')).toEqual([]);
  expect(judge.differences(desired('blue'), actual('12', 'green'), 'o')).toEqual(['.data.color']);
});

test('an object to which only others have applied has everything to be applied', () => {
  const judge = new ChildJudge(new AppliedMemory(), { ...owner, fieldManager: 'you' });

  const differences = judge.differences(desired('blue'), actual('10', 'blue', owned), 'o');

  expect(differences).toEqual(['(not applied yet)']);
});
