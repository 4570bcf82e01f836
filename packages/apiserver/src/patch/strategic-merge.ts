import {
  cloneJson,
  equalJson,
  isObject,
  setMember,
  type JsonObject,
  type JsonValue,
} from '../json.ts';
import { badRequest } from '../status.ts';
import { listShape } from './list-keys.ts';

const DIRECTIVE = '$patch';
const DELETE_FROM = '$deleteFromPrimitiveList/';
const ORDER = '$setElementOrder/';
const RETAIN = '$retainKeys';

/**
 * Applies a strategic merge patch of a built-in type; the target is left alone. Lists with a merge
 * key are merged item by item, `$patch: delete|replace`, `$deleteFromPrimitiveList`,
 * `$setElementOrder` and `$retainKeys` are honoured.
 */
export function applyStrategicMergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  return mergeObject(target, patch, undefined);
}

function mergeObject(target: JsonObject, patch: JsonObject, field: string | undefined): JsonObject {
  if (patch[DIRECTIVE] === 'replace') return withoutDirectives(patch);
  if (patch[DIRECTIVE] === 'delete') return {};
  const result: JsonObject = { ...target };
  const retain = patch[RETAIN];
  if (Array.isArray(retain)) {
    for (const key of Object.keys(result)) if (!retain.includes(key)) delete result[key];
  }
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined || key === DIRECTIVE || key === RETAIN || key.startsWith(ORDER))
      continue;
    if (key.startsWith(DELETE_FROM)) deleteFromPrimitives(result, key, value);
    else if (value === null) delete result[key];
    else setMember(result, key, mergeValue(result[key], value, { parent: field, key }));
  }
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith(ORDER))
      reorder(result, { parent: field, key: key.slice(ORDER.length) }, value);
  }
  return result;
}

interface Position {
  readonly parent: string | undefined;
  readonly key: string;
}

function mergeValue(
  target: JsonValue | undefined,
  patch: JsonValue,
  position: Position,
): JsonValue {
  if (isObject(patch)) {
    return mergeObject(isObject(target) ? target : {}, patch, position.key);
  }
  if (!Array.isArray(patch)) return patch;
  const shape = listShape(position.parent, position.key);
  if (shape.kind === 'atomic') return cloneJson(patch);
  const items = Array.isArray(target) ? target : [];
  if (shape.kind === 'set') {
    return [...items, ...patch.filter((item) => !items.some((held) => equalJson(held, item)))];
  }
  return mergeKeyedList(items, patch, { mergeKey: shape.mergeKey, field: position.key });
}

function mergeKeyedList(
  target: readonly JsonValue[],
  patch: readonly JsonValue[],
  { mergeKey, field }: { mergeKey: string; field: string },
): JsonValue[] {
  if (
    patch.some(
      (item) => isObject(item) && item[DIRECTIVE] === 'replace' && item[mergeKey] === undefined,
    )
  ) {
    return patch.filter((item) => isObject(item) && item[DIRECTIVE] === undefined).map(cloneJson);
  }
  const result = [...target];
  for (const item of patch) {
    if (!isObject(item)) throw badRequest(`the list ${field} takes objects only`);
    const wanted = item[mergeKey];
    if (wanted === undefined) {
      throw badRequest(
        `map: ${JSON.stringify(item)} does not contain declared merge key: ${mergeKey}`,
      );
    }
    const at = result.findIndex((held) => isObject(held) && equalJson(held[mergeKey], wanted));
    const held = result[at];
    if (item[DIRECTIVE] === 'delete') {
      if (at >= 0) result.splice(at, 1);
    } else if (isObject(held)) {
      result[at] = mergeObject(held, item, field);
    } else {
      result.push(mergeObject({}, item, field));
    }
  }
  return result;
}

function deleteFromPrimitives(result: JsonObject, key: string, removed: JsonValue): void {
  const field = key.slice(DELETE_FROM.length);
  const held = result[field];
  if (!Array.isArray(held) || !Array.isArray(removed)) return;
  result[field] = held.filter((item) => !removed.some((gone) => equalJson(gone, item)));
}

function reorder(
  result: JsonObject,
  { parent, key }: Position,
  order: JsonValue | undefined,
): void {
  const held = result[key];
  if (!Array.isArray(held) || !Array.isArray(order)) return;
  const shape = listShape(parent, key);
  const identity = (item: JsonValue | undefined): JsonValue | undefined =>
    shape.kind === 'map' && isObject(item) ? item[shape.mergeKey] : item;
  const rank = (item: JsonValue): number =>
    order.findIndex((entry) => equalJson(identity(entry), identity(item)));
  const ordered = held.filter((item) => rank(item) >= 0).sort((a, b) => rank(a) - rank(b));
  // Items that the order does not name keep their places; the named ones fill the others in order.
  result[key] = held.map((item) => (rank(item) < 0 ? item : (ordered.shift() ?? item)));
}

function withoutDirectives(patch: JsonObject): JsonObject {
  const copy = cloneJson(patch);
  delete copy[DIRECTIVE];
  return copy;
}
