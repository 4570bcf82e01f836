import { isObject, stringAt, type JsonObject, type JsonValue } from '../json.ts';
import { FieldSet, sameFields } from './field-set.ts';

/** Who owns which fields. */
export interface Manager {
  readonly name: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string;
  readonly time: string;
  readonly fields: FieldSet;
}

/** Whether two entries belong to one owner; an applier is the same in every version. */
export function sameManager(left: Manager, right: Manager): boolean {
  return (
    left.name === right.name &&
    left.operation === right.operation &&
    left.subresource === right.subresource &&
    (left.operation === 'Apply' || left.apiVersion === right.apiVersion)
  );
}

const decoded = new WeakMap<readonly JsonValue[], readonly Manager[]>();

/** Reads `managedFields`. */
export function decodeManagers(
  managedFields: readonly JsonValue[] | undefined,
): readonly Manager[] {
  if (managedFields === undefined) return [];
  let managers = decoded.get(managedFields);
  if (managers === undefined) {
    managers = managedFields.filter(isObject).map((entry) => ({
      name: stringAt(entry, 'manager'),
      operation: entry['operation'] === 'Apply' ? ('Apply' as const) : ('Update' as const),
      apiVersion: stringAt(entry, 'apiVersion'),
      subresource: stringAt(entry, 'subresource'),
      time: stringAt(entry, 'time'),
      fields: FieldSet.parse(entry['fieldsV1']),
    }));
    decoded.set(managedFields, managers);
  }
  return managers;
}

/**
 * Writes `managedFields`; `undefined` when nobody owns anything. An owner whose fields are the same
 * as in `old` keeps its time, and when that holds for all of them the outcome is `old` itself.
 */
export function encodeManagers(
  managers: readonly Manager[],
  old: JsonValue[] | undefined,
): JsonValue[] | undefined {
  const before = decodeManagers(old);
  const kept = managers
    .filter((manager) => !manager.fields.isEmpty)
    .map((manager) => {
      const held = before.find((other) => sameManager(other, manager));
      if (held === undefined || !sameFields(held.fields, manager.fields)) return manager;
      return held.apiVersion === manager.apiVersion ? held : { ...manager, time: held.time };
    })
    .sort(order);
  if (kept.length === 0) return undefined;
  if (kept.length === before.length && kept.every((manager, index) => manager === before[index])) {
    return old;
  }
  const encoded = kept.map(encode);
  decoded.set(encoded, kept);
  return encoded;
}

function order(left: Manager, right: Manager): number {
  const key = (manager: Manager): string =>
    [manager.operation, manager.time, manager.name, manager.subresource].join('\0');
  return key(left) < key(right) ? -1 : 1;
}

const entries = new WeakMap<Manager, JsonObject>();

function encode(manager: Manager): JsonObject {
  let entry = entries.get(manager);
  if (entry === undefined) {
    entry = entryOf(manager);
    entries.set(manager, entry);
  }
  return entry;
}

function entryOf(manager: Manager): JsonObject {
  return {
    manager: manager.name,
    operation: manager.operation,
    apiVersion: manager.apiVersion,
    time: manager.time,
    fieldsType: 'FieldsV1',
    fieldsV1: manager.fields.toJson(),
    ...(manager.subresource === '' ? {} : { subresource: manager.subresource }),
  };
}
