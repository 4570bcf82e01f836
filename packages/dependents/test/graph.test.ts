import { expect, test } from 'vitest';
import { DependentGraph } from '../src/graph.ts';

test('a cycle is refused and named, and the graph stays as it was', () => {
  const graph = new DependentGraph();
  graph.add('a', ['c']);
  graph.add('b', ['a']);

  expect(() => graph.add('c', ['x', 'b'])).toThrow(
    'Cannot add dependent "c": it would stand after itself; "c" after "b" after "a" after "c"',
  );
  expect(() => graph.add('d', ['d'])).toThrow('"d" after "d"');
  expect(graph.names).toEqual(['a', 'b']);
});

test('a name that was never added is found', () => {
  const graph = new DependentGraph();
  graph.add('a', ['b']);

  expect(() => graph.checkComplete()).toThrow(
    'Cannot use dependents: "a" stands after "b", which was never added',
  );
  graph.add('b', []);
  expect(() => graph.checkComplete()).not.toThrow();
});

test('a name can be used once', () => {
  const graph = new DependentGraph();
  graph.add('a', []);

  expect(() => graph.add('a', [])).toThrow(
    'Cannot add dependent "a": there is one of this name; choose another name',
  );
});

test('it tells who stands before and after', () => {
  const graph = new DependentGraph();
  graph.add('a', []);
  graph.add('b', ['a']);
  graph.add('c', ['a']);
  graph.add('d', ['b', 'c']);

  expect(graph.before('d')).toEqual(['b', 'c']);
  expect([...graph.allBefore('d')].toSorted()).toEqual(['a', 'b', 'c']);
  expect(graph.followers('a')).toEqual(['b', 'c']);
});
