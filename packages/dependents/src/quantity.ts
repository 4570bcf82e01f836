import { isSameQuantity } from '@kubeloop/controller';

/** Members whose members are amounts, such as `resources.limits.cpu`. */
const amountMaps: ReadonlySet<string> = new Set([
  'limits',
  'requests',
  'capacity',
  'allocatable',
  'hard',
  'overhead',
]);

/** Amounts that stand alone, and the member around them. */
const amounts: ReadonlyMap<string, string> = new Map([
  ['sizeLimit', 'emptyDir'],
  ['divisor', 'resourceFieldRef'],
]);

/**
 * Whether two values are the same amount, at a place where an API server keeps amounts: it writes `1000m` as `1`. Everywhere
 * else texts are equal or not.
 *
 * @param place - the names of the members that lead to the value
 */
export function isSameQuantityAt(place: readonly string[], left: unknown, right: unknown): boolean {
  const [around, name] = place.slice(-2);
  if (around === undefined || name === undefined) return false;
  if (!amountMaps.has(around) && amounts.get(name) !== around) return false;
  return isAmount(left) && isAmount(right) && isSameQuantity(left, right);
}

function isAmount(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}
