import { cloneJson, isObject, setMember, type JsonObject, type JsonValue } from '../json.ts';

/** Applies a JSON merge patch (RFC 7386); the target is left alone. */
export function applyMergePatch(target: JsonValue | undefined, patch: JsonValue): JsonValue {
  if (!isObject(patch)) return cloneJson(patch);
  const result: JsonObject = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null || value === undefined) delete result[key];
    else setMember(result, key, applyMergePatch(result[key], value));
  }
  return result;
}
