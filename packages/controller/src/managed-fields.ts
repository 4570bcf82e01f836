/** A map of JSON. */
export type JsonMap = Readonly<Record<string, unknown>>;

/**
 * A set of fields as `FieldsV1` writes it: `f:name` is a member, `k:{…}` an item of a list by its keys, `v:…` an item of
 * a set by its value, `i:…` one by its place, and `.` the thing itself (structured-merge-diff, `fieldpath/serialize-pe.go`).
 */
export type FieldTree = JsonMap;

/** Whether a value is a map. */
export function isJsonMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The steps below a node, without the node itself. */
export function fieldsBelow(tree: FieldTree): readonly (readonly [string, FieldTree])[] {
  return Object.entries(tree).flatMap(([step, child]) =>
    step !== '.' && isJsonMap(child) ? [[step, child] as const] : [],
  );
}

/** Whether an item of a list is the one that a step means. */
export function matchesStep(item: unknown, index: number, step: string): boolean {
  if (step.startsWith('i:')) return step === `i:${index}`;
  if (step.startsWith('v:')) return isSameJson(item, parse(step));
  if (!step.startsWith('k:') || !isJsonMap(item)) return false;
  return Object.entries(keysOf(step)).every(([key, value]) => isSameJson(item[key], value));
}

/** The keys by which a step finds an item of a list. */
export function keysOf(step: string): JsonMap {
  const keys = step.startsWith('k:') ? parse(step) : undefined;
  return isJsonMap(keys) ? keys : {};
}

/** What is behind the two letters of a step. */
function parse(step: string): unknown {
  try {
    return JSON.parse(step.slice(2));
  } catch {
    return undefined;
  }
}

/** Keys and items of sets are scalars, or now and then maps whose members may come in any order. */
function isSameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (!isJsonMap(a) || !isJsonMap(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length && names.every((name) => isSameJson(a[name], b[name]))
  );
}
