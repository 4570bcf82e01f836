import { cloneJson, isObject, setMember, type JsonObject, type JsonValue } from '../json.ts';
import type { FieldSet } from './field-set.ts';
import { itemStep, itemsByStep, type Shape } from './shape.ts';

/** Lays an applied configuration over the live state; neither is changed. */
export function mergeFields(
  live: JsonValue | undefined,
  config: JsonValue,
  shape: Shape,
): JsonValue {
  if (isObject(config) && isObject(live) && !shape.atomicMap) {
    const result: JsonObject = { ...live };
    for (const [key, value] of Object.entries(config)) {
      if (value !== undefined)
        setMember(result, key, mergeFields(live[key], value, shape.field(key)));
    }
    return result;
  }
  if (!Array.isArray(config) || !Array.isArray(live)) return cloneJson(config);
  const held = itemsByStep(live, shape);
  const wanted = itemsByStep(config, shape);
  if (held === undefined || wanted === undefined) return cloneJson(config);
  for (const [step, item] of wanted)
    held.set(step, mergeFields(held.get(step), item, shape.item()));
  return [...held.values()];
}

/** What {@link pruneFields} removes and keeps at one place. */
export interface Pruning {
  /** Fields that their owner no longer wants. */
  readonly dropped: FieldSet;
  /** Fields that someone still owns. */
  readonly kept: FieldSet | undefined;
}

/**
 * Removes dropped fields that nobody else owns; the value is not changed.
 *
 * @returns the rest, or `undefined` when nothing is left
 */
export function pruneFields(
  value: JsonValue,
  shape: Shape,
  pruning: Pruning,
): JsonValue | undefined {
  const { dropped, kept } = pruning;
  if (dropped.member && kept?.isEmpty !== false) return undefined;
  if (isObject(value) && !shape.atomicMap) return pruneMap(value, shape, pruning);
  if (Array.isArray(value) && shape.list.kind !== 'atomic') return pruneList(value, shape, pruning);
  return value;
}

function pruneMap(
  value: JsonObject,
  shape: Shape,
  { dropped, kept }: Pruning,
): JsonValue | undefined {
  const result: JsonObject = {};
  let removed = false;
  for (const [key, member] of Object.entries(value)) {
    const child = dropped.children.get(`f:${key}`);
    if (child === undefined || member === undefined) {
      setMember(result, key, member);
      continue;
    }
    const rest = pruneFields(member, shape.field(key), {
      dropped: child,
      kept: kept?.children.get(`f:${key}`),
    });
    if (rest === undefined) removed = true;
    else setMember(result, key, rest);
  }
  if (removed && Object.keys(result).length === 0 && kept?.isEmpty !== false) return undefined;
  return result;
}

function pruneList(
  value: JsonValue[],
  shape: Shape,
  { dropped, kept }: Pruning,
): JsonValue | undefined {
  const result: JsonValue[] = [];
  for (const item of value) {
    const step = itemStep(item, shape.list, shape);
    const child = step === undefined ? undefined : dropped.children.get(step);
    if (child === undefined || step === undefined) {
      result.push(item);
      continue;
    }
    const owned = kept?.children.get(step);
    const rest = pruneFields(item, shape.item(), { dropped: child, kept: owned });
    if (rest !== undefined) result.push(keepKeys(item, rest, shape));
  }
  return result.length === 0 && value.length > 0 && kept?.isEmpty !== false ? undefined : result;
}

/** An item that stays for the sake of others keeps the members that name it. */
function keepKeys(item: JsonValue, rest: JsonValue, shape: Shape): JsonValue {
  const { list } = shape;
  if (list.kind !== 'map' || !isObject(item) || !isObject(rest)) return rest;
  const keys = Object.fromEntries(list.keys.map((key) => [key, item[key]]));
  return { ...keys, ...rest };
}
