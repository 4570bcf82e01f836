/**
 * Reads a field of an object as text: an own property of the whole name (`{ 'spec.nodeName': 'a' }`), or else the value
 * at the dotted path (`{ spec: { nodeName: 'a' } }`).
 *
 * Absent values, null, lists and objects read as "". Only own properties are followed, so no path leaves the data.
 */
export function fieldValue(target: object, path: string): string {
  if (Object.hasOwn(target, path)) {
    return asText(ownValue(target, path));
  }
  let value: unknown = target;
  for (const part of path.split('.')) {
    if (typeof value !== 'object' || value === null) {
      return '';
    }
    value = ownValue(value, part);
  }
  return asText(value);
}

function ownValue(target: object, name: string): unknown {
  // An object can be read by any name; what is not its own is refused here.
  return Object.hasOwn(target, name) ? (target as Record<string, unknown>)[name] : undefined;
}

function asText(value: unknown): string {
  if (typeof value === 'string') {
    return value;
  }
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}
