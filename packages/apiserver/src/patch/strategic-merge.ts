import {
  arrayAt,
  cloneJson,
  equalJson,
  isObject,
  setMember,
  type JsonObject,
  type JsonValue,
} from '../json.ts';
import { badRequest, unreasoned } from '../status.ts';
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
  for (const key of Object.keys(result)) {
    const order = patch[ORDER + key] ?? patch[key];
    if (Array.isArray(order))
      reorder(result, { parent: field, key, before: arrayAt(target, key) }, order);
  }
  return result;
}

interface OrderPosition extends Position {
  readonly before: JsonValue[];
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
      throw unreasoned(
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

/**
 * Puts a merged list in order: items that the patch (or its `$setElementOrder`) names come in its
 * order, the others keep theirs; among each other, both go by the old order, new items first.
 */
function reorder(
  result: JsonObject,
  { parent, key, before }: OrderPosition,
  order: JsonValue[],
): void {
  const merged = result[key];
  const shape = listShape(parent, key);
  if (!Array.isArray(merged) || shape.kind !== 'map') return;
  const identity = (item: JsonValue): JsonValue | undefined =>
    isObject(item) ? item[shape.mergeKey] : item;
  const rankIn =
    (list: JsonValue[]) =>
    (item: JsonValue): number =>
      list.findIndex((entry) => equalJson(identity(entry), identity(item)));
  const patchRank = rankIn(order);
  const oldRank = rankIn(before);
  const named = merged.filter((item) => patchRank(item) >= 0);
  named.sort((left, right) => patchRank(left) - patchRank(right));
  const others = merged.filter((item) => patchRank(item) < 0);
  const ordered: JsonValue[] = [];
  for (const item of others) {
    while (named[0] !== undefined && oldRank(named[0]) < oldRank(item)) {
      ordered.push(...named.splice(0, 1));
    }
    ordered.push(item);
  }
  result[key] = [...ordered, ...named];
}

function withoutDirectives(patch: JsonObject): JsonObject {
  const copy = cloneJson(patch);
  delete copy[DIRECTIVE];
  return copy;
}
