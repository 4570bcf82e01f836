import { namespaceIndex } from './index-functions.ts';
import type { Indexer } from './indexer.ts';
import type { IndexedMap } from './indexed-map.ts';
import type { LabelRequirement } from './label-requirement.ts';
import { type LabelSelector, nothingSelector } from './label-selector.ts';
import type { ObjectLike } from './object.ts';
import { mapOf } from './store.ts';
import type { ValueIndex } from './value-index.ts';

/** Part of the objects, found by an index: all objects that can be selected are among them. */
interface Candidates<T> {
  readonly index: ValueIndex<T>;
  readonly values: readonly string[];
  readonly count: number;
}

/**
 * The objects that a selector selects, of one namespace if one is given, in a new array.
 *
 * Looks at the fewest objects that an index can narrow them down to: the index `namespace`, or one by a label of which the
 * selector requires a value. Looks at all objects when there is no such index.
 */
export function select<T extends ObjectLike>(
  indexer: Indexer<T>,
  selector: LabelSelector,
  namespace?: string,
): T[] {
  const map = mapOf(indexer);
  const selected: T[] = [];
  if (selector === nothingSelector) return selected;
  const take = (obj: T): void => {
    const { metadata } = obj;
    if (namespace !== undefined && metadata?.namespace !== namespace) return;
    if (selector.matches(metadata?.labels)) selected.push(obj);
  };
  const fewest = fewestCandidates(map, selector, namespace);
  if (fewest === undefined) {
    for (const { obj } of map.entries()) take(obj);
  } else {
    for (const value of fewest.values) fewest.index.each(value, take);
  }
  return selected;
}

function fewestCandidates<T>(
  map: IndexedMap<T>,
  selector: LabelSelector,
  namespace: string | undefined,
): Candidates<T> | undefined {
  let fewest: Candidates<T> | undefined;
  const consider = (index: ValueIndex<T>, values: readonly string[]): void => {
    const count = values.reduce((sum, value) => sum + index.count(value), 0);
    if (fewest === undefined || count < fewest.count) fewest = { index, values, count };
  };
  for (const index of map.indices) {
    if (index.name === namespaceIndex && namespace !== undefined) consider(index, [namespace]);
    if (index.label === undefined) continue;
    for (const requirement of selector.requirements)
      if (requirement.key === index.label && requiresValue(requirement))
        consider(index, [...new Set(requirement.values)]);
  }
  return fewest;
}

/** Whether only objects with one of the requirement's values meet it. */
function requiresValue({ operator }: LabelRequirement): boolean {
  return operator === '=' || operator === '==' || operator === 'in';
}
