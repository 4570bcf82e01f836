import { expect, test } from 'vitest';
import { NamespaceSet } from '../src/index.ts';

test('a set says what is in it, and whether a change was one', () => {
  const set = new NamespaceSet(['a', 'b', 'a']);

  const answers = [set.add('c'), set.add('c'), set.delete('a'), set.delete('a')];

  expect(answers).toEqual([true, false, true, false]);
  expect([[...set], set.size, set.has('b'), set.has('a')]).toEqual([['b', 'c'], 2, true, false]);
});

test('listeners are told of each change once, until they end that', () => {
  const set = new NamespaceSet(['a']);
  const log: string[] = [];
  const end = set.subscribe({
    added: (namespace) => log.push(`+${namespace}`),
    deleted: (namespace) => log.push(`-${namespace}`),
  });

  set.add('b');
  set.add('b');
  set.delete('a');
  set.delete('a');
  end();
  set.add('c');

  expect(log).toEqual(['+b', '-a']);
});

test('what cannot be the name of a namespace is refused, and changes nothing', () => {
  const set = new NamespaceSet();

  for (const name of ['', 'A', 'a/b', '-a', 'a'.repeat(64)])
    expect(() => set.add(name)).toThrow(TypeError);
  // @ts-expect-error -- a mistake that the types catch
  expect(() => set.add(1)).toThrow('Cannot use 1 as a namespace');
  expect(() => new NamespaceSet('team')).toThrow('give a list of names');
  expect(() => new NamespaceSet(['a', 'B'])).toThrow("Cannot use 'B' as a namespace");
  expect(set.size).toBe(0);
});

test('a set is known as one, and nothing else is', () => {
  expect(NamespaceSet.is(new NamespaceSet())).toBe(true);
  expect([new Set(['a']), ['a'], null, 'a'].map((each) => NamespaceSet.is(each))).toEqual([
    false,
    false,
    false,
    false,
  ]);
});
