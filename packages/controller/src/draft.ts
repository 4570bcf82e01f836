/** A type in which everything can be written, however deep: what a cached object is not. */
export type Draft<T> = 0 extends 1 & T
  ? T
  : T extends readonly (infer Item)[]
    ? Draft<Item>[]
    : T extends object
      ? { -readonly [K in keyof T]: Draft<T[K]> }
      : T;

/**
 * A deep copy of an object as it is on the wire, which may be changed: the original may be frozen, shared with others, or
 * not decoded yet, and stays as it is.
 */
export function draftOf<T>(value: T): Draft<T> {
  // A copy has the members of the original, and none of them is read-only.
  return copy(value) as Draft<T>;
}

function copy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copy);
  if (value instanceof Date) return new Date(value);
  const members = Object.entries(value).map(([key, member]) => [key, copy(member)] as const);
  return Object.fromEntries(members);
}
