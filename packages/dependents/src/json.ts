import { createHash } from 'node:crypto';

/** A JSON object, as far as it is known. */
export type JsonMembers = Readonly<Record<string, unknown>>;

/** Whether a value is an object with members: neither a list nor `null`. */
export function isMembers(value: unknown): value is JsonMembers {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The JSON of a value with its members in order, so that equal values have equal texts. Members that are `undefined` stay out. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`;
  if (!isMembers(value)) return JSON.stringify(value) ?? 'null';
  const members = Object.keys(value)
    .filter((name) => value[name] !== undefined)
    .toSorted()
    .map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name])}`);
  return `{${members.join()}}`;
}

/** A short text that stands for a value: equal values have equal digests. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('base64url');
}
