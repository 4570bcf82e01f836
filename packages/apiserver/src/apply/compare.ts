import { equalJson, isObject, type JsonObject, type JsonValue } from '../json.ts';
import { FieldSet } from './field-set.ts';
import { itemsByStep, type Shape } from './shape.ts';

/** What differs between two states. */
export interface Difference {
  /** Fields that are new or have another value. */
  readonly changed: FieldSet;
  readonly removed: FieldSet;
}

/** Compares two states of an object, field by field. */
export function compareFields(
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  shape: Shape,
): Difference {
  const difference = { changed: new FieldSet(), removed: new FieldSet() };
  compare({ before, after, shape, ...difference });
  return difference;
}

interface Place extends Difference {
  readonly before: JsonValue | undefined;
  readonly after: JsonValue | undefined;
  readonly shape: Shape;
}

function compare(place: Place): void {
  const { before, after, shape, changed, removed } = place;
  if (before === after) return;
  if (after === undefined) collect(before, shape, removed, true);
  else if (before === undefined) collect(after, shape, changed, true);
  else if (isObject(before) && isObject(after) && !shape.atomicMap)
    compareMaps(place, before, after);
  else if (Array.isArray(before) && Array.isArray(after)) compareLists(place, before, after);
  else if (!equalJson(before, after)) changed.member = true;
}

function compareMaps(place: Place, before: JsonObject, after: JsonObject): void {
  for (const key of Object.keys(before)) compareMember(place, key, [before[key], after[key]]);
  for (const key of Object.keys(after)) {
    if (before[key] === undefined) compareMember(place, key, [undefined, after[key]]);
  }
}

type Values = readonly [before: JsonValue | undefined, after: JsonValue | undefined];

function compareMember(place: Place, key: string, [before, after]: Values): void {
  // Equal members are passed over first, since making places for them costs more than looking.
  if (equalJson(before, after)) return;
  compare({
    before,
    after,
    shape: place.shape.field(key),
    changed: place.changed.at(`f:${key}`),
    removed: place.removed.at(`f:${key}`),
  });
}

function compareLists(place: Place, before: JsonValue[], after: JsonValue[]): void {
  const { shape, changed, removed } = place;
  const held = itemsByStep(before, shape);
  const next = itemsByStep(after, shape);
  if (held === undefined || next === undefined) {
    if (!equalJson(before, after)) changed.member = true;
    return;
  }
  for (const step of new Set([...held.keys(), ...next.keys()])) {
    compare({
      before: held.get(step),
      after: next.get(step),
      shape: shape.item(),
      changed: changed.at(step),
      removed: removed.at(step),
    });
  }
}

/** The fields of one state, as the owner of an applied configuration owns them. */
export function fieldsOf(value: JsonValue, shape: Shape): FieldSet {
  const set = new FieldSet();
  collect(value, shape, set, false);
  set.member = false; // the object itself is nobody's field
  return set;
}

/** @param parents - whether maps and items that came or went as a whole count as fields too */
function collect(
  value: JsonValue | undefined,
  shape: Shape,
  set: FieldSet,
  parents: boolean,
): void {
  if (value === undefined) return;
  if (isObject(value) && !shape.atomicMap) {
    const keys = Object.keys(value);
    if (keys.length === 0 || (parents && !shape.isStruct)) set.member = true;
    for (const key of keys) collect(value[key], shape.field(key), set.at(`f:${key}`), parents);
    return;
  }
  const items = Array.isArray(value) ? itemsByStep(value, shape) : undefined;
  if (items === undefined) {
    set.member = true;
    return;
  }
  if ((parents && !shape.isStruct) || items.size === 0) set.member = true;
  for (const [step, item] of items) {
    const child = set.at(step);
    collect(item, shape.item(), child, parents);
    child.member = true;
  }
}
