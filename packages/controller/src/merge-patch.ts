/**
 * The JSON merge patch (RFC 7386) that makes `after` of `before`; `undefined` when there is nothing to change. Members
 * that are `undefined` are not there, lists are replaced whole, and a member that went becomes `null`.
 */
export function mergePatch(before: unknown, after: unknown): unknown {
  if (!isRecord(before) || !isRecord(after)) return isSameJson(before, after) ? undefined : after;
  const patch: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [old, value] = [own(before, key), own(after, key)];
    const change = value === undefined ? gone(old) : mergePatch(old, value);
    // A key such as "__proto__" is a member like any other.
    if (change !== undefined)
      Object.defineProperty(patch, key, { value: change, enumerable: true, configurable: true });
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}

function own(record: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** What removes a value; nothing when there is none. */
function gone(before: unknown): null | undefined {
  return before === undefined ? undefined : null;
}

function isSameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => isSameJson(item, b[index]));
  return isRecord(a) && isRecord(b) && mergePatch(a, b) === undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
