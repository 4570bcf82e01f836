import { isSameQuantity } from './quantity.ts';

/** Members that are maps of texts in every kind of Kubernetes: their keys mean nothing here. */
const textMaps: ReadonlySet<string> = new Set([
  'annotations',
  'binaryData',
  'data',
  'labels',
  'matchLabels',
  'nodeSelector',
  'parameters',
  'stringData',
]);

/** Members that are maps of quantities. */
const quantityMaps: ReadonlySet<string> = new Set([
  'allocatable',
  'capacity',
  'hard',
  'limits',
  'requests',
  'used',
]);

/** The groups with a dot whose kinds are Go types of an API server, and no custom resources. */
const builtInGroups: ReadonlySet<string> = new Set(
  [
    'admissionregistration',
    'certificates',
    'coordination',
    'discovery',
    'events',
    'flowcontrol.apiserver',
    'networking',
    'node',
    'rbac.authorization',
    'resource',
    'scheduling',
    'storage',
  ].map((group) => `${group}.k8s.io`),
);

/** Whether an API server keeps the objects of a group as Go types, to which an empty list is none. */
export function isBuiltInGroup(group: string): boolean {
  return !group.includes('.') || builtInGroups.has(group);
}

/**
 * Whether two objects mean the same to an API server, as `equality.Semantic.DeepEqual` of apimachinery. What is
 * `undefined` is not there. In the built-in kinds, and in `metadata` of all, empty lists, `null` and empty maps of texts
 * or quantities are not there either, and quantities of the same amount are equal; in custom resources these are differences,
 * since an API server stores them.
 */
export function isSemanticallyEqual(a: object, b: object, isBuiltIn: boolean): boolean {
  const pairs = pairsOf(a, b);
  return pairs.every(([key, x, y]) => isEqual(x, y, key, isBuiltIn || key === 'metadata'));
}

function isEqual(a: unknown, b: unknown, key: string, isBuiltIn: boolean): boolean {
  if (a === b) return true;
  if (!isBuiltIn && (a === null || b === null)) return false;
  const empty = isBuiltIn ? isEmpty : isAbsent;
  if (empty(a, key) && empty(b, key)) return true;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item: unknown, index) => isEqual(item, b[index], '', isBuiltIn));
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const pairs = pairsOf(a, b);
  if (isBuiltIn && textMaps.has(key)) return pairs.every(([, x, y]) => isSameText(x, y));
  if (isBuiltIn && quantityMaps.has(key) && pairs.every(([, x, y]) => isSameAmount(x, y)))
    return true;
  return pairs.every(([name, x, y]) => isEqual(x, y, name, isBuiltIn));
}

/** Maps of these names hold texts, but some other thing may have the name too. */
function isSameText(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === 'object' && typeof b === 'object' && isEqual(a, b, '', true));
}

function isSameAmount(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  return isScalar(a) && isScalar(b) && isSameQuantity(a, b);
}

function isScalar(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

function isAbsent(value: unknown): boolean {
  return value === undefined;
}

function isEmpty(value: unknown, key: string): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value !== 'object') return false;
  if (Array.isArray(value)) return value.length === 0;
  return (textMaps.has(key) || quantityMaps.has(key)) && Object.keys(value).length === 0;
}

/** The members of both, each once, with both values. */
function pairsOf(a: object, b: object): readonly [string, unknown, unknown][] {
  // Members are looked at as unknown.
  const [x, y] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = new Set([...Object.keys(x), ...Object.keys(y)]);
  return [...keys].map((key) => [key, own(x, key), own(y, key)]);
}

function own(object: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
